import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pushBaseImage } from '../rig/base-image.ts'
import type { Rig } from '../rig/index.ts'
import { type Digest, parseDigest } from '../src/release/index.ts'
import { passed, step } from '../testkit/workflows/index.ts'
import { makeSite, type Site } from './site.ts'

/** With a real builder and a database in every environment. */
export interface RigSite extends Site {
  /** Inputs of build-image beside the commit. */
  readonly build: Readonly<Record<string, string>>
}

const databaseEnv = (environment: string) => `DATABASE_URL_${environment.toUpperCase().replaceAll('-', '_')}`

export async function rigSite(rig: Rig, say: (line: string) => void): Promise<RigSite> {
  const build = { builder: 'buildah', 'build-args': `NODE_IMAGE=${pushBaseImage(rig.registryHost)}` }
  const site = await makeSite(
    rig,
    {
      name: 'site',
      // Seconds for minutes: requests come fast enough here that the evidence is there by then.
      pace: { holds: { 5: '5s', 25: '3s', 50: '3s' }, bake: '5s', bakeRequests: 1000 },
      databaseEnv,
      requestsPerSecond: (environment) => (environment === 'staging' ? 50 : 5000),
      async env({ environments }, dir) {
        const env: Record<string, string> = {
          CONTAINERS_REGISTRIES_CONF: plainHttp(rig.registryHost, join(dir, 'registries.conf')),
        }
        for (const name of Object.keys(environments))
          env[databaseEnv(name)] = await rig.database(`site_${name.replaceAll('-', '_')}`)
        return env
      },
      async digest(place, commit) {
        const { outputs } = passed('build', await step(place, 'build-image', { commit, ...build }))
        return digestOf(outputs.digest)
      },
    },
    say,
  )
  return { ...site, build }
}

/** The base image is pulled by the builder itself, which takes a registry without TLS only from this file. */
function plainHttp(registry: string, file: string): string {
  writeFileSync(file, `[[registry]]\nlocation = "${registry}"\ninsecure = true\n`)
  return file
}

function digestOf(text = ''): Digest {
  const digest = parseDigest(text)
  if (digest === undefined) throw new Error(`build-image answered no digest: "${text}"`)
  return digest
}

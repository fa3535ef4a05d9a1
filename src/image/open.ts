import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Clock, Exec, Fetch } from '../release/index.ts'
import { type Registry, registryClient } from './registry/client.ts'
import { dockerCredentials } from './registry/docker-config.ts'

/** A registry with the login of Docker's configuration, where every login action leaves what it has. */
export async function openRegistry(ports: {
  readonly env: Readonly<Record<string, string>>
  readonly exec: Exec
  readonly fetch: Fetch
  readonly clock: Clock
  mask(secret: string): void
}): Promise<Registry> {
  const { env, exec, fetch, clock, mask } = ports
  const folder = env.DOCKER_CONFIG ?? path.join(env.HOME ?? '.', '.docker')
  const config = await readFile(path.join(folder, 'config.json'), 'utf8').catch(() => undefined)
  const credentials = dockerCredentials({ config, exec, env, mask: (secret) => mask(secret) })
  return registryClient({ fetch, clock, credentials })
}

import { ask } from '../programs.ts'
import { type Builder, type BuildJob, runLogged } from './builder.ts'

/** BuildKit through `docker buildx`. */
export const buildx: Builder = {
  name: 'buildx',
  async probe(programs) {
    const version = await ask(programs, 'docker', ['buildx', 'version'])
    if (version?.code !== 0) return { why: 'docker buildx is not installed' }
    const builder = await ask(programs, 'docker', ['buildx', 'inspect'])
    if (builder?.code !== 0) return { why: 'no builder of docker buildx answers' }
    // The driver built into the daemon cannot write an OCI layout unless it has the containerd image store.
    if (/^Driver:\s*docker$/m.test(builder.stdout)) {
      return {
        why: 'the current builder of docker buildx has the driver "docker", which writes no OCI layout',
      }
    }
    return { version: version.stdout.trim() }
  },
  build(programs, job, logger) {
    return runLogged(programs, ['docker', ...buildxArguments(job)], {
      timeoutMs: job.boundMs,
      logger,
      env: { SOURCE_DATE_EPOCH: String(Math.floor(job.created.getTime() / 1000)) },
    })
  },
}

export function buildxArguments(job: BuildJob): readonly string[] {
  return [
    ...['buildx', 'build', '--progress', 'plain'],
    // An attestation inside the image index would change the digest with every build.
    ...['--provenance', 'false', '--sbom', 'false'],
    ...Object.entries(job.labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ...job.buildArgs.flatMap((argument) => ['--build-arg', argument]),
    ...job.secrets.flatMap(({ id, env }) => ['--secret', `id=${id},env=${env}`]),
    ...(job.platforms.length === 0 ? [] : ['--platform', job.platforms.join(',')]),
    ...['--file', job.dockerfile],
    ...['--output', `type=oci,tar=false,dest=${job.layoutDir},rewrite-timestamp=true`],
    job.context,
  ]
}

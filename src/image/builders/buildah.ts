import { readFile } from 'node:fs/promises'
import { ask } from '../programs.ts'
import { type BuildEnd, type Builder, type BuildJob, runLogged } from './builder.ts'

/** buildah and podman are one program with two names where building is concerned. */
export function buildahLike(name: 'buildah' | 'podman'): Builder {
  return {
    name,
    async probe(programs) {
      const answer = await ask(programs, name, ['--version'])
      if (answer?.code !== 0) return { why: `${name} is not installed` }
      return { version: answer.stdout.trim() }
    },
    async build(programs, job, logger) {
      const options = { timeoutMs: job.boundMs, logger }
      const several = job.platforms.length > 1
      const built = await runLogged(programs, [name, ...buildArguments(job)], options)
      if (built.code !== 0) return built
      const target = `oci:${job.layoutDir}`
      if (!several) {
        const image = (await readFile(idFile(job), 'utf8')).trim()
        return joined(built, await runLogged(programs, [name, 'push', '--quiet', image, target], options))
      }
      const push = ['manifest', 'push', '--all', '--quiet', job.name, target]
      const pushed = await runLogged(programs, [name, ...push], options)
      await ask(programs, name, ['manifest', 'rm', job.name])
      return joined(built, pushed)
    },
  }
}

/** Without a name the image stays in the store as a cache of its steps, and names do not pile up. */
export function buildArguments(job: BuildJob): readonly string[] {
  const { created, labels, buildArgs, secrets, platforms } = job
  return [
    'build',
    // A runner has no right to make namespaces; chroot needs none.
    ...['--isolation', 'chroot', '--layers', '--format', 'oci'],
    // Otherwise the image names its builder's version, and changes with it.
    '--identity-label=false',
    ...['--timestamp', String(Math.floor(created.getTime() / 1000))],
    ...Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ...buildArgs.flatMap((argument) => ['--build-arg', argument]),
    ...secrets.flatMap(({ id, env }) => ['--secret', `id=${id},env=${env}`]),
    ...(platforms.length === 0 ? [] : ['--platform', platforms.join(',')]),
    ...['--file', job.dockerfile],
    ...(platforms.length > 1 ? ['--manifest', job.name] : ['--iidfile', idFile(job)]),
    job.context,
  ]
}

function idFile(job: BuildJob): string {
  return `${job.layoutDir}.id`
}

function joined(first: BuildEnd, second: BuildEnd): BuildEnd {
  return { ...second, lines: [...first.lines, ...second.lines] }
}

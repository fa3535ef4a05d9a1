import { err, type Logger, ok, type Result } from '../../release/index.ts'
import { user } from '../faults.ts'
import type { Programs } from '../programs.ts'
import { buildahLike } from './buildah.ts'
import type { Builder, BuilderName } from './builder.ts'
import { buildx } from './buildx.ts'

/** In the order in which they are looked for. */
const builders: readonly Builder[] = [buildx, buildahLike('buildah'), buildahLike('podman')]

/** The builder that was asked for, or the first that works here; says which, and why not the others. */
export async function chooseBuilder(
  programs: Programs,
  wanted: BuilderName | 'auto',
  logger: Logger,
): Promise<Result<Builder>> {
  const reasons: string[] = []
  for (const builder of builders) {
    if (wanted !== 'auto' && builder.name !== wanted) continue
    const answer = await builder.probe(programs)
    if ('version' in answer) {
      const others = reasons.length === 0 ? '' : ` (${reasons.join('; ')})`
      const asked = wanted === 'auto' ? 'found' : 'asked for'
      logger.info(`Builder: ${builder.name}, ${asked}: ${answer.version}${others}`)
      return ok(builder)
    }
    reasons.push(answer.why)
  }
  return err(
    user('builder-missing', `No builder can be used: ${reasons.join('; ')}.`, {
      likely:
        wanted === 'auto'
          ? 'The runner has no program that builds images.'
          : 'The runner has not the one that was asked for.',
      next: 'Use docker/setup-buildx-action before this step, install buildah, or hand over an OCI layout that another tool built.',
    }),
  )
}

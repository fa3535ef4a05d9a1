import { type Config, policyFiles } from '../config/index.ts'
import { type CommitSha, err, type Fault, ok, type Result } from '../release/index.ts'
import type { PolicySource } from './source.ts'

/**
 * Who may release by a policy must not be able to bend it with the very change that is released. A change of the
 * policy alone is a policy change, and in order; together with anything else it is refused.
 */
export async function editedWithRelease(
  source: PolicySource,
  change: {
    readonly base: CommitSha
    readonly head: CommitSha
    readonly config: Config
    readonly file: string
  },
  signal: AbortSignal,
): Promise<Result<'untouched' | 'policy-only'>> {
  const { base, head, config, file } = change
  const changed = await source.changed(base, head, signal)
  if (!changed.ok) return changed
  const policy = policyFiles(config, file)
  const touched = changed.value.filter((path) => policy.includes(path))
  if (touched.length === 0) return ok('untouched')
  const others = changed.value.filter((path) => !policy.includes(path))
  return others.length === 0 ? ok('policy-only') : err(edited(touched, others, head))
}

function edited(touched: readonly string[], others: readonly string[], head: CommitSha): Fault {
  const [first = ''] = touched
  return {
    blame: 'user',
    reason: 'policy-edited',
    cause: `${head.slice(0, 12)} changes ${touched.join(', ')} together with ${others.length} other files (${others[0]}).`,
    likely: 'The window was widened so that this very change may go out.',
    next: 'Merge the change of the policy by itself first, then release the rest.',
    at: { file: first },
  }
}

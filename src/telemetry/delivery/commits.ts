import type { Exec } from '../../release/index.ts'
import type { CommitTimes } from './figures.ts'
import type { TrainRecord } from './trains.ts'

export interface CommitsRequest {
  readonly exec: Exec
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Clone of the service's repository. */
  readonly folder: string
}

/**
 * When the commits of each train came onto the branch (committer's date), from the clone of the service. A train whose
 * commits are not there, as in a shallow clone, has no entry: its lead time is not known, not zero.
 */
export async function commitTimes(
  trains: readonly TrainRecord[],
  { exec, env, signal, folder }: CommitsRequest,
): Promise<CommitTimes> {
  const found = new Map<string, readonly Date[]>()
  let before: string | undefined
  for (const { release, sourceSha } of trains) {
    // Of the first train that is known, only the commit itself: what came with it is not.
    const range = before === undefined ? ['-1', sourceSha] : [`${before}..${sourceSha}`]
    const args = ['-C', folder, 'log', '--format=%ct', ...range, '--']
    const answer = await exec('git', args, { env, signal, timeoutMs: 10_000 })
    if (answer.code === 0) {
      const seconds = answer.stdout.split('\n').filter((line) => /^\d+$/.test(line))
      found.set(
        release,
        seconds.map((text) => new Date(Number(text) * 1000)),
      )
    }
    before = sourceSha
  }
  return found
}

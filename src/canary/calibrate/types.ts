/** What every pod answered in one block, by metric, one tally per cut: the history that placebo runs replay. */
export type PodBlock = Readonly<Record<string, Readonly<Record<string, readonly Tally[]>>>>

export interface Tally {
  readonly n: number
  readonly e: number
}

import type { Flaw } from '../flaws.ts'
import type { LineMap } from '../match/lines.ts'
import { matchFindings } from '../match/match.ts'
import type { BaselineRun } from './baseline.ts'

/**
 * A committed baseline only gets shorter: what a change adds to it would be a finding that it excuses without reason,
 * owner and end. Entries that moved with their file are the old ones.
 */
export function grownFlaws(
  reviewed: readonly BaselineRun[],
  proposed: readonly BaselineRun[],
  lines: LineMap,
): readonly Flaw[] {
  const added = [...matchFindings(proposed, reviewed, lines).values()].filter(
    ({ newness }) => newness !== 'known',
  )
  const [first] = added
  if (first === undefined) return []
  const { rule, location } = first.finding
  const others = added.length === 1 ? '' : ` and ${added.length - 1} more`
  return [
    {
      code: 'baseline-grown',
      about: 'baseline',
      says: `This change adds ${rule} in ${location?.file ?? 'no file'}${others} to the committed baseline.`,
      next: 'Correct the finding, or suppress it with reason, owner and end in the policy on the target branch.',
    },
  ]
}

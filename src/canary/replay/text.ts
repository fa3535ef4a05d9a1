import type { Fault } from '../../release/index.ts'
import type { PolicyOptions } from '../policy.ts'
import { parseReplayLine, unreadableLine, withThresholds } from './file.ts'
import { type ReplayVerdict, replay, replayByBlock, unjudged } from './replay.ts'

export interface ReplayedText {
  /** One for each rollout of the text, in its order. */
  readonly rollouts: readonly ReplayVerdict[]
  /** The first line that is no rollout. */
  readonly invalid?: Fault
  readonly summary: readonly { readonly title: string; readonly body: string }[]
}

/** All rollouts of a text of JSON lines; `eachBlock` hears the verdict after every block. */
export function replayText(
  text: string,
  file: string,
  options: {
    readonly calibration: PolicyOptions['calibration']
    readonly eachBlock: (verdict: ReplayVerdict) => void
  },
): ReplayedText {
  const rollouts: ReplayVerdict[] = []
  let invalid: Fault | undefined
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const parsed = parseReplayLine(line, at + 1, file)
    if (!parsed.ok) {
      invalid ??= parsed.fault
      rollouts.push(unjudged(unreadableLine(line, at + 1), parsed.fault.cause))
      continue
    }
    const each = withThresholds(parsed.value, options.calibration)
    for (const verdict of replayByBlock(each)) options.eachBlock(verdict)
    rollouts.push(replay(each))
  }
  if (rollouts.length === 0) invalid = empty(file)
  return { rollouts, summary: [summaryOf(rollouts)], ...(invalid === undefined ? {} : { invalid }) }
}

function summaryOf(rollouts: readonly ReplayVerdict[]) {
  const rows = rollouts.map(
    ({ id, verdict, reasonCode, seconds, evidence }) =>
      `| ${id ?? '-'} | ${verdict} | ${reasonCode} | ${seconds} | ${evidence.why.replaceAll('|', '\\|')} |`,
  )
  const body = ['| rollout | verdict | reason | s | why |', '|---|---|---|---|---|', ...rows].join('\n')
  return { title: 'What the gate would have said', body }
}

function empty(file: string): Fault {
  return {
    blame: 'user',
    reason: 'canary-replay-invalid',
    cause: `${file} has no rollout: it is empty.`,
    next: 'Write one JSON object a line; docs/canary.md shows the fields.',
  }
}

import { type FailingRuns, findAlarm, stepFailing, stepLimits } from './alarm.ts'
import { type EvidenceState, readEvidence, startEvidence, stepEvidence } from './evidence.ts'
import { lonePod, podTotals, withoutPod } from './pods.ts'
import type { Alarm, Block, History, JudgePolicy, Look } from './types.ts'

/**
 * Everything the judge knows after some blocks. It is rebuilt from the first block on every look, so a job that
 * died, or a sample that came late, changes nothing.
 */
interface Fold {
  readonly evidence: EvidenceState
  readonly failing: FailingRuns
  readonly limits: FailingRuns
}

const START: Fold = { evidence: startEvidence, failing: {}, limits: {} }

function step(fold: Fold, block: Block, policy: JudgePolicy, history: History): Fold {
  return {
    evidence: stepEvidence(fold.evidence, block, policy, history),
    failing: stepFailing(fold.failing, block, policy),
    limits: stepLimits(fold.limits, block, policy),
  }
}

function alarmOf(
  fold: Fold,
  block: number,
  policy: JudgePolicy,
  history: History,
): { ln: number; alarm?: Alarm; look: Look } {
  const evidence = readEvidence(fold.evidence, policy, history)
  const alarm = findAlarm(block, evidence, fold.evidence, fold.failing, fold.limits, policy)
  const look: Look = { block, ln: evidence.ln, limit: Math.log(1 / policy.alpha), metrics: evidence.metrics }
  return { ln: evidence.ln, look, ...(alarm === undefined ? {} : { alarm }) }
}

/**
 * One look after each block, in order; ends with the first alarm, since that is where a live gate would have acted.
 * `untilEnd` looks on after it: placebo runs ask for the most evidence there ever was.
 */
export function judge(
  policy: JudgePolicy,
  blocks: readonly Block[],
  history: History = {},
  { untilEnd = false }: { readonly untilEnd?: boolean } = {},
): readonly Look[] {
  const looks: Look[] = []
  let fold = START
  const others = new Exonerations(policy, blocks, history)
  for (const [index, block] of blocks.entries()) {
    fold = step(fold, block, policy, history)
    const { alarm, look } = alarmOf(fold, index + 1, policy, history)
    if (alarm === undefined) {
      looks.push(look)
      continue
    }
    const lone = lonePod(podTotals(blocks.slice(0, index + 1), alarm.metric))
    if (lone === undefined || others.alarmWithout(lone.pod, index)) {
      looks.push({ ...look, alarm })
      if (!untilEnd) break
      continue
    }
    const why = `${Math.round(lone.share * 100)} % of the canary's bad requests come from pod ${lone.pod}; the other canary pods are fine`
    looks.push({ ...look, suspect: { pod: lone.pod, why } })
  }
  return looks
}

/** The same judgement with one pod left out, folded on as far as it is asked for. */
class Exonerations {
  private readonly folds = new Map<string, { next: number; fold: Fold; alarmed: boolean }>()
  private readonly policy: JudgePolicy
  private readonly blocks: readonly Block[]
  private readonly history: History

  constructor(policy: JudgePolicy, blocks: readonly Block[], history: History) {
    this.policy = policy
    this.blocks = blocks
    this.history = history
  }

  alarmWithout(pod: string, index: number): boolean {
    const entry = this.folds.get(pod) ?? { next: 0, fold: START, alarmed: false }
    this.folds.set(pod, entry)
    for (; entry.next <= index; entry.next++) {
      const block = this.blocks[entry.next]
      if (block === undefined) break
      entry.fold = step(entry.fold, withoutPod(block, pod), this.policy, this.history)
      entry.alarmed ||= alarmOf(entry.fold, entry.next + 1, this.policy, this.history).alarm !== undefined
    }
    return entry.alarmed
  }
}

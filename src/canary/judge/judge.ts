import { type FailingRuns, findAlarms, stepFailing, stepLimits } from './alarm.ts'
import { type EvidenceState, readEvidence, startEvidence, stepEvidence } from './evidence.ts'
import { lonePod, podSums, withoutPod } from './pods.ts'
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

function alarmsOf(
  fold: Fold,
  block: number,
  policy: JudgePolicy,
  history: History,
): { readonly alarms: readonly Alarm[]; readonly look: Look } {
  const evidence = readEvidence(fold.evidence, policy, history)
  return {
    alarms: findAlarms(block, evidence, fold.evidence, fold.failing, fold.limits, policy),
    look: { block, ln: evidence.ln, limit: Math.log(1 / policy.alpha), metrics: evidence.metrics },
  }
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
  const podTotals = podSums(blocks)
  const lone = (alarm: Alarm, look: Look, index: number): Look['suspect'] => {
    // What is spent is spent, by whichever pod.
    if (alarm.reason === 'canary-budget') return undefined
    const counts = look.metrics.find(({ name }) => name === alarm.metric)?.counts
    const stableRate = counts === undefined || counts.ns === 0 ? 0 : counts.es / counts.ns
    const found = lonePod(podTotals(alarm.metric, index + 1), stableRate)
    if (found === undefined || others.alarmWithout(found.pod, index)) return undefined
    const why = `${Math.round(found.share * 100)} % of the canary's bad requests beyond the stable rate come from pod ${found.pod}; the other canary pods are fine`
    return { pod: found.pod, why }
  }
  for (const [index, block] of blocks.entries()) {
    fold = step(fold, block, policy, history)
    const { alarms, look } = alarmsOf(fold, index + 1, policy, history)
    const suspects = alarms.map((alarm) => lone(alarm, look, index))
    const alarm = alarms.find((_, at) => suspects[at] === undefined)
    const [suspect] = suspects
    if (alarm === undefined) {
      looks.push(suspect === undefined ? look : { ...look, suspect })
      continue
    }
    looks.push({ ...look, alarm })
    if (!untilEnd) break
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
      entry.alarmed ||= alarmsOf(entry.fold, entry.next + 1, this.policy, this.history).alarms.length > 0
    }
    return entry.alarmed
  }
}

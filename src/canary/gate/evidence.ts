import type { Fault, Result } from '../../release/index.ts'
import { conclude, type Judgement } from '../judge/verdict.ts'
import { DEFAULT_SLO, judgePolicy, type PolicyOptions } from '../policy.ts'
import { type Collected, collector } from '../samples/collect.ts'
import type { ServiceState } from '../service/service.ts'
import { type AfterJudgement, judgeAfter } from './after.ts'
import { unseen } from './blind.ts'
import type { Memory } from './memory.ts'
import type { Observed } from './observe.ts'
import type { GateContext, GateOptions } from './options.ts'

/** What the samples up to now say; a fault says why they say nothing. */
export interface Evidence {
  readonly judgement?: Judgement
  readonly after?: AfterJudgement
  readonly blind?: Fault
}

/** What the evidence is read for. */
export interface Plan {
  readonly plannedBlocks: number
  readonly service: ServiceState | undefined
}

export interface EvidenceReader {
  read(seen: Observed, memory: Memory, plan: Plan, now: Date): Promise<Evidence>
}

/** Reads samples as often as new ones can have come, and answers the last evidence in between. */
export function evidenceReader(context: GateContext, options: GateOptions, tickMs: number): EvidenceReader {
  const samples = collector(context.prometheus)
  const names = options.metrics.map((each) => each.name)
  let last: Evidence = {}
  let readAt = Number.NEGATIVE_INFINITY

  const collect = (seen: Observed, memory: Memory, now: Date): Promise<Result<Collected>> | undefined => {
    const { evidenceStart: start } = memory
    const { arms } = seen
    if (arms === undefined || start === undefined) return undefined
    return samples.collect(
      {
        metrics: options.metrics,
        arms,
        start,
        blockMs: options.blockMs,
        now,
        created: seen.created,
        weightChanges: memory.weights.slice(1).map((each) => new Date(each.at)),
      },
      context.signal,
    )
  }

  return {
    async read(seen, memory, { plannedBlocks, service }, now) {
      if (now.getTime() - readAt < 0.6 * Math.min(options.blockMs, tickMs)) return last
      const collected = await collect(seen, memory, now)
      if (collected === undefined) return last
      readAt = now.getTime()
      const { after: _after, blind: _blind, ...known } = last
      if (!collected.ok) {
        last = { ...known, blind: collected.fault }
        return last
      }
      const { blocks, history, canarySeen } = collected.value
      const policy = judgePolicy(names, plannedBlocks, { ...spendOf(options, service), ...options.judge })
      const blind =
        !canarySeen && seen.freshReady > 0 ? unseen(memory.ready, now, options.blockMs) : undefined
      const from = memory.cutOver
      const start = memory.evidenceStart?.getTime() ?? now.getTime()
      const slo = options.judge.slo ?? options.judge.metrics?.[names[0] ?? '']?.slo ?? DEFAULT_SLO
      // Behind a preview Service the new pods have no users: their counters are no evidence against the old pods'.
      const alone = seen.live.kind === 'blue-green'
      const judgement = from === undefined ? conclude(policy, blocks, history) : known.judgement
      last = {
        ...(alone || judgement === undefined ? {} : { judgement }),
        ...(from === undefined
          ? {}
          : { after: judgeAfter({ blocks, history, policy, start, blockMs: options.blockMs, from, slo }) }),
        ...(blind === undefined ? {} : { blind }),
      }
      return last
    },
  }
}

/** B2: of the budget that the service has in its period the canary may spend a hundredth, whatever statistics say. */
function spendOf(
  { service: slo }: GateOptions,
  service: ServiceState | undefined,
): Pick<PolicyOptions, 'spend'> {
  const periodEvents = service?.periodEvents
  if (slo === undefined || periodEvents === undefined || periodEvents <= 0) return {}
  return { spend: { metric: slo.metric, target: slo.target, periodEvents } }
}

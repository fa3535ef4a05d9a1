import type { Counts, Engine, LnE } from '../judge/types.ts'
import { conclude, type Judgement, type Sufficiency } from '../judge/verdict.ts'
import { judgePolicy } from '../policy.ts'
import type { ReplayCase } from './file.ts'

/** One line of output for one rollout. */
export interface ReplayVerdict {
  readonly id: string | number
  readonly verdict: Judgement['verdict']
  readonly reasonCode: Judgement['reason']
  readonly block: number
  readonly seconds: number
  readonly evidence: EvidenceSummary & { readonly why: string }
}

/** What the gate would have said, and when; no cluster and no network. */
export function replay(each: ReplayCase): ReplayVerdict {
  const judgement = conclude(
    judgePolicy(each.metrics, each.plannedBlocks, each.policy),
    each.blocks,
    each.history,
  )
  return {
    id: each.id,
    verdict: judgement.verdict,
    reasonCode: judgement.reason,
    block: judgement.block,
    seconds: judgement.block * each.blockSeconds,
    evidence: { why: judgement.why, ...evidenceOf(judgement) },
  }
}

/** The figures behind a verdict, short enough for a log line. */
export type EvidenceSummary = {
  readonly lnE: number | null
  readonly limit: number | null
  readonly metrics: Readonly<
    Record<
      string,
      Counts & { readonly lnE: Readonly<Record<Engine, number | null>>; readonly cosign: boolean }
    >
  >
  readonly sufficiency: readonly Sufficiency[]
}

export function evidenceOf(judgement: Judgement): EvidenceSummary {
  const last = judgement.looks.at(-1)
  return {
    lnE: round(last?.ln),
    limit: round(last?.limit),
    metrics: Object.fromEntries(
      (last?.metrics ?? []).map(({ name, counts, lnE, cosign }) => [
        name,
        {
          ...counts,
          lnE: rounded(lnE),
          cosign: cosign.share || cosign.tempered,
        },
      ]),
    ),
    sufficiency: judgement.sufficiency.map((each) => ({
      ...each,
      ...(each.smallestDetectable === undefined
        ? {}
        : { smallestDetectable: Number(each.smallestDetectable.toPrecision(3)) }),
    })),
  }
}

/** JSON has no infinity; six digits are what the test vectors have. */
function round(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Math.round(value * 1e6) / 1e6
}

function rounded(lnE: LnE): Record<Engine, number | null> {
  const { count, share, tempered, difference } = lnE
  return {
    count: round(count),
    share: round(share),
    tempered: round(tempered),
    difference: round(difference),
  }
}

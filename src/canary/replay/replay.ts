import { judge } from '../judge/judge.ts'
import type { Counts, Engine, LnE, Look } from '../judge/types.ts'
import { concludeOn, type Judgement, type Sufficiency } from '../judge/verdict.ts'
import { judgePolicy } from '../policy.ts'
import type { ReplayCase, Unreadable } from './file.ts'
import { guarded } from './guard.ts'

/** One line of output for one rollout. A type and not an interface: it is written out as JSON. */
export type ReplayVerdict = {
  readonly id: string | number | null
  readonly verdict: Judgement['verdict']
  readonly reasonCode: Judgement['reason'] | 'canary-replay-invalid'
  readonly block: number
  readonly seconds: number
  readonly evidence: Partial<EvidenceSummary> & {
    readonly why: string
    /** Counts were fractions and have been rounded. */
    readonly approximate?: true
    readonly line?: number
  }
}

/** What the gate would have said, and when; no cluster and no network. */
export function replay(each: ReplayCase): ReplayVerdict {
  const judgement = judged(each)(each.blocks.length)
  return {
    ...named(each, judgement),
    evidence: {
      why: judgement.why,
      ...(each.approximate ? { approximate: true } : {}),
      ...evidenceOf(judgement),
    },
  }
}

/** The verdict after each block up to the one that ends the rollout. */
export function* replayByBlock(each: ReplayCase): Generator<ReplayVerdict> {
  const at = judged(each)
  for (let block = 1; block <= each.blocks.length; block++) {
    const judgement = at(block)
    const last = judgement.looks.at(-1)
    yield {
      ...named(each, judgement),
      evidence: { why: judgement.why, lnE: round(last?.ln), limit: round(last?.limit) },
    }
    if (judgement.verdict === 'abort') return
  }
}

/** A line that is no rollout gets no verdict on any: it is neither good nor bad. */
export function unjudged({ id, line }: Unreadable, why: string): ReplayVerdict {
  return {
    id,
    verdict: 'hold',
    reasonCode: 'canary-replay-invalid',
    block: 0,
    seconds: 0,
    evidence: { why, line },
  }
}

/** Judged once; the verdict after any number of blocks is read off the looks up to there. */
function judged(each: ReplayCase): (blocks: number) => Judgement {
  const policy = judgePolicy(each.metrics, each.plannedBlocks, each.policy)
  const looks = judge(policy, each.blocks, each.history)
  return (blocks) => {
    const seen = each.blocks.slice(0, blocks)
    const judgement = extended(each, concludeOn(policy, seen, upTo(looks, blocks)), blocks)
    return guarded(each.service, judgement, seen, each.blockSeconds * 1000)
  }
}

/** Looks end with an alarm, which is where a live gate would have acted. */
const upTo = (looks: readonly Look[], blocks: number) => looks.slice(0, blocks)

/** Too little evidence at the end of the plan extends it once, to twice its length; then the policy decides. */
function extended(
  { plannedBlocks, inconclusive }: ReplayCase,
  judgement: Judgement,
  blocks: number,
): Judgement {
  if (judgement.verdict !== 'inconclusive' || blocks < plannedBlocks) return judgement
  if (blocks < 2 * plannedBlocks) {
    return { ...judgement, why: `${judgement.why}; extended once, to block ${2 * plannedBlocks}` }
  }
  const why = `${judgement.why}; the extension is over`
  if (inconclusive === undefined) return { ...judgement, why }
  const verdict = inconclusive === 'promote-with-warning' ? 'promote' : inconclusive
  return { ...judgement, verdict, why: `${why}, and the policy says ${inconclusive}` }
}

function named({ id, blockSeconds }: ReplayCase, { verdict, reason, block }: Judgement) {
  return { id, verdict, reasonCode: reason, block, seconds: round(block * blockSeconds) ?? 0 }
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
  /** The one canary pod that is suspected instead of the version. */
  readonly suspect?: string
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
    ...(last?.suspect === undefined ? {} : { suspect: last.suspect.pod }),
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

/** Whole numbers of one block: n requests, e bad ones; c canary, s stable. */
export type Counts = {
  readonly nc: number
  readonly ec: number
  readonly ns: number
  readonly es: number
}

export interface PodCounts {
  readonly arm: 'canary' | 'stable'
  readonly metrics: Readonly<Record<string, { readonly n: number; readonly e: number }>>
}

/**
 * One scrape interval. A metric has one count per cut (errors: one; latency: one per histogram boundary).
 * A metric that is absent is a missing scrape. An `excluded` block is neither evidence nor missing: the weight
 * changed in it, so its two arms were not served side by side.
 */
export interface Block {
  readonly metrics: Readonly<Record<string, readonly Counts[]>>
  readonly pods?: Readonly<Record<string, PodCounts>>
  readonly excluded?: boolean
}

export interface MetricPolicy {
  readonly kind: 'errors' | 'latency'
  /** Tolerated ratio of the canary's rate to the stable one. */
  readonly ratio: number
  /** Tolerated difference of the rates. An alarm needs both to be exceeded. */
  readonly delta: number
  /** Share of alpha; the weights of all metrics are scaled to a sum of 1. At 0 only the limit counts. */
  readonly weight: number
  /** What is counted as bad is a good event that did not come (orders per checkout): a fall is bet on. */
  readonly fall?: boolean
  readonly limit?: Limit
}

/** An absolute bound that people know, such as "more than 1 % for 5 m". No bet: alpha says nothing of it. */
export interface Limit {
  /** Bad share of the canary's requests above which a block is over the limit. */
  readonly share: number
  /** Blocks in a row, data in each of them, until it counts. */
  readonly blocks: number
}

/** What placebo runs on history have found out; absent without them. */
export type Calibration = {
  /** ln of the evidence the share engine needs (tau_S). */
  readonly share: number
  /** ln of the evidence the tempered engine needs (tau_F), and the dispersion it divides by (phi >= 1). */
  readonly tempered?: { readonly limit: number; readonly phi: number }
}

export interface JudgePolicy {
  /** Bound of the probability of a false abort over the whole rollout. */
  readonly alpha: number
  /** K: blocks over which the capital is spread. */
  readonly plannedBlocks: number
  readonly metrics: Readonly<Record<string, MetricPolicy>>
  /**
   * The co-sign needs as much evidence as the alarm itself. Default: for a metric without history, whose clumps
   * nobody has seen.
   */
  readonly strict?: boolean
  readonly calibration?: Readonly<Record<string, Calibration>>
  /** Share of all blocks that must have been scraped for a promotion; default 0.9. */
  readonly presence?: number
  /** Canary requests needed for a promotion, by metric; default ln(100) / (5 delta). */
  readonly minimumRequests?: Readonly<Record<string, number>>
  /** Events of the SLO period and its target: caps what this canary may spend of the budget (1 %). */
  readonly spend?: {
    readonly metric: string
    readonly target: number
    readonly periodEvents: number
    readonly share?: number
  }
}

/** Stable counts from before the start, one per cut. */
export type History = Readonly<Record<string, readonly Baseline[]>>

export interface Baseline {
  readonly n: number
  readonly e: number
  /** How much wider than independent requests the stable pods scatter (>= 1); absent when too little is known. */
  readonly phi?: number
}

export const ENGINES = ['count', 'share', 'tempered', 'difference'] as const
export type Engine = (typeof ENGINES)[number]
export type LnE = Readonly<Record<Engine, number>>

export interface MetricEvidence {
  readonly name: string
  /** Sums over the blocks that were bet on, first cut. */
  readonly counts: Counts
  readonly lnE: LnE
  /** min(count, difference), averaged over the cuts: what the alarm compares. */
  readonly ln: number
  /** ln(weight) + ln: at or above ln(1/alpha) the metric alone carries the alarm. */
  readonly weighted: number
  readonly cosign: { readonly share: boolean; readonly tempered: boolean }
}

export type AlarmReason = 'canary-worse' | 'canary-failing' | 'canary-budget' | 'canary-over-limit'

export interface Alarm {
  readonly block: number
  readonly reason: AlarmReason
  readonly metric: string
  readonly why: string
}

/** State after one block: what a chart shows and a decision quotes. */
export interface Look {
  /** Counts from 1. */
  readonly block: number
  readonly ln: number
  readonly limit: number
  readonly metrics: readonly MetricEvidence[]
  readonly alarm?: Alarm
  /** Set instead of an alarm when one of several canary pods carries it alone. */
  readonly suspect?: { readonly pod: string; readonly why: string }
}

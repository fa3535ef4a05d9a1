/** The service as a whole in one window: requests and bad ones, fractions as `increase()` gives them. */
export interface Window {
  readonly n: number
  readonly e: number
}

export interface BurnRule {
  readonly factor: number
  readonly longMs: number
  readonly shortMs: number
  /** Pages somebody; the others open a ticket. */
  readonly pages: boolean
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** SRE workbook, chapter 5: share of the budget that may go in the long window. Both windows must burn. */
const RULES = [
  { budget: 0.02, longMs: HOUR, shortMs: 5 * MINUTE, pages: true },
  { budget: 0.05, longMs: 6 * HOUR, shortMs: 30 * MINUTE, pages: true },
  { budget: 0.1, longMs: DAY, shortMs: 2 * HOUR, pages: false },
  { budget: 0.1, longMs: 3 * DAY, shortMs: 6 * HOUR, pages: false },
] as const

/** 14.4, 6, 3 and 1 times the budget at a period of 30 days. */
export function burnRules(periodMs: number): readonly BurnRule[] {
  return RULES.map(({ budget, ...rule }) => ({ ...rule, factor: (budget * periodMs) / rule.longMs }))
}

/** Fewer bad requests than this are no alarm at any ratio: at two requests a minute one error is 50 %. */
const FEWEST_BAD = 5

/** The first rule that fires, by the windows of it. */
export function firing(
  rules: readonly BurnRule[],
  window: (ms: number) => Window,
  target: number,
): string | undefined {
  for (const { factor, longMs, shortMs } of rules) {
    const [long, short] = [window(longMs), window(shortMs)]
    const burns = [long, short].every(({ n, e }) => e >= FEWEST_BAD && e / n > factor * (1 - target))
    if (!burns) continue
    const rate = `${Number(((100 * short.e) / short.n).toPrecision(2))} %`
    const times = Number(factor.toPrecision(3))
    return `the service burns its error budget more than ${times} times too fast over ${longMs / HOUR} h (${rate} bad in the last ${shortMs / MINUTE} min)`
  }
  return undefined
}

/** A record that reaches back over the whole window shows at least this part of what a shorter one promises. */
const FULL = 1 / 3

/**
 * Requests of the whole period. A service that is a day old, or a Prometheus that keeps two weeks, has fewer on record:
 * then what a shorter window promises for the period counts, or the budget would be as small as the record is short.
 */
export function eventsOf(windows: ReadonlyMap<number, Window>, periodMs: number): number {
  const longestFirst = [...windows].sort(([a], [b]) => b - a)
  return longestFirst.reduce((events, [ms, { n }]) => {
    const promised = (n * periodMs) / ms
    return events < promised * FULL ? promised : events
  }, windows.get(periodMs)?.n ?? 0)
}

/** What is left of the budget of the period, as a share of it; below zero when more was spent. */
export function budgetLeft(events: number, bad: number, target: number): number {
  return events <= 0 ? 1 : 1 - bad / ((1 - target) * events)
}

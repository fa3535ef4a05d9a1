/** Requests and bad ones of one scrape interval, in milliseconds. */
export interface Errors {
  readonly at: number
  readonly n: number
  readonly e: number
}

export interface BurnAlarm {
  readonly name: string
  readonly since: number
  readonly why: string
}

/** Page rules of the SRE workbook (chapter 5): both windows must burn, so that an old spike alone does not page. */
const RULES = [
  { name: 'burn 14.4x', factor: 14.4, longMs: 3_600_000, shortMs: 300_000 },
  { name: 'burn 6x', factor: 6, longMs: 6 * 3_600_000, shortMs: 1_800_000 },
] as const

/** Fewer bad requests than this are no alarm at any ratio: at two requests a minute one error is 50 %. */
const FEWEST_BAD = 5

/** A digest that is younger than a window is judged since it began to serve. */
export function burnAlarms(events: readonly Errors[], target: number, now: number): readonly BurnAlarm[] {
  const budget = 1 - target
  const alarms: BurnAlarm[] = []
  for (const { name, factor, longMs, shortMs } of RULES) {
    const long = window(events, now - longMs, now)
    const short = window(events, now - shortMs, now)
    const fires = [long, short].every(({ n, e }) => e >= FEWEST_BAD && e / n > factor * budget)
    if (!fires) continue
    const first = events.reduce(
      (least, { at, e }) => (e > 0 && at > now - longMs ? Math.min(least, at) : least),
      now,
    )
    const why = `${short.e} of ${short.n} requests bad in the last ${shortMs / 60_000} min, ${long.e} of ${long.n} in ${longMs / 3_600_000} h, ${factor} times the budget`
    alarms.push({ name, since: first, why })
  }
  return alarms
}

function window(events: readonly Errors[], from: number, to: number): { n: number; e: number } {
  let n = 0
  let e = 0
  for (const each of events) {
    if (each.at <= from || each.at > to) continue
    n += each.n
    e += each.e
  }
  return { n, e }
}

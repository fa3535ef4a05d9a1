const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** The form of every duration a person writes: a whole number and a unit. For JSON Schema and for messages. */
export const durationPattern = '^(0|[1-9][0-9]{0,11})(ms|s|m|h|d)$'

const FORM = new RegExp(durationPattern)

/** No wait of a release is longer; it also keeps every duration a safe timestamp offset. */
export const longestDurationMs = 366 * UNITS.d

/**
 * `90s`, `30m`, `20h`, `2d`, `100ms` to milliseconds. A bare number is refused: half of the tools a reader
 * knows take it for seconds and the other half for milliseconds.
 */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = FORM.exec(text) ?? []
  if (count === undefined || unit === undefined) return undefined
  const ms = Number(count) * UNITS[unit as keyof typeof UNITS]
  return ms <= longestDurationMs ? ms : undefined
}

/** The shortest exact text that `parseDuration` reads back: 1_800_000 is `30m`. Parts of a millisecond are cut. */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, Math.trunc(ms))
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (whole > 0 && whole % UNITS[unit] === 0) return `${whole / UNITS[unit]}${unit}`
  }
  return `${whole}ms`
}

import { addDays, instantOf, localTime } from './zone.ts'

/** The calendar day of the train's zone: what "one region a day" counts. */
export function trainDay(now: Date, zone: string): string {
  return localTime(now, zone).day
}

/** The first instant of the next day of the train's zone. */
function nextTrainDay(now: Date, zone: string): Date {
  return instantOf(addDays(trainDay(now, zone), 1), 0, zone)
}

export interface Start {
  readonly day: string
  readonly at: string
}

/**
 * The earliest moment at which another region may start after `starts`, as far as days and spacing go;
 * undefined when that is now.
 */
export function spacedUntil(
  starts: readonly Start[],
  rule: { readonly zone: string; readonly perDay: number; readonly spacingMs: number },
  now: Date,
): Date | undefined {
  const last = starts.at(-1)
  if (last === undefined) return undefined
  const today = trainDay(now, rule.zone)
  const spaced = new Date(Date.parse(last.at) + rule.spacingMs)
  const used = starts.filter((s) => s.day === today).length
  const free = used >= rule.perDay ? nextTrainDay(now, rule.zone) : now
  const until = spaced > free ? spaced : free
  return until > now ? until : undefined
}

import type { Weekday, WindowConfig } from '../config/index.ts'
import { addDays, instantOf, localTime } from './zone.ts'

export type WindowState =
  | { readonly open: true; readonly closesAt: Date }
  /** `opensAt` is absent when the window never opens on the asked days within the next two weeks. */
  | { readonly open: false; readonly opensAt?: Date }

/**
 * Whether a window is open, by the wall clock of its zone; `from` is inside, `to` is outside. `days` narrows
 * the window's own days further (a train starts on Tuesdays only).
 */
export function windowState(
  window: WindowConfig,
  zone: string,
  now: Date,
  days: readonly Weekday[] = window.days,
): WindowState {
  const local = localTime(now, zone)
  const isOn = (weekday: Weekday): boolean => window.days.includes(weekday) && days.includes(weekday)
  if (isOn(local.weekday) && window.fromMinute <= local.minute && local.minute < window.toMinute) {
    return { open: true, closesAt: instantOf(local.day, window.toMinute, zone) }
  }
  for (let ahead = 0; ahead <= 14; ahead++) {
    const day = addDays(local.day, ahead)
    if (!isOn(weekdayOf(day))) continue
    const from = instantOf(day, window.fromMinute, zone)
    // A change to summer time may swallow a whole window: then this day has none.
    if (from > now && from < instantOf(day, window.toMinute, zone)) return { open: false, opensAt: from }
  }
  return { open: false }
}

const names = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const

export function weekdayOf(day: string): Weekday {
  return names[new Date(`${day}T00:00:00Z`).getUTCDay()] ?? 'Sun'
}

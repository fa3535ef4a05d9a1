import type { Weekday, WindowConfig } from '../config/index.ts'
import { ruleSpans } from './rules/times.ts'
import { windowVerdict } from './verdict.ts'

export { weekdayOf } from './rules/times.ts'

export type WindowState =
  | { readonly open: true; readonly closesAt?: Date }
  /** `opensAt` is absent when the window never opens on the asked days. */
  | { readonly open: false; readonly opensAt?: Date }

/**
 * Whether a window alone is open, by the wall clock of its zone; `from` is inside, `to` is outside. `days` narrows
 * the window's own days further. What the policy says besides is `windowVerdict`.
 */
export function windowState(
  window: WindowConfig,
  zone: string,
  now: Date,
  days: readonly Weekday[] = window.days,
): WindowState {
  const on = window.days.filter((day) => days.includes(day))
  const rule = { name: 'window', times: { kind: 'weekly', ...window, days: on } } as const
  const calendar = {
    region: '',
    zone,
    endMarginMs: 0,
    allowed: (from: number, to: number) => ruleSpans(rule, { zone, edge: 'opens' }, from, to),
    closings: () => [],
  }
  const verdict = windowVerdict(calendar, { now })
  if (verdict.open) return { open: true, ...(verdict.closesAt && { closesAt: verdict.closesAt }) }
  return { open: false, ...(verdict.opensAt === undefined ? {} : { opensAt: verdict.opensAt }) }
}

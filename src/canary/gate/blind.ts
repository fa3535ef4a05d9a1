import type { Fault, ReasonCode } from '../../release/index.ts'

/** Reasons for which nothing is known of the canary: the answer is `unknown`, never `wait`. */
export const blindReasons: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'canary-blind',
  'canary-no-probes',
  'prometheus-unreachable',
  'prometheus-refused',
  'prometheus-answer-unreadable',
  'prometheus-no-series',
  'prometheus-stale',
  'prometheus-clock',
  'prometheus-histogram-incomplete',
  'prometheus-series-ambiguous',
])

/** Canary pods are ready, and after three scrapes none of them is in Prometheus. */
export function unseen(since: Date | undefined, now: Date, blockMs: number): Fault | undefined {
  if (since === undefined || now.getTime() - since.getTime() < 3 * blockMs) return undefined
  return {
    blame: 'user',
    reason: 'canary-blind',
    cause: 'The canary pods are ready, and Prometheus has no sample of them.',
    likely: 'New pods are not discovered by the scrape configuration, or their series carry no label `pod`.',
    next: 'Look for the canary pods on the targets page of Prometheus; the canary stays where it is.',
  }
}

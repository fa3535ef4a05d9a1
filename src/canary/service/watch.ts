import type { Clock } from '../../release/index.ts'
import type { Prometheus } from '../samples/prometheus.ts'
import { readService, type ServiceSlo, type ServiceState } from './service.ts'

export interface ServiceWatch {
  /** `before`: no step was taken yet, so the slow rules are asked too. Undefined without an SLO. */
  read(before: boolean): Promise<ServiceState | undefined>
}

/** Windows of five minutes and more do not change within seconds. */
const QUIET_MS = 60_000
const BLIND_MS = 10_000

export function serviceWatch(
  {
    prometheus,
    clock,
    signal,
  }: {
    readonly prometheus: Prometheus
    readonly clock: Clock
    readonly signal: AbortSignal
  },
  slo: ServiceSlo | undefined,
): ServiceWatch {
  let last: { readonly at: number; readonly before: boolean; readonly state: ServiceState } | undefined
  return {
    async read(before) {
      if (slo === undefined) return undefined
      const now = clock.now().getTime()
      const age = last === undefined ? Number.POSITIVE_INFINITY : now - last.at
      const fresh = age < (last?.state.state === 'blind' ? BLIND_MS : QUIET_MS)
      if (last === undefined || !fresh || last.before !== before) {
        last = { at: now, before, state: await readService(prometheus, slo, before, signal) }
      }
      return last.state
    },
  }
}

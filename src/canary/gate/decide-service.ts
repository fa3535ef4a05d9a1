import type { ServiceState } from '../service/service.ts'
import { type Action, type Policy, type Situation, wait } from './actions.ts'
import type { GateRecord } from './record.ts'

/**
 * B0 and B3: a service in trouble, or one nobody can see, is no place to take a step in. It is no ground to abort
 * either: that takes evidence against the canary itself. A fix for the very trouble is exempt, blindness never is.
 */
export function troubledService({ exempt }: Policy, { service }: Situation): Action | undefined {
  if (service === undefined || service.state === 'quiet') return undefined
  if (service.state !== 'blind' && exempt !== undefined) return undefined
  return wait(service.reason, service.why)
}

/** What to say of a step that the state of the service would have held, but for its being a fix. */
export function exemption({ exempt }: Policy, service: ServiceState | undefined): string | undefined {
  if (exempt === undefined || service === undefined || service.state === 'quiet') return undefined
  return `exempt as ${exempt} from this: ${service.why}`
}

export function serviceRecord(service: ServiceState | undefined): Pick<GateRecord, 'service'> {
  return service === undefined ? {} : { service: { state: service.state, why: service.why } }
}

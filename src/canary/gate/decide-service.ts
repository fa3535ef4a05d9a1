import { type Action, type Policy, type Situation, wait } from './actions.ts'

/**
 * B0 and B3: a service in trouble, or one nobody can see, is no place to take a step in. It is no ground to abort
 * either: that takes evidence against the canary itself. A fix for the very trouble is exempt, blindness never is.
 */
export function troubledService({ exempt }: Policy, { service }: Situation): Action | undefined {
  if (service === undefined || service.state === 'quiet') return undefined
  if (service.state !== 'blind' && exempt !== undefined) return undefined
  return wait(service.reason, service.why)
}

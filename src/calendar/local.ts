import type { Fault } from '../release/index.ts'

/** A path, a file:// URL, or a URL of the loopback interface. */
export function isLocal(endpoint: string): boolean {
  if (endpoint.startsWith('/')) return true
  if (!URL.canParse(endpoint)) return false
  const url = new URL(endpoint)
  if (url.protocol === 'file:') return url.hostname === ''
  return ['localhost', '[::1]'].includes(url.hostname) || /^127(\.\d{1,3}){3}$/.test(url.hostname)
}

/** Another clock than the machine's, and an endpoint that is outside of this machine. */
export function clockNotAllowed(endpoint: string): Fault {
  return {
    blame: 'user',
    reason: 'clock-not-allowed',
    cause: `\`now\` is set, but ${endpoint} is not on this machine.`,
    likely: 'A workflow of a rehearsal was copied.',
    next: 'Take `now` out of the workflow.',
  }
}

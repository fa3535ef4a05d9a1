import { commitMessage } from '../gitops/index.ts'
import type { LedgerEvent } from './events.ts'

/** Commit message: what happened for a reader of `git log`, and trailers for a machine. */
export function ledgerMessage(service: string, events: readonly LedgerEvent[], subject?: string): string {
  const [first] = events
  const regions = new Set(events.flatMap((e) => ('region' in e ? [e.region] : [])))
  const releases = new Set(events.flatMap((e) => ('release' in e && e.release ? [e.release] : [])))
  const transitions = new Set(events.map((e) => e.transition))
  return commitMessage({
    subject: `${service}: ${subject ?? events.map(describe).join(', ')}`,
    body: events.map((e) => `${e.id} ${describe(e)}`).join('\n'),
    trailers: {
      'Release-Train': [...releases].join(' '),
      Region: [...regions].join(' '),
      Transition: [...transitions].join(' '),
      Actor: first?.actor ?? '',
      Run: first?.run ?? '',
    },
  })
}

function describe(event: LedgerEvent): string {
  const release = 'release' in event && event.release !== undefined ? ` ${event.release}` : ''
  const region = 'region' in event ? ` in ${event.region}` : ''
  const group = event.type === 'pinned' ? ` ${event.group}` : ''
  return `${event.type}${group}${release}${region}`
}

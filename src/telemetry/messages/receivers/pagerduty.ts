import { ok, type Result } from '../../../release/index.ts'
import { type Ask, ask } from '../ask.ts'
import type { Message } from '../message.ts'
import type { Receiver } from './receiver.ts'

interface Settings {
  readonly name: string
  readonly api: string
  readonly key: string
}

const changes: readonly Message['type'][] = ['started', 'live', 'verified', 'rolled-back', 'train-ended']

/** What changed, as change events, which wake nobody; a halt is an incident, and clearing the halt resolves it. */
export function pagerduty(settings: Settings): Receiver {
  return async (message, _board, io) => {
    if (message.type === 'halted') return incident(settings, message, io, 'trigger')
    if (message.type === 'cleared') return incident(settings, message, io, 'resolve')
    if (!changes.includes(message.type)) return ok(undefined)
    return enqueue(settings, io, '/v2/change/enqueue', {
      payload: {
        summary: summaryOf(message),
        timestamp: message.at.toISOString(),
        source: message.service,
        custom_details: {
          event: message.id,
          region: message.region,
          release: message.release,
          digest: message.digest,
        },
      },
      links: [{ href: message.run, text: 'run' }],
    })
  }
}

function incident(
  settings: Settings,
  message: Message,
  io: Ask,
  action: 'trigger' | 'resolve',
): Promise<Result<void>> {
  return enqueue(settings, io, '/v2/enqueue', {
    event_action: action,
    // A service is halted at most once at a time: the same halt told twice is one incident.
    dedup_key: `tuesday ${message.service} ${message.release ?? ''}`.trim(),
    payload: {
      summary: summaryOf(message),
      timestamp: message.at.toISOString(),
      source: message.service,
      severity: 'critical',
      custom_details: { event: message.id, release: message.release, digest: message.digest },
    },
    links: [{ href: message.run, text: 'run' }],
  })
}

/** PagerDuty cuts a summary at 1,024 characters. */
function summaryOf({ service, text }: Message): string {
  return `${service}: ${text}`.slice(0, 1024)
}

async function enqueue(
  { name, api, key }: Settings,
  io: Ask,
  path: string,
  event: object,
): Promise<Result<void>> {
  const sent = await ask(io, {
    receiver: name,
    method: 'POST',
    url: `${api}${path}`,
    json: { routing_key: key, ...event },
  })
  return sent.ok ? ok(undefined) : sent
}

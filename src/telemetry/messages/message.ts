import type { EventOf, EventType, LedgerEvent } from '../../ledger/index.ts'
import { type Digest, shortDigest } from '../../release/index.ts'

/** What people are told of one event of the ledger. */
export interface Message {
  /** Id of the event, `shop/12`: a receiver that has it already is not told again. */
  readonly id: string
  readonly type: EventType
  readonly service: string
  /** The release that is spoken of, e.g. `r7`. */
  readonly release?: string
  readonly digest?: Digest
  /** Where it is deployed from now on: on `live` and `rolled-back`. */
  readonly region?: string
  readonly tone: 'plain' | 'good' | 'bad'
  /** One line. */
  readonly text: string
  readonly at: Date
  readonly actor: string
  /** Page of the run. */
  readonly run: string
  readonly transition: string
}

/** What is told, in the order of the log. Steps that only the train itself needs to know of are left out. */
export function messagesOf(events: readonly LedgerEvent[]): readonly Message[] {
  const digests = new Map<string, Digest>()
  /** Of an event that names no release: the train that was under way, or the one that a halt stopped. */
  let train: string | undefined
  return events.flatMap((event) => {
    if (event.type === 'staged') digests.set(event.release, event.digest)
    if (event.type === 'started' || event.type === 'halted') train = event.release ?? train
    const told = tell(event)
    if (told === undefined) return []
    const release = 'release' in event ? (event.release ?? train) : train
    const digest = event.type === 'rolled-back' ? event.digest : digests.get(release ?? '')
    return [
      {
        id: event.id,
        type: event.type,
        service: event.id.slice(0, event.id.lastIndexOf('/')),
        ...(release === undefined ? {} : { release }),
        ...(digest === undefined ? {} : { digest }),
        ...('region' in event ? { region: event.region } : {}),
        ...told,
        at: new Date(event.at),
        actor: event.actor,
        run: event.run,
        transition: event.transition,
      },
    ]
  })
}

type Told = Pick<Message, 'tone' | 'text'>

function tell(event: LedgerEvent): Told | undefined {
  switch (event.type) {
    case 'proposed':
      return plain(`${event.person} proposes ${event.release} for ${event.order.join(', ')}`)
    case 'approved':
      return plain(`${event.person} approves ${event.release}`)
    case 'started':
      return plain(`${event.release} starts in ${event.region}`)
    case 'pinned':
      return event.group === 'lead'
        ? plain(`${event.release} is in its canary in ${event.region}`)
        : undefined
    case 'live':
      return plain(`${event.release} serves in ${event.region} and bakes`)
    case 'verified':
      return { tone: 'good', text: `${event.release} is verified in ${event.region}` }
    case 'train-ended':
      return ended(event)
    case 'halted':
      return { tone: 'bad', text: `halted by ${event.person}: ${event.why}` }
    case 'cleared':
      return plain(`${event.person} clears the halt: ${event.why}`)
    case 'migration-failed':
      return {
        tone: 'bad',
        text: `the migration of ${event.release} failed in ${event.region}: ${event.why}`,
      }
    case 'rollback-started':
      return {
        tone: 'bad',
        text: `${event.region} goes back to ${event.target.release ?? shortDigest(event.target.digest)}`,
      }
    case 'rolled-back':
      return { tone: 'good', text: `${event.region} serves ${shortDigest(event.digest)} again` }
    case 'held':
      return plain(`${event.person} holds ${event.region}: ${event.reason}`)
    case 'resumed':
      return plain(`${event.person} lets ${event.region} go on: ${event.reason}`)
    default:
      return undefined
  }
}

function ended({ release, outcome }: EventOf<'train-ended'>): Told {
  if (outcome === 'done') return { tone: 'good', text: `${release} is verified everywhere` }
  return { tone: outcome === 'rolled-back' ? 'bad' : 'plain', text: `${release} ends: ${outcome}` }
}

function plain(text: string): Told {
  return { tone: 'plain', text }
}

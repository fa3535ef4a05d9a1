import { deliveryEvent } from '../domain/events.js'
import { withCorrelation } from '../platform/correlation.js'
import type { Database } from '../platform/database.js'
import { errorKind, type Log } from '../platform/logger.js'
import { project } from './project.js'

/** The part of a JetStream message that is needed here. */
export interface Incoming {
  json(): unknown
  ack(): void
  nak(delayMs?: number): void
  term(reason?: string): void
}

export type Outcome = 'counted' | 'known' | 'unreadable' | 'failed'

/** What cannot be read now cannot be read later either: it is taken out, so that it does not block the rest. */
export async function handle(message: Incoming, database: Database, log: Log): Promise<Outcome> {
  const event = readEvent(message)
  if (event === undefined) {
    message.term('not an event of the catalogue')
    log.error('a message is no event of the catalogue and was taken out')
    return 'unreadable'
  }
  return withCorrelation(event.correlationId, async () => {
    try {
      const outcome = await project(database, event)
      message.ack()
      log.debug('projected', { tenant: event.tenant, event: event.eventId })
      return outcome
    } catch (error) {
      message.nak(1_000)
      log.warn('an event could not be projected and comes again', {
        event: event.eventId,
        error: errorKind(error),
      })
      return 'failed'
    }
  })
}

function readEvent(message: Incoming) {
  try {
    return deliveryEvent.safeParse(message.json()).data
  } catch {
    return undefined
  }
}

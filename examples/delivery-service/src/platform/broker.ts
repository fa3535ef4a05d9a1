import {
  AckPolicy,
  type ConsumerMessages,
  DiscardPolicy,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
} from '@nats-io/jetstream'
import { connect, headers, type NatsConnection } from '@nats-io/transport-node'
import { streamName, streamSubjects } from '../domain/events.js'
import type { Publish } from '../relay/relay.js'

const DAY_NS = 86_400_000_000_000
const CORRELATION = 'X-Correlation-Id'

/** NATS JetStream as the workers use it. Reconnects for ever: the probes tell when it takes too long. */
export async function openBroker(url: string, name: string): Promise<Broker> {
  const connection = await connect({ servers: url, name, maxReconnectAttempts: -1, waitOnFirstConnect: true })
  await ensureStream(connection)
  return {
    isReady: () => !connection.isClosed() && connection.info !== undefined,
    publisher: () => {
      const stream = jetstream(connection)
      return async ({ id, subject, correlationId, payload }) => {
        const head = headers()
        head.set(CORRELATION, correlationId)
        await stream.publish(subject, payload, { msgID: id, headers: head, timeout: 5_000 })
      }
    },
    consume: (durable, batch) => consume(connection, durable, batch),
    end: () => connection.drain(),
  }
}

export interface Broker {
  isReady(): boolean
  publisher(): Publish
  consume(durable: string, batch: number): Promise<ConsumerMessages>
  end(): Promise<void>
}

/** Expand only, like the schema: a stream of a newer version is left as it is. */
async function ensureStream(connection: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(connection)
  try {
    await manager.streams.info(streamName)
  } catch {
    await manager.streams.add({
      name: streamName,
      subjects: [streamSubjects],
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      max_age: 7 * DAY_NS,
      duplicate_window: DAY_NS / 24,
    })
  }
}

async function consume(
  connection: NatsConnection,
  durable: string,
  batch: number,
): Promise<ConsumerMessages> {
  const manager = await jetstreamManager(connection)
  await manager.consumers.add(streamName, {
    durable_name: durable,
    ack_policy: AckPolicy.Explicit,
    ack_wait: 30_000_000_000,
    max_deliver: 20,
    max_ack_pending: batch,
    // The form of one subject is understood by servers before 2.10 as well.
    filter_subject: streamSubjects,
  })
  const consumer = await jetstream(connection).consumers.get(streamName, durable)
  return consumer.consume({ max_messages: batch })
}

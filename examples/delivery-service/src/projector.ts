import { Counter, Registry } from 'prom-client'
import { openBroker } from './platform/broker.js'
import { Database } from './platform/database.js'
import { Log } from './platform/logger.js'
import { startOpsServer } from './platform/ops-server.js'
import { workerSettings } from './platform/settings.js'
import { onShutdown } from './platform/shutdown.js'
import { handle } from './projector/consume.js'

const settings = workerSettings(process.env)
const log = new Log('delivery-event-projector', settings.LOG_LEVEL)
const registry = new Registry()
const projected = new Counter({
  name: 'projector_events_total',
  help: 'Events that were taken from the stream, by what became of them.',
  labelNames: ['outcome'] as const,
  registers: [registry],
})
const database = new Database(settings.DATABASE_URL, settings.DATABASE_POOL_SIZE, log)
const broker = await openBroker(settings.NATS_URL, 'delivery-event-projector')
const messages = await broker.consume('delivery-event-projector', settings.BATCH_SIZE)

let ended = false
const work = (async () => {
  for await (const message of messages) projected.inc({ outcome: await handle(message, database, log) })
  ended = true
})()
const ops = await startOpsServer(settings.OPS_PORT, registry, {
  isAlive: () => !ended,
  isReady: async () => broker.isReady() && (await database.isReady()),
})

onShutdown(log, 0, () => messages.stop(), [
  () => work,
  () => broker.end(),
  () => ops.close(),
  () => database.end(),
])
log.info('projecting')

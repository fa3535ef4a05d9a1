import { Counter, Registry } from 'prom-client'
import { openBroker } from './platform/broker.js'
import { Database } from './platform/database.js'
import { Log } from './platform/logger.js'
import { startOpsServer } from './platform/ops-server.js'
import { workerSettings } from './platform/settings.js'
import { onShutdown } from './platform/shutdown.js'
import { startWorkLoop } from './platform/work-loop.js'
import { relayBatch } from './relay/relay.js'

const settings = workerSettings(process.env)
const log = new Log('delivery-outbox-relay', settings.LOG_LEVEL)
const registry = new Registry()
const published = new Counter({
  name: 'outbox_events_published_total',
  help: 'Events that the broker has stored.',
  registers: [registry],
})
const database = new Database(settings.DATABASE_URL, settings.DATABASE_POOL_SIZE, log)
const broker = await openBroker(settings.NATS_URL, 'delivery-outbox-relay')
const publish = broker.publisher()

const loop = startWorkLoop(
  async () => {
    const count = await relayBatch(database, publish, settings.BATCH_SIZE)
    published.inc(count)
    if (count > 0) log.debug('published', { count })
    return count
  },
  settings.IDLE_MS,
  log,
)
const ops = await startOpsServer(settings.OPS_PORT, registry, {
  isAlive: loop.isAlive,
  isReady: async () => broker.isReady() && (await database.isReady()),
})

onShutdown(log, 0, loop.stop, [() => loop.done, () => broker.end(), () => ops.close(), () => database.end()])
log.info('relaying')

import { Registry } from 'prom-client'
import { createApi } from './api/app.js'
import { deliveryStore } from './api/delivery-store.js'
import { noCache, redisCache } from './platform/cache.js'
import { Database } from './platform/database.js'
import { Log } from './platform/logger.js'
import { startOpsServer } from './platform/ops-server.js'
import { apiSettings } from './platform/settings.js'
import { onShutdown } from './platform/shutdown.js'
import { tokenVerifier } from './platform/tokens.js'

const settings = apiSettings(process.env)
const log = new Log('delivery-api', settings.LOG_LEVEL)
const registry = new Registry()
const database = new Database(settings.DATABASE_URL, settings.DATABASE_POOL_SIZE, log)
const cache = settings.REDIS_URL === undefined ? noCache : await redisCache(settings.REDIS_URL, log)

let draining = false
const isReady = async () => !draining && (await database.isReady())

const app = await createApi({
  store: deliveryStore(database),
  cache,
  health: {
    version: { service: 'delivery-service', commit: settings.SERVICE_COMMIT, digest: settings.IMAGE_DIGEST },
    isReady,
  },
  verify: tokenVerifier(settings),
  registry,
  log,
})
await app.listen(settings.HTTP_PORT)
const ops = await startOpsServer(settings.OPS_PORT, registry, { isAlive: () => true, isReady })

onShutdown(
  log,
  settings.DRAIN_MS,
  () => {
    draining = true
  },
  [() => app.close(), () => cache.end(), () => ops.close(), () => database.end()],
)
log.info('listening')

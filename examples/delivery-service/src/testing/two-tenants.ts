import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { Registry } from 'prom-client'
import { createApi } from '../api/app.js'
import { deliveryStore } from '../api/delivery-store.js'
import { deliveryEvent } from '../domain/events.js'
import { noCache } from '../platform/cache.js'
import { Database } from '../platform/database.js'
import { Log } from '../platform/logger.js'
import { onShutdown } from '../platform/shutdown.js'
import { project } from '../projector/project.js'
import { relayBatch } from '../relay/relay.js'
import { issuer } from './tenants.js'

/**
 * The API on an empty database (TEST_DATABASE_URL), for a test of its tenants: it signs the tokens of two tenants by
 * itself and hands events from the outbox straight to the projector, so that neither an identity provider nor a broker
 * is needed. Writes `url`, `acme` and `zeta` into the folder that is its first argument.
 */
const url = process.env.TEST_DATABASE_URL ?? ''
const folder = process.argv[2] ?? '.'
const log = new Log('two-tenants', 'warn')

const client = new pg.Client(url)
await client.connect()
const migrations = new URL('../../migrations/', import.meta.url)
for (const name of readdirSync(migrations).sort())
  await client.query(readFileSync(new URL(name, migrations), 'utf8'))
await client.end()

const database = new Database(url, 8, log)
const id = await issuer()
const app = await createApi({
  store: deliveryStore(database),
  cache: noCache,
  health: {
    version: { service: 'delivery-service', commit: 'unknown', digest: 'unknown' },
    isReady: () => database.isReady(),
  },
  verify: id.verify,
  registry: new Registry(),
  log,
})
await app.listen(Number(process.env.HTTP_PORT ?? 0), '127.0.0.1')

let running = true
async function carry(): Promise<void> {
  while (running) {
    const events: string[] = []
    await relayBatch(database, async ({ payload }) => void events.push(payload), 100)
    for (const event of events) await project(database, deliveryEvent.parse(JSON.parse(event)))
    if (events.length === 0) await sleep(20)
  }
}
const carried = carry()

mkdirSync(folder, { recursive: true })
for (const tenant of ['acme', 'zeta'])
  writeFileSync(`${folder}/${tenant}`, await id.token(tenant, { expires: '1h' }))
writeFileSync(`${folder}/url`, await app.getUrl())

onShutdown(
  log,
  0,
  () => {
    running = false
  },
  [() => app.close(), () => carried, () => database.end()],
)

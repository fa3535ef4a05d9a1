import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { deliveryStore } from '../api/delivery-store.js'
import { deliveryEvent } from '../domain/events.js'
import { Database } from '../platform/database.js'
import { Log } from '../platform/logger.js'
import { project } from '../projector/project.js'
import { type Message, relayBatch } from '../relay/relay.js'

/** An empty database that the test may fill. Its user should be no superuser, or the policies do not bind. */
const url = process.env.TEST_DATABASE_URL
const silent = new Log('test', 'error', () => {})
const planned = (reference: string) => ({
  reference,
  windowFrom: '2026-03-04T08:00:00.000Z',
  windowTo: '2026-03-04T10:00:00.000Z',
})

describe('on PostgreSQL', { skip: url === undefined ? 'TEST_DATABASE_URL is not set' : false }, () => {
  const database = new Database(url ?? '', 4, silent)
  const store = deliveryStore(database)

  before(async () => {
    assert.equal(await database.isReady(), false, 'a database without the schema is not ready')
    const client = new pg.Client(url)
    await client.connect()
    const folder = new URL('../../migrations/', import.meta.url)
    for (const name of readdirSync(folder).sort())
      await client.query(readFileSync(new URL(name, folder), 'utf8'))
    await client.query('alter table deliveries add column from_the_future text')
    await client.end()
  })

  after(() => database.end())

  test('a schema that is newer than the service is ready', async () => {
    assert.equal(await database.isReady(), true)
  })

  test('a change and its event stand or fall together, and tenants are apart', async () => {
    const created = await store.create('acme', planned('A-1'), 'trace-0001')
    assert.ok('delivery' in created)
    const { id } = created.delivery
    assert.deepEqual(await store.create('acme', planned('A-1'), 'trace-0002'), { refused: 'reference-taken' })
    assert.equal(await store.get('zeta', id), undefined)
    assert.deepEqual(await store.change('zeta', id, { status: 'cancelled', revision: 1 }, 'x'), {
      refused: 'not-found',
    })
    const results = await Promise.all([
      store.change('acme', id, { status: 'collected', revision: 1 }, 'trace-0003'),
      store.change('acme', id, { status: 'cancelled', revision: 1 }, 'trace-0004'),
    ])
    assert.equal(
      results.filter((result) => 'delivery' in result).length,
      1,
      'only one of two changes of a revision is made',
    )
    const rows = await database.transaction((query) => query.query('select subject from outbox order by id'))
    assert.deepEqual(
      rows.rows.map((row) => row.subject),
      ['delivery.v1.acme.created', 'delivery.v1.acme.status-changed'],
    )
  })

  test('a statement that forgets its tenant finds nothing', async () => {
    const counted = await database.transaction((query) =>
      query.query('select count(*)::int as n from deliveries'),
    )
    assert.equal(counted.rows[0].n, 0)
    await assert.rejects(
      database.asTenant('acme', (query) =>
        query.query(
          "insert into deliveries (tenant_id, reference, window_from, window_to) values ('zeta', 'x', now(), now() + interval '1h')",
        ),
      ),
      { code: '42501' },
    )
  })

  test('the relay publishes in order, once each, and again when the broker failed', async () => {
    const failing = relayBatch(database, () => Promise.reject(new Error('no broker')), 10)
    await assert.rejects(failing, /no broker/)
    const sent: Message[] = []
    const publish = async (message: Message) => void sent.push(message)
    const [left, right] = await Promise.all([
      relayBatch(database, publish, 10),
      relayBatch(database, publish, 10),
    ])
    assert.equal(left + right, 2)
    assert.equal(await relayBatch(database, publish, 10), 0)
    assert.deepEqual(sent.map((message) => message.correlationId).slice(0, 1), ['trace-0001'])
    const events = sent.map((message) => deliveryEvent.parse(JSON.parse(message.payload)))
    assert.deepEqual(
      events.map((event) => event.eventId),
      sent.map((message) => message.id),
    )
    for (const event of [...events, ...events].reverse()) await project(database, event)
    const lines = await store.summary('acme')
    assert.equal(
      lines.reduce((total, line) => total + line.deliveries, 0),
      1,
      'late and repeated events count once',
    )
    assert.deepEqual(await store.summary('zeta'), [])
  })
})

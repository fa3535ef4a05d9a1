import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Database } from '../platform/database.js'
import { Log } from '../platform/logger.js'
import { handle, type Incoming } from './consume.js'

const silent = new Log('test', 'error', () => {})
const unreachable = { asTenant: () => Promise.reject(new Error('connection refused')) } as unknown as Database

function message(json: () => unknown): Incoming & { readonly answers: string[] } {
  const answers: string[] = []
  return {
    answers,
    json,
    ack: () => answers.push('ack'),
    nak: () => answers.push('nak'),
    term: () => answers.push('term'),
  }
}

test('what is no event is taken out, so that it does not block the rest', async () => {
  const broken = message(() => JSON.parse('{'))
  const other = message(() => ({ type: 'invoice.paid' }))
  assert.equal(await handle(broken, unreachable, silent), 'unreadable')
  assert.equal(await handle(other, unreachable, silent), 'unreadable')
  assert.deepEqual([broken.answers, other.answers], [['term'], ['term']])
})

test('an event comes again when the database is away', async () => {
  const event = message(() => ({
    eventId: '6f1c0f9e-7a8f-4a55-9a43-0a7cf0a3a002',
    type: 'delivery.created',
    version: 1,
    tenant: 'acme',
    occurredAt: '2026-03-03T10:00:00Z',
    correlationId: 'trace-0001',
    data: {
      deliveryId: '6f1c0f9e-7a8f-4a55-9a43-0a7cf0a3a001',
      reference: 'A-1',
      status: 'planned',
      revision: 1,
    },
  }))
  assert.equal(await handle(event, unreachable, silent), 'failed')
  assert.deepEqual(event.answers, ['nak'])
})

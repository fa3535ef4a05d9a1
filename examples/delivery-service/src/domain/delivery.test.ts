import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayBecome, statuses } from './delivery.js'
import { deliveryEvent, eventOf, subjectOf } from './events.js'

test('a delivery goes forward only, and is cancelled only before it is on its way', () => {
  const moves = statuses.flatMap((from) =>
    statuses.filter((to) => mayBecome(from, to)).map((to) => `${from} > ${to}`),
  )
  assert.deepEqual(moves, [
    'planned > collected',
    'planned > cancelled',
    'collected > in-transit',
    'collected > cancelled',
    'in-transit > delivered',
  ])
})

const delivery = {
  id: '6f1c0f9e-7a8f-4a55-9a43-0a7cf0a3a001',
  reference: 'A-1',
  status: 'collected',
  windowFrom: '2026-03-04T08:00:00.000Z',
  windowTo: '2026-03-04T10:00:00.000Z',
  revision: 2,
  createdAt: '2026-03-03T10:00:00.000Z',
  updatedAt: '2026-03-03T11:00:00.000Z',
} as const
const about = { eventId: '6f1c0f9e-7a8f-4a55-9a43-0a7cf0a3a002', tenant: 'acme', correlationId: 'trace-0001' }

test('an event is of its catalogue and goes to the subject of its tenant', () => {
  const created = eventOf({ ...delivery, status: 'planned', revision: 1 }, about)
  const changed = eventOf(delivery, { ...about, previousStatus: 'planned' })
  assert.equal(subjectOf(created), 'delivery.v1.acme.created')
  assert.equal(subjectOf(changed), 'delivery.v1.acme.status-changed')
  assert.deepEqual(deliveryEvent.parse(changed), changed)
  assert.equal(changed.data.previousStatus, 'planned')
})

test('a consumer reads an event that a newer version has added to', () => {
  const event = { ...eventOf(delivery, about), priority: 1 }
  assert.equal(deliveryEvent.parse(event).eventId, about.eventId)
})

import { describe, expect, it } from 'vitest'
import { openContract } from '../gate/kinds.ts'
import { type Files, readerOf } from '../openapi/documents.fixture.ts'
import type { Comparison } from '../types.ts'
import { noTools } from './tools.fixture.ts'

const today = new Date('2026-11-21T12:00:00Z')
const schema = (...required: readonly string[]) => ({
  type: 'object',
  properties: Object.fromEntries(['id', 'total', 'note'].map((name) => [name, { type: 'string' }])),
  required,
})
const schemas: Files = {
  'events/v1.json': schema('id'),
  'events/v1-more.json': {
    ...schema('id'),
    properties: { ...schema().properties, extra: { type: 'string' } },
  },
  'events/v1-broken.json': schema('id', 'total'),
  'events/v2.json': { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] },
}

interface Event {
  readonly version?: number
  readonly [key: string]: unknown
}
const event = ({ version = 1, ...more }: Event = {}) => ({
  type: 'orders.created',
  version,
  subject: `orders.v${version}.created`,
  schema: `v${version}.json`,
  ...more,
})
const announced = { status: 'deprecated', 'deprecated-on': '2026-09-01', sunset: '2026-11-01' }
const v2 = event({ version: 2, translator: 'src/to-v1.ts' })

async function load(events: readonly object[], files: Files = schemas) {
  const reader = readerOf({ ...files, 'events/catalogue.yaml': { version: 1, service: 'orders', events } })
  return openContract('events', 'events/catalogue.yaml', reader)
}

async function compare(before: readonly object[], after: readonly object[]): Promise<Comparison> {
  const [base, revision] = [await load(before), await load(after)]
  if (!base.ok) throw new Error(base.fault.cause)
  if (!revision.ok) throw new Error(revision.fault.cause)
  const compared = await base.value.to(revision.value, { today }, noTools)
  if (!compared.ok) throw new Error(compared.fault.cause)
  return compared.value
}

const told = ({ findings }: Comparison) => findings.map(({ level, id }) => `${level} ${id}`)

describe('the dual-publish rule', () => {
  it.each([
    ['nothing changed', [event()], [event()], []],
    [
      'compatible, same version',
      [event()],
      [event({ schema: 'v1-more.json' })],
      ['info event-optional-property-added'],
    ],
    [
      'breaking, same version (E1)',
      [event()],
      [event({ schema: 'v1-broken.json' })],
      ['error event-became-required'],
    ],
    [
      'breaking, new version, old one kept (E3, E4)',
      [event()],
      [event(announced), v2],
      ['info event-version-added'],
    ],
    [
      'compatible, new version: needless',
      [event()],
      [event(announced), { ...v2, schema: 'v1.json' }],
      ['warning event-needless-major', 'info event-version-added'],
    ],
    [
      'no proof that both say the same (E4)',
      [event()],
      [event(announced), event({ version: 2 })],
      ['warning event-dual-publish-unproven', 'info event-version-added'],
    ],
    [
      'new version, old one gone (E2)',
      [event()],
      [v2],
      ['error event-retired-early', 'info event-version-added'],
    ],
    [
      'new version, old one silent (E2)',
      [event()],
      [event({ publishes: false }), v2],
      ['error event-retired-early', 'info event-version-added'],
    ],
    [
      'another subject (E2)',
      [event()],
      [event({ subject: 'orders.v1.made' })],
      ['error event-retired-early'],
    ],
    [
      'another format (E2)',
      [event()],
      [event({ format: 'avro', schema: 'v1.avsc' })],
      ['error event-retired-early'],
    ],
    [
      'the old one is not announced to end (E3)',
      [event()],
      [event(), v2],
      ['error event-pair-not-deprecated', 'info event-version-added'],
    ],
    [
      'the window is too short (E3)',
      [event()],
      [event({ ...announced, sunset: '2026-09-20' }), v2],
      ['error event-window-too-short', 'info event-version-added'],
    ],
    [
      'the window is shorter than messages are kept (E3)',
      [event()],
      [event({ ...announced, retention: '90d' }), v2],
      ['error event-window-too-short', 'info event-version-added'],
    ],
    [
      'both on one subject (E3)',
      [event({ subject: 'orders.created' })],
      [event({ ...announced, subject: 'orders.created' }), { ...v2, subject: 'orders.created' }],
      ['error event-subject-shared', 'info event-version-added'],
    ],
    [
      'three versions at a time (E3)',
      [event(announced), v2],
      [event(announced), { ...v2, ...announced }, event({ version: 3, schema: 'v1.json' })],
      ['error event-too-many-majors', 'info event-version-added'],
    ],
    [
      'a subject of another version (E6)',
      [event()],
      [event(announced), { ...v2, subject: 'orders.v3.created' }],
      ['error event-subject-version', 'info event-version-added'],
    ],
    [
      'a number that was retired comes back (E6)',
      [event({ status: 'retired', publishes: false }), v2],
      [event(), v2],
      ['error event-major-reused'],
    ],
    ['a lower number (E6)', [v2], [v2, event()], ['error event-major-order', 'info event-version-added']],
    [
      'deprecated everywhere and nobody listens: it may go',
      [event(announced), v2],
      [v2],
      ['info event-retired'],
    ],
    [
      'somebody still consumes it',
      [event({ ...announced, consumers: ['billing'] }), v2],
      [v2],
      ['error event-retired-early'],
    ],
    [
      'before its sunset',
      [event({ ...announced, sunset: '2026-12-01' }), v2],
      [v2],
      ['error event-retired-early'],
    ],
    [
      'while its messages are kept',
      [event({ ...announced, retention: '30d' }), v2],
      [v2],
      ['error event-retired-early'],
    ],
    [
      'deprecated and gone in one release',
      [event({ consumers: [] }), v2],
      [v2],
      ['error event-retired-early'],
    ],
    ['first publication', [], [event()], ['info event-added']],
    ['proposed and taken back', [event({ status: 'proposed' })], [], []],
  ])('%s', async (what, before, after, expected) => {
    if (what.startsWith('another format')) {
      const files = { ...schemas, 'events/v1.avsc': '"string"' }
      const [base, revision] = [await load(before, files), await load(after, files)]
      if (!base.ok || !revision.ok) throw new Error('refused')
      const compared = await base.value.to(revision.value, { today }, noTools)
      expect(compared.ok && told(compared.value)).toEqual(expected)
      return
    }
    const found = told(await compare(before, after))
    expect(
      [...new Set(found)].filter((one) => !one.includes('event-subject-version') || expected.includes(one)),
    ).toEqual(expected)
  })
})

describe('a catalogue that cannot be read is refused', () => {
  it.each([
    ['an unknown key', [event({ retentoin: '30d' })], /did you mean `retention`/],
    ['a version that is no number', [event({ version: 'one' as unknown as number })], /version/],
    ['one version twice', [event(), event()], /twice/],
    ['a schema that is not there', [event({ schema: 'v9.json' })], /v9\.json/],
    ['a schema out of the repository', [event({ schema: '../../x.json' })], /leaves the folder/],
    ['a date of another form', [event({ sunset: 'soon' })], /no date/],
  ])('%s', async (_, events, says) => {
    const loaded = await load(events)
    expect(loaded.ok).toBe(false)
    if (!loaded.ok) expect(loaded.fault.cause).toMatch(says)
  })
})

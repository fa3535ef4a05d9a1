import { expect, test } from 'vitest'
import type { CaseVerdict } from '../types.ts'
import { readResult, type TenantResult } from './result.ts'
import { decide, type Expectation } from './verdict.ts'

const commit = 'c'.repeat(40)
const both = (verdict: CaseVerdict, attack = 'path-id') => [
  { attack, from: 'acme', to: 'zeta', verdict },
  { attack, from: 'zeta', to: 'acme', verdict },
]
const result = (more: Partial<TenantResult> = {}): TenantResult => ({
  schema: 'two-tenant/v1',
  commit,
  runId: '1',
  startedAt: '2026-01-01T00:00:00Z',
  tenants: ['acme', 'zeta'],
  operations: [{ id: 'get', cases: both('pass') }],
  controls: { positive: 1, negative: 1, mutationCaught: true },
  ...more,
})
const expectation = (more: Partial<Expectation> = {}): Expectation => ({
  commit,
  operations: [{ id: 'get', method: 'GET', path: '/x' }],
  exempt: new Set(),
  inconclusiveLimit: 0,
  mutationWaived: false,
  left: [],
  ...more,
})
const controls = { positive: 1, negative: 1, mutationCaught: true }

test.each<[string, Partial<TenantResult>, Partial<Expectation>, string]>([
  ['everything in order', {}, {}, 'pass'],
  ['a leak', { operations: [{ id: 'get', cases: [...both('pass'), ...both('leak')] }] }, {}, 'leak'],
  [
    'a leak of an exempt operation',
    { operations: [{ id: 'get', cases: both('leak') }] },
    { exempt: new Set(['get']) },
    'leak',
  ],
  [
    'a leak beside what makes the run invalid',
    { operations: [{ id: 'get', cases: both('leak') }], tenants: ['acme'] },
    {},
    'leak',
  ],
  [
    'a leak of a subject that no description has',
    {
      operations: [
        { id: 'get', cases: both('pass') },
        { id: 's', subject: 'a.>', cases: both('leak') },
      ],
    },
    {},
    'leak',
  ],
  ['the result of another commit', { commit: 'd'.repeat(40) }, {}, 'invalid'],
  ['one tenant', { tenants: ['acme'] }, {}, 'invalid'],
  ['one tenant twice', { tenants: ['acme', 'acme'] }, {}, 'invalid'],
  ['no positive control', { controls: { ...controls, positive: 0 } }, {}, 'invalid'],
  [
    'a leak that was put in and not found',
    { controls: { ...controls, mutationCaught: false } },
    {},
    'invalid',
  ],
  [
    'the same, waived',
    { controls: { ...controls, mutationCaught: false } },
    { mutationWaived: true },
    'pass',
  ],
  ['an invalid run', {}, { invalid: 'one tenant' }, 'invalid'],
  ['no case at all', { operations: [] }, {}, 'invalid'],
  [
    'an operation that is missing',
    {},
    {
      operations: [
        { id: 'get', method: 'GET', path: '/x' },
        { id: 'put', method: 'PUT', path: '/x' },
      ],
    },
    'untested',
  ],
  [
    'the same, exempt',
    {},
    {
      operations: [
        { id: 'get', method: 'GET', path: '/x' },
        { id: 'put', method: 'PUT', path: '/x' },
      ],
      exempt: new Set(['put']),
    },
    'pass',
  ],
  ['one direction only', { operations: [{ id: 'get', cases: both('pass').slice(0, 1) }] }, {}, 'untested'],
  [
    'cases that exempt themselves',
    {
      operations: [
        { id: 'get', cases: both('exempt') },
        { id: 'other', cases: both('pass') },
      ],
    },
    {},
    'untested',
  ],
  [
    'inconclusive cases',
    { operations: [{ id: 'get', cases: [...both('pass'), ...both('inconclusive')] }] },
    {},
    'inconclusive',
  ],
  [
    'the same within the limit',
    { operations: [{ id: 'get', cases: [...both('pass'), ...both('inconclusive')] }] },
    { inconclusiveLimit: 2 },
    'pass',
  ],
  ['objects that were left', {}, { left: ['projects 7'] }, 'inconclusive'],
])('%s', (_, more, expected, state) => {
  const verdict = decide(result(more), expectation(expected))
  expect(verdict.state).toBe(state)
  expect(verdict.problems.length === 0).toBe(state === 'pass')
})

test.each([
  ['', /not JSON/],
  ['{}', /schema/],
  [JSON.stringify({ ...result(), schema: 'two-tenant/v2' }), /schema/],
  [JSON.stringify({ ...result(), commit: 'main' }), /no commit id/],
  [
    JSON.stringify({
      ...result(),
      operations: [{ id: 'x', cases: [{ attack: 'a', from: 'a', to: 'b', verdict: 'ok' }] }],
    }),
    /verdict/,
  ],
])('a result of another form is refused', (text, why) => {
  const read = readResult(text, 'result.json')
  expect(read.ok ? '' : read.fault.cause).toMatch(why)
})

test('what a foreign simulator adds stays, and a sentence is evidence', () => {
  const text = JSON.stringify({
    ...result({
      operations: [{ id: 'get', cases: both('pass').map((one) => ({ ...one, evidence: 'seen' })) as never }],
    }),
    tool: 'ours',
  })
  const read = readResult(text, 'result.json')
  expect(read.ok && read.value.operations[0]?.cases[0]?.evidence).toEqual({ why: 'seen' })
})

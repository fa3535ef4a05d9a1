import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide } from '../gate/verdict.ts'
import { toJUnit } from '../output/junit.ts'
import { fromJUnit } from './junit.ts'
import { elementsOf } from './xml.ts'

const frame = {
  commit: 'c'.repeat(40),
  runId: '1',
  startedAt: '2026-01-01T00:00:00Z',
  tenants: ['acme', 'zeta'] as const,
}
const suite = (tests: string) =>
  `<?xml version="1.0"?>\n<testsuites><testsuite name="x">${tests}</testsuite></testsuites>`
const controls = '<testcase classname="c" name="control reads"/><testcase classname="c" name="mutation"/>'
function judged(text: string) {
  const read = fromJUnit(text, 'junit.xml', frame)
  if (!read.ok) return read.fault.cause
  return decide(read.value, {
    ...{
      commit: frame.commit,
      operations: [{ id: 'getX', method: 'GET', path: '/x' }],
      exempt: new Set<string>(),
    },
    ...{ inconclusiveLimit: 0, mutationWaived: false, left: [] },
  }).state
}

test.each([
  ['tests that pass', `${controls}<testcase classname="getX" name="id"/>`, 'pass'],
  [
    'a failure',
    `${controls}<testcase classname="getX" name="id a->b"><failure message="seen"/></testcase>`,
    'leak',
  ],
  [
    'an error',
    `${controls}<testcase classname="getX" name="id"/><testcase classname="getX" name="id2"><error>boom</error></testcase>`,
    'inconclusive',
  ],
  ['one direction', `${controls}<testcase classname="getX" name="id a-&gt;b"/>`, 'untested'],
  [
    'both directions, one by one',
    `${controls}<testcase classname="getX" name="id a->b"/><testcase classname="getX" name="id b->a"/>`,
    'pass',
  ],
  ['a skipped test', `${controls}<testcase classname="getX" name="id"><skipped/></testcase>`, 'invalid'],
  ['another operation only', `${controls}<testcase classname="getY" name="id"/>`, 'untested'],
  ['no controls', '<testcase classname="getX" name="id"/>', 'invalid'],
  [
    'a mutation that was not found',
    `<testcase classname="c" name="control"/><testcase classname="c" name="mutation"><failure/></testcase><testcase classname="getX" name="id"/>`,
    'invalid',
  ],
])('%s', (_, tests, state) => expect(judged(suite(tests))).toBe(state))

test.each([
  ['', /no element/],
  [suite(''), /no test/],
  [suite('<testcase name="x"/>'), /no classname/],
  ['<a><b></a>', /closes/],
  ['<a>', /not closed/],
  ['<a/><b/>', /more than one root/],
  ['<a b=c/>', /not well formed/],
  ['<!DOCTYPE a [<!ENTITY x "y">]><a/>', /not well formed/],
])('%j is refused', (text, why) => expect(judged(text)).toMatch(why))

describe('reading', () => {
  test('any text ends, in elements or in a sentence', () => {
    const piece = fc.constantFrom(
      '<a',
      '>',
      '</a>',
      '<a/>',
      ' x="1"',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '&lt;',
      'text',
      '"',
      '<?',
      '?>',
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        (pieces) =>
          Array.isArray(elementsOf(pieces.join(''))) || typeof elementsOf(pieces.join('')) === 'string',
      ),
    )
  })

  test('what is written is read back, whatever stands in it', () => {
    const verdict = fc.constantFrom('pass' as const, 'leak' as const, 'inconclusive' as const)
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }),
        verdict,
        fc.string({ unit: 'binary' }),
        (id, said, why) => {
          const text = toJUnit({
            schema: 'two-tenant/v1',
            ...{ commit: frame.commit, runId: '1', startedAt: frame.startedAt, tenants: ['acme', 'zeta'] },
            operations: [
              {
                id: `op${id}`,
                cases: [{ attack: 'write', from: 'zeta', to: 'acme', verdict: said, evidence: { why } }],
              },
            ],
            controls: { positive: 1, negative: 0, mutationCaught: true },
          })
          const read = fromJUnit(text, 'junit.xml', frame)
          if (!read.ok) throw new Error(read.fault.cause)
          expect(read.value.operations).toHaveLength(1)
          expect(read.value.operations[0]?.cases[0]).toMatchObject({
            from: 'zeta',
            to: 'acme',
            verdict: said,
          })
          expect(read.value.controls).toMatchObject({ positive: 1, mutationCaught: true })
        },
      ),
    )
  })
})

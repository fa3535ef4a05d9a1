import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sarif } from '../../../testkit/findings/index.ts'
import { decide, newOnes, type Versions } from '../testing/case.ts'

const lines = ['const a = read()', 'eval(a)', 'write(a)', 'const far = "away"'.repeat(8), 'done()']
const code = `${lines.join('\n')}\n`
const at = (line: number, more: object = {}) => ({ file: 'src/a.js', line, ...more })
const before = { report: sarif([at(2)]), tree: { 'src/a.js': code } }
const tree = (text: string) => ({ 'src/a.js': text })
const edited = (from: number, removed: number, to: number, added: number) => [
  { before: 'src/a.js', now: 'src/a.js', hunks: [{ from, removed, to, added }] },
]
const insert = (index: number, ...more: string[]) => `${lines.toSpliced(index, 0, ...more).join('\n')}\n`

const placeholder = (n: number) => ({ ...at(n), fingerprints: { 'matchBasedId/v1': 'requires login' } })
const versions = (values: Record<string, string>) => ({
  file: 'gone.js',
  line: 7,
  partialFingerprints: values,
})

/** Each edit, and what must be new after it. */
const edits: readonly (readonly [string, Versions, readonly string[]])[] = [
  ['nothing', { before, now: before }, []],
  ['blank lines above', { before, now: { report: sarif([at(5)]), tree: tree(insert(0, '', '', '')) } }, []],
  [
    'other white space',
    { before, now: { report: sarif([at(2)]), tree: tree(code.replaceAll('eval(a)', '\t eval( a )')) } },
    [],
  ],
  [
    'CRLF instead of LF',
    { before, now: { report: sarif([at(2)]), tree: tree(code.replaceAll('\n', '\r\n')) } },
    [],
  ],
  [
    'the file renamed',
    {
      before,
      now: { report: sarif([{ file: 'lib/b.js', line: 2 }]), tree: { 'lib/b.js': code } },
      changes: [{ before: 'src/a.js', now: 'lib/b.js', hunks: [] }],
    },
    [],
  ],
  [
    'a copy of the file, of which Git says nothing',
    {
      before,
      now: { report: sarif([at(2), { file: 'b.js', line: 2 }]), tree: { 'src/a.js': code, 'b.js': code } },
    },
    ['new b.js:2'],
  ],
  [
    'the line doubled: the copy is the new one',
    {
      before,
      now: { report: sarif([at(2), at(3)]), tree: tree(insert(2, 'eval(a)')) },
      changes: edited(2, 0, 3, 1),
    },
    ['new src/a.js:3'],
  ],
  [
    'one of two equal lines deleted',
    {
      before: { report: sarif([at(2), at(3)]), tree: tree(insert(2, 'eval(a)')) },
      now: { report: sarif([at(2)]), tree: tree(code) },
      changes: edited(2, 1, 1, 0),
    },
    [],
  ],
  [
    'the function moved to the end of the file',
    {
      before: {
        report: sarif([at(2)]),
        tree: tree(`top()\neval(b) // ${'x'.repeat(120)}\n${'y()\n'.repeat(60)}`),
      },
      now: {
        report: sarif([at(62)]),
        tree: tree(`top()\n${'y()\n'.repeat(60)}eval(b) // ${'x'.repeat(120)}\n`),
      },
    },
    [],
  ],
  [
    'only the next line changed',
    { before, now: { report: sarif([at(2)]), tree: tree(code.replace('write(a)', 'print(a)')) } },
    [],
  ],
  [
    'the line itself changed',
    {
      before,
      now: { report: sarif([at(2)]), tree: tree(code.replace('eval(a)', 'eval(a + 1)')) },
      changes: edited(2, 1, 2, 1),
    },
    [],
  ],
  [
    'the line itself changed, and it holds another secret now',
    {
      before,
      now: {
        report: sarif([at(2, { taxa: [{ id: 'CWE-798' }] })]),
        tree: tree(code.replace('eval(a)', 'eval(a + 1)')),
      },
      changes: edited(2, 1, 2, 1),
    },
    ['new src/a.js:2'],
  ],
  [
    'the same constant fingerprint on all, and one more finding',
    {
      before: { report: sarif([placeholder(2)]), tree: tree(code) },
      now: {
        report: sarif([placeholder(2), placeholder(5)]),
        tree: tree(code.replace('done()', 'eval(done)')),
      },
    },
    ['new src/a.js:5'],
  ],
  [
    'a next version of the fingerprint, the old one still there',
    {
      before: { report: sarif([versions({ 'x/v1': 'a' })]) },
      now: {
        report: sarif([
          { ...versions({ 'x/v1': 'a', 'x/v2': 'b' }), line: 90, message: { text: 'other words' } },
        ]),
      },
    },
    [],
  ],
  [
    'versions that differ in the greatest they share',
    {
      before: { report: sarif([versions({ 'x/v1': 'a', 'x/v2': 'b' })]) },
      now: {
        report: sarif([
          { ...versions({ 'x/v1': 'a', 'x/v2': 'c' }), line: 90, message: { text: 'other words' } },
        ]),
      },
    },
    ['new gone.js:90'],
  ],
  [
    'a tool with a new rule, on a line that stood there',
    {
      before: { ...before, report: sarif([], {}, { semanticVersion: '1.0.0' }) },
      now: { ...before, report: sarif([at(2)], {}, { semanticVersion: '1.1.0' }) },
      changes: [],
    },
    ['tool-upgrade src/a.js:2'],
  ],
  [
    'a tool with a new rule, on a line of this change',
    {
      before: { ...before, report: sarif([], {}, { semanticVersion: '1.0.0' }) },
      now: { ...before, report: sarif([at(2)], {}, { semanticVersion: '1.1.0' }) },
      changes: edited(1, 0, 2, 1),
    },
    ['new src/a.js:2'],
  ],
  [
    'the rule under a new name',
    {
      before,
      now: {
        report: sarif(
          [at(2, { rule: 'no-eval' })],
          {},
          { rules: [{ id: 'no-eval', deprecatedIds: ['eval'] }] },
        ),
        tree: tree(code),
      },
    },
    [],
  ],
  [
    'another tool with the same rule',
    { before, now: { report: sarif([at(2)], {}, { name: 'Other' }), tree: tree(code) } },
    ['new src/a.js:2'],
  ],
  [
    'an absolute URI',
    { before, now: { report: sarif([{ uri: 'file:///checkout/src/a.js', line: 2 }]), tree: tree(code) } },
    [],
  ],
  [
    'a URI from %SRCROOT%',
    {
      before,
      now: {
        report: sarif([{ uri: { uri: 'src/a.js', uriBaseId: '%SRCROOT%' }, line: 2 }]),
        tree: tree(code),
      },
    },
    [],
  ],
  [
    'a percent-encoded path',
    {
      before: { report: sarif([{ uri: 'file:///checkout/a%20b.js', line: 2 }]), tree: { 'a b.js': code } },
      now: { report: sarif([{ uri: 'a%20b.js', line: 2 }]), tree: { 'a b.js': code } },
    },
    [],
  ],
  [
    'no region',
    { before: { report: sarif([{ file: 'src/a.js' }]) }, now: { report: sarif([{ file: 'src/a.js' }]) } },
    [],
  ],
  ['no baseline', { now: before }, ['new src/a.js:2']],
]

describe('what is new after', () => {
  test.each(edits)('%s', (_, change, expected) => {
    expect(newOnes(decide(change))).toEqual(expected)
  })
})

test('of k then and m now exactly m - k are new, wherever the equal lines went', () => {
  const lines = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(lines, lines, (then, now) => {
      const of = (marks: readonly boolean[]) => {
        const text = marks
          .map((hit) => (hit ? `eval(a)${';'.repeat(120)}` : `fine()${';'.repeat(120)}`))
          .join('\n')
        return {
          report: sarif(marks.flatMap((hit, index) => (hit ? [at(index + 1)] : []))),
          tree: tree(text),
        }
      }
      const count = (marks: readonly boolean[]) => marks.filter((hit) => hit).length
      expect(newOnes(decide({ before: of(then), now: of(now) }))).toHaveLength(
        Math.max(0, count(now) - count(then)),
      )
    }),
    { numRuns: 50 },
  )
})

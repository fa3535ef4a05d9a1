import { expect, test } from 'vitest'
import { parseReportLines } from './report-line.ts'

test('a report a line, with comments and blank lines', () => {
  const text = [
    '# scans of this job',
    '',
    'semgrep a.sarif exit=1 outcome=success category=api # the slow one',
    'osv-scanner b.json known-exits=0,1,3 scanned=12 format=osv-scanner source=go.mod',
  ].join('\r\n')
  expect(parseReportLines(text)).toEqual({
    ok: true,
    value: [
      { tool: 'semgrep', path: 'a.sarif', exit: 1, outcome: 'success', category: 'api' },
      {
        tool: 'osv-scanner',
        path: 'b.json',
        format: 'osv-scanner',
        knownExits: [0, 1, 3],
        scanned: 12,
        source: 'go.mod',
      },
    ],
  })
})

test.each([
  ['nothing', '', /names no report/],
  ['comments alone', '# a b', /names no report/],
  ['a word alone', 'probe', /is not "tool path"/],
  ['a key in place of the path', 'probe exit=0', /is not "tool path"/],
  ['a tool of no form', '../a b', /calls a tool/],
  ['an exit code of a step that never ran', 'probe a exit=', /no number/],
  ['an exit code that is none', 'probe a exit=-1', /no number/],
  ['known exits with a gap', 'probe a known-exits=0,,1', /no number/],
  ['an unknown key', 'probe a exits=0', /has "exits=0"; known are/],
  ['a key twice', 'probe a exit=0 exit=1', /exit= twice/],
  ['an unknown format', 'probe a format=xml', /has no format of/],
  ['too many', Array.from({ length: 101 }, (_, at) => `probe ${at}`).join('\n'), /more than 100/],
])('%s is refused', (_, text, says) => {
  expect(parseReportLines(text)).toMatchObject({ ok: false, why: expect.stringMatching(says) as string })
})

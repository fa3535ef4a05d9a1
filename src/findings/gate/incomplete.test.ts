import { describe, expect, test } from 'vitest'
import { sarif } from '../../../testkit/findings/index.ts'
import type { FlawCode } from '../flaws.ts'
import { policySchema } from '../policy/schema.ts'
import type { ReportSpec } from '../read/types.ts'
import { decide, probe, runsOf, type Versions } from '../testing/case.ts'

const now = (report: unknown, tree: Readonly<Record<string, string>> = {}) => ({ now: { report, tree } })
const run = (extra: object) => now(sarif([], extra as Record<string, unknown>))
const spec = (more: Partial<ReportSpec>): ReportSpec => ({ ...probe, ...more })
const osv = (results: unknown) => ({ results })
const osvSpec = { tool: 'osv-scanner', path: 'osv.json' }
const source = (path: string) => ({ source: { path: `/checkout/${path}` }, packages: [] })

/** A line each: what must never pass silently, and the flaw it is told as. */
const matrix: readonly (readonly [string, FlawCode, Versions])[] = [
  [
    'a required tool without a run',
    'tool-missing',
    { ...run({}), input: { requireTools: ['probe', 'codeql'] } },
  ],
  ['an empty report', 'report-empty', now('')],
  ['a blank report', 'report-empty', now(' \n\t ')],
  ['a report that is not JSON', 'report-unreadable', now('<html>')],
  ['a report that was cut off', 'report-unreadable', now(JSON.stringify(sarif([])).slice(0, -2))],
  ['a zip', 'report-unreadable', now('PK\u0003\u0004')],
  ['a report of nothing known', 'report-unreadable', now({ hello: 1 })],
  ['SARIF of another version', 'sarif-version', now({ ...sarif([]), version: '2.0.0' })],
  ['SARIF without a version', 'sarif-version', now({ runs: sarif([]).runs })],
  ['no runs', 'no-runs', now({ version: '2.1.0', runs: [] })],
  ['runs that are null', 'no-runs', now({ version: '2.1.0', runs: null })],
  ['results that are null', 'results-absent', run({ results: null })],
  [
    'results that are absent',
    'results-absent',
    now({ version: '2.1.0', runs: [{ tool: { driver: { name: 'Probe' } } }] }),
  ],
  [
    'an execution that did not succeed',
    'execution-failed',
    run({ invocations: [{ executionSuccessful: true }, { executionSuccessful: false }] }),
  ],
  [
    'an error of the execution',
    'tool-error',
    run({
      invocations: [
        {
          executionSuccessful: true,
          toolExecutionNotifications: [{ level: 'error', message: { text: 'crashed on a.js' } }],
        },
      ],
    }),
  ],
  [
    'an error of the configuration',
    'tool-error',
    run({
      invocations: [
        {
          executionSuccessful: true,
          toolConfigurationNotifications: [{ level: 'error', message: { text: 'no rules' } }],
        },
      ],
    }),
  ],
  [
    'an exit code in the report',
    'exit-code',
    run({ invocations: [{ executionSuccessful: true, exitCode: 3 }] }),
  ],
  [
    'semgrep exits 2',
    'exit-code',
    { ...now(sarif([], {}, { name: 'Semgrep OSS' })), spec: spec({ tool: 'semgrep', exit: 2 }) },
  ],
  ['osv-scanner exits 127', 'exit-code', { ...now(osv([source('x')])), spec: { ...osvSpec, exit: 127 } }],
  ['osv-scanner exits 128', 'exit-code', { ...now(osv([source('x')])), spec: { ...osvSpec, exit: 128 } }],
  [
    'trivy exits 1 unasked',
    'exit-code',
    { ...now({ SchemaVersion: 2, Results: [{ Target: 'a' }] }), spec: spec({ tool: 'trivy', exit: 1 }) },
  ],
  [
    'gitleaks found something, and its list is empty',
    'exit-code',
    { ...now([]), spec: spec({ tool: 'gitleaks', exit: 1 }) },
  ],
  ['no file was looked at (SARIF)', 'nothing-scanned', run({ artifacts: [] })],
  ['no file was looked at (osv-scanner)', 'nothing-scanned', { ...now(osv([])), spec: osvSpec }],
  [
    'no file was looked at (trivy)',
    'nothing-scanned',
    { ...now({ SchemaVersion: 2 }), spec: spec({ tool: 'trivy' }) },
  ],
  [
    'far less was looked at',
    'scanned-less',
    { ...now(osv([source('x')])), spec: osvSpec, before: { report: osv(['a', 'b', 'c'].map(source)) } },
  ],
  [
    'a lockfile in no report',
    'not-covered',
    {
      ...now(osv([source('package-lock.json')]), { 'package-lock.json': '', 'api/go.mod': '' }),
      spec: osvSpec,
    },
  ],
  [
    'a language without its scan',
    'not-covered',
    {
      ...now(sarif([]), { 'a.go': '' }),
      input: { policy: policySchema.parse({ version: 1, coverage: [{ when: '**/*.go', tool: 'codeql' }] }) },
    },
  ],
  ['25,000 results', 'truncated', now(sarif(Array.from({ length: 25_000 }, () => ({ file: 'a.js' }))))],
  ['5,000 results', 'truncated', now(sarif(Array.from({ length: 5_000 }, () => ({ file: 'a.js' }))))],
  [
    'a report of another commit',
    'stale',
    run({ versionControlProvenance: [{ revisionId: 'b'.repeat(40) }] }),
  ],
  ['a scan step that failed', 'step-outcome', { ...run({}), spec: spec({ outcome: 'failure' }) }],
  ['a scan step that was cancelled', 'step-outcome', { ...run({}), spec: spec({ outcome: 'cancelled' }) }],
  ['a scan step that was skipped', 'step-outcome', { ...run({}), spec: spec({ outcome: 'skipped' }) }],
  [
    'a tool of the baseline is gone',
    'tool-gone',
    { ...run({}), input: { baseline: [{ tool: 'CodeQL', findings: [] }] } },
  ],
  ['a finding above the root', 'location-outside', now(sarif([{ file: '../secret.js', line: 1 }]))],
  [
    'a finding elsewhere on the machine',
    'location-outside',
    now(sarif([{ uri: 'file:///etc/passwd', line: 1 }])),
  ],
  [
    'a finding on the network',
    'location-outside',
    now(sarif([{ uri: 'https://example.org/a.js', line: 1 }])),
  ],
  [
    'npm audit that was refused',
    'tool-error',
    {
      ...now({ message: 'audit endpoint returned an error', statusCode: 405 }),
      spec: spec({ tool: 'npm-audit' }),
    },
  ],
  ['nesting without end', 'report-too-large', now(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
  ['millions of empty values', 'report-too-large', now(`[${'[],'.repeat(9_000_000)}[]]`)],
  [
    'an age that nobody knows',
    'age-unknown',
    {
      before: { report: sarif([{ file: 'a.js', line: 1 }]) },
      ...now(sarif([{ file: 'a.js', line: 1 }])),
      input: { policy: policySchema.parse({ version: 1, fail: { 'known-days': { high: 30 } } }) },
    },
  ],
]

describe('incomplete, whatever else is fine', () => {
  test.each(matrix)('%s', (_, code, versions) => {
    const answer = decide(versions)
    expect(answer.flaws.map((flaw) => flaw.code)).toContain(code)
    expect(answer.state).toBe('incomplete')
  })
})

const clean: readonly (readonly [string, Versions])[] = [
  ['no results and a success', run({ invocations: [{ executionSuccessful: true, exitCode: 0 }] })],
  [
    'a report of the judged commit, shortened',
    run({ versionControlProvenance: [{ revisionId: 'a'.repeat(12) }] }),
  ],
  [
    'results that hold nothing against the code',
    now(
      sarif([
        { file: 'a.js', kind: 'pass' },
        { file: 'a.js', kind: 'informational' },
      ]),
    ),
  ],
  [
    'osv-scanner with every lockfile and no advisory',
    { ...now(osv([source('go.mod')]), { 'go.mod': '' }), spec: { ...osvSpec, exit: 0, outcome: 'success' } },
  ],
  ['gitleaks with an empty list', { ...now([]), spec: spec({ tool: 'gitleaks', exit: 0 }) }],
  ['a mild new finding', now(sarif([{ file: 'a.js', level: 'note' }]))],
]

test.each(clean)('clean: %s', (_, versions) => {
  expect(decide(versions)).toMatchObject({ state: 'clean', flaws: [] })
})

test('a new finding that is high is `findings`', () => {
  expect(decide(now(sarif([{ file: 'a.js', line: 1 }]))).state).toBe('findings')
})

test('a report may not break the reader, whatever JSON it is', () => {
  for (const value of [
    null,
    1,
    'a',
    [],
    [1],
    {},
    { runs: [1] },
    { version: '2.1.0', runs: [{ results: [1, null, {}] }] },
  ]) {
    for (const tool of [
      'probe',
      'osv-scanner',
      'npm-audit',
      'trivy',
      'dependency-review',
      'gitleaks',
      'cyclonedx',
    ]) {
      expect(() => runsOf(value, {}, spec({ tool }))).not.toThrow()
    }
  }
})

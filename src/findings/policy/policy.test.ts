import { describe, expect, test } from 'vitest'
import type { Identified } from '../identity/identify.ts'
import type { Newness } from '../match/match.ts'
import { globMatcher } from './glob.ts'
import { judgeOf } from './judge.ts'
import { readPolicy } from './read.ts'
import type { Policy } from './schema.ts'
import { suppressorOf } from './suppress.ts'

const today = new Date('2026-11-21T12:00:00Z')
const id = '0123456789abcdef'
const reason = 'reason: the input is a constant of the build\n    owner: team-delivery'

function policyOf(text: string): Policy {
  const read = readPolicy(`version: 1\n${text}`, 'findings.yaml')
  if (!read.ok) throw new Error(read.fault.cause)
  return read.value
}

function found(more: Partial<Identified> = {}): Identified {
  return {
    id,
    rule: 'eval',
    severity: 'high',
    message: 'm',
    shape: 'm',
    location: { file: 'src/a.js', line: 3 },
    ...more,
  }
}

function judged(policy: string, finding: Identified, newness: Newness = 'new', before?: Identified) {
  const parsed = policyOf(policy)
  const judge = judgeOf({ policy: parsed, today, suppressor: suppressorOf(parsed, today) })
  return judge({ finding, newness, ...(before === undefined ? {} : { before }) }, { tool: 'Semgrep OSS' })
}

describe('what blocks', () => {
  const cases: readonly (readonly [string, string, Partial<Identified>, Newness, string])[] = [
    ['high without any policy', '', {}, 'new', 'blocking'],
    ['medium without any policy', '', { severity: 'medium' }, 'new', 'reported'],
    ['a known one', '', {}, 'known', 'reported'],
    ['medium where medium blocks', 'fail: { severity: medium }', { severity: 'medium' }, 'new', 'blocking'],
    [
      'a listed CWE, however mild',
      'fail: { cwe: [89] }',
      { severity: 'none', cwes: ['CWE-89'] },
      'new',
      'blocking',
    ],
    ['another CWE', 'fail: { cwe: [CWE-89] }', { severity: 'low', cwes: ['CWE-890'] }, 'new', 'reported'],
    ['a rule by path', "rules: [{ paths: ['src/**'], severity: critical }]", {}, 'new', 'reported'],
    [
      'a rule by tool, in its short name',
      'rules: [{ tools: [semgrep], severity: off }]',
      { severity: 'critical' },
      'new',
      'reported',
    ],
    ['a rule of another tool', 'rules: [{ tools: [codeql], severity: off }]', {}, 'new', 'blocking'],
    [
      'a rule by rule and by CWE, of which only one fits',
      "rules: [{ rules: ['ev*'], cwe: [79], severity: off }]",
      { cwes: ['CWE-89'] },
      'new',
      'blocking',
    ],
    [
      'the first of two rules that fit',
      "rules: [{ rules: [eval], severity: low }, { paths: ['**'], severity: off }]",
      { severity: 'low' },
      'new',
      'blocking',
    ],
    [
      'a rule before a listed CWE',
      "fail: { cwe: [89] }\nrules: [{ paths: ['src/**'], severity: off }]",
      { cwes: ['CWE-89'] },
      'new',
      'reported',
    ],
    ['an upgrade of the tool', '', {}, 'tool-upgrade', 'blocking'],
    ['an upgrade of the tool that only warns', 'tool-upgrade: warn', {}, 'tool-upgrade', 'reported'],
    ['suppressed in the source', '', { suppressed: 'source' }, 'new', 'suppressed'],
    [
      'suppressed in the source, where that is forbidden',
      'suppressed-by-tool: forbid',
      { suppressed: 'source' },
      'new',
      'blocking',
    ],
    [
      'suppressed by the tool until yesterday',
      '',
      { suppressed: 'tool', suppressedUntil: '2026-11-20T00:00:00Z' },
      'new',
      'blocking',
    ],
    [
      'suppressed by the tool until nobody knows when',
      '',
      { suppressed: 'tool', suppressedUntil: 'soon' },
      'new',
      'blocking',
    ],
  ]
  test.each(cases)('%s', (_, policy, finding, newness, state) => {
    expect(judged(policy, found(finding), newness).state).toBe(state)
  })

  test.each([
    ['2026-11-08T00:00:00Z', 'reported'],
    ['2026-11-06T00:00:00Z', 'blocking'],
  ])('a known one, seen first on %s, of 14 days: %s', (firstSeen, state) => {
    const policy = 'fail: { known-days: { high: 14 } }'
    expect(judged(policy, found(), 'known', found({ firstSeen })).state).toBe(state)
  })

  test('a known one without a date, where the age is limited, says so', () => {
    expect(judged('fail: { known-days: { high: 14 } }', found(), 'known', found())).toMatchObject({
      ageUnknown: true,
    })
  })
})

describe('suppressions', () => {
  const entry = (head: string, expires = '2026-12-10') =>
    `suppressions:\n  - ${head}\n    ${reason}\n    expires: ${expires}\n`
  const dependency = found({
    rule: 'CVE-2026-1',
    formerRules: ['GHSA-x'],
    package: { purl: 'pkg:npm/left-pad', name: 'left-pad', version: '1.0.0' },
  })
  const cases: readonly (readonly [string, string, Identified, boolean])[] = [
    ['by fingerprint', entry(`fingerprint: ${id}`), found(), true],
    ['by another fingerprint', entry('fingerprint: fedcba9876543210'), found(), false],
    ['by rule and path', entry("rule: eval\n    path: 'src/*.js'"), found(), true],
    ['by rule and another path', entry("rule: eval\n    path: 'lib/**'"), found(), false],
    [
      'by package and advisory',
      entry('purl: pkg:npm/left-pad\n    vulnerability: CVE-2026-1'),
      dependency,
      true,
    ],
    [
      'by another name of the advisory',
      entry('purl: pkg:npm/left-pad\n    vulnerability: GHSA-x'),
      dependency,
      true,
    ],
    [
      'by package of that version',
      entry('purl: pkg:npm/left-pad@1.0.0\n    vulnerability: CVE-2026-1'),
      dependency,
      true,
    ],
    [
      'by package of another version',
      entry('purl: pkg:npm/left-pad@2.0.0\n    vulnerability: CVE-2026-1'),
      dependency,
      false,
    ],
    ['on the last day', entry(`fingerprint: ${id}`, '2026-11-21'), found(), true],
    ['on the day after', entry(`fingerprint: ${id}`, '2026-11-20'), found(), false],
    ['30 days ahead for a high one', entry(`fingerprint: ${id}`, '2026-12-21'), found(), true],
    ['31 days ahead for a high one', entry(`fingerprint: ${id}`, '2026-12-23'), found(), false],
    [
      '31 days ahead for a medium one',
      entry(`fingerprint: ${id}`, '2026-12-23'),
      found({ severity: 'medium' }),
      true,
    ],
    [
      '31 days ahead where 40 are allowed',
      `max-days: { high: 40 }\n${entry(`fingerprint: ${id}`, '2026-12-23')}`,
      found(),
      true,
    ],
  ]
  test.each(cases)('%s', (_, policy, finding, covered) => {
    expect(judged(policy, finding).state).toBe(covered ? 'suppressed' : 'blocking')
  })

  test('one by fingerprint covers one finding: the copy counts', () => {
    const suppressor = suppressorOf(policyOf(entry(`fingerprint: ${id}`)), today)
    expect([suppressor.cover(found()), suppressor.cover(found())].map((one) => one !== undefined)).toEqual([
      true,
      false,
    ])
  })

  test('each says whether it was of use', () => {
    const texts = [`fingerprint: ${id}`, 'fingerprint: fedcba9876543210', "rule: a\n    path: 'b'"]
    const [used, unused, expired] = texts.map((text, at) => entry(text, at === 2 ? '2026-01-01' : undefined))
    const all = [used, unused, expired]
      .map((text, at) => (at === 0 ? text : text?.split('\n').slice(1).join('\n')))
      .join('')
    const suppressor = suppressorOf(policyOf(all), today)
    suppressor.cover(found())
    expect(suppressor.uses().map(({ state }) => state)).toEqual(['used', 'unused', 'expired'])
  })
})

describe('a policy that is refused', () => {
  const suppress = (lines: string) => `version: 1\nsuppressions:\n  - fingerprint: ${id}\n${lines}`
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['nothing', '', /version/],
    ['another version', 'version: 2', /version/],
    ['a list', '- a', /not a policy/],
    ['broken YAML', 'version: 1\nfail: {', /line 2/],
    ['a key twice', 'version: 1\nfail: {}\nfail: {}', /unique/],
    [
      'a misspelt key',
      'version: 1\nsupressions: []',
      /`supressions` is not a known key; did you mean `suppressions`/,
    ],
    ['a misspelt end', suppress('    expires_at: 2026-12-01'), /expires_at/],
    ['no owner', suppress('    reason: long enough to be one\n    expires: 2026-12-01'), /owner/],
    ['no reason', suppress('    owner: me\n    expires: 2026-12-01'), /reason/],
    ['a reason of one word', suppress('    reason: fine\n    owner: me\n    expires: 2026-12-01'), /reason/],
    ['no end', suppress('    reason: long enough to be one\n    owner: me'), /expires/],
    [
      'an end that is no day',
      suppress('    reason: long enough to be one\n    owner: me\n    expires: 2026-02-31'),
      /expires/,
    ],
    [
      'two ways at once',
      suppress(
        '    rule: a\n    path: b\n    reason: long enough to be one\n    owner: me\n    expires: 2026-12-01',
      ),
      /one way/,
    ],
    ['a rule for everything', 'version: 1\nrules: [{ severity: off }]', /stand for everything/],
    ['a pattern of many stars', "version: 1\nrules: [{ paths: ['*a*a*a*a*a*a*a'], severity: off }]", /stars/],
    ['an alias bomb', 'version: 1\na: &a [x,x]\nb: &b [*a,*a]\nrules: [*b,*b]', /an alias/],
  ]
  test.each(cases)('%s', (_, text, says) => {
    const read = readPolicy(text, 'findings.yaml')
    expect(read.ok ? undefined : read.fault).toMatchObject({
      reason: 'findings-policy-invalid',
      cause: expect.stringMatching(says) as string,
    })
  })
})

const globs: readonly (readonly [string, string, boolean])[] = [
  ['**/*.go', 'a.go', true],
  ['**/*.go', 'x/y/a.go', true],
  ['*.go', 'x/y/a.go', true],
  ['src/*.js', 'src/a/b.js', false],
  ['src/', 'src/a/b.js', true],
  ['/src/**', 'src/a.js', true],
  ['src/{a,b}.js', 'src/b.js', true],
  ['src/{a,b}.js', 'src/c.js', false],
  ['a.js', 'axjs', false],
  ['[a].js', 'a.js', false],
  ['test/**', 'latest/a', false],
]

test.each(globs)('%s over %s: %s', (pattern, path, expected) => {
  expect(globMatcher(pattern)(path)).toBe(expected)
})

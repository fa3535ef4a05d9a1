import { expect, test } from 'vitest'
import { loadGrammar, type Major } from '../hazards/index.ts'
import type { ReviewFile } from './files.ts'
import { type Review, type ReviewOptions, review } from './review.ts'
import { toSarif } from './sarif.ts'
import type { Waiver } from './waivers.ts'

const file = (name: string, text: string): ReviewFile => ({
  name,
  number: Number(name.slice(0, 4)),
  bytes: text.length,
  text,
})
const earlier = [file('0001_t.sql', 'create table t (id bigint primary key, nick text, code varchar(10))')]

async function judge(
  files: readonly ReviewFile[],
  more: Partial<ReviewOptions> = {},
  versions: readonly Major[] = [18],
): Promise<Review> {
  const grammars = await Promise.all(versions.map((major) => loadGrammar(major)))
  return review({
    folder: 'migrations',
    grammars,
    newest: await loadGrammar(18),
    earlier,
    files,
    pairs: new Map(),
    transactions: 'statement',
    waivers: [],
    waiversFile: 'migrations/waivers.yaml',
    today: '2026-11-21',
    ...more,
  })
}

const open = ({ findings }: Review) =>
  findings.filter(({ level, waived }) => level !== 'notice' && waived === undefined).map(({ rule }) => rule)

test('an additive file is an expand step without a finding', async () => {
  const answer = await judge([file('0002_a.sql', 'alter table t add column a int')])
  expect(open(answer)).toEqual([])
  expect(answer.files).toMatchObject([{ phase: 'expand' }])
  expect(answer.claims).toEqual({ version: 1, needs: 2, contracts: [] })
})

test('rows that change make a migrate step', async () => {
  const answer = await judge([file('0002_a.sql', "update t set nick = 'x' where id between 1 and 1000")])
  expect(answer.files).toMatchObject([{ phase: 'migrate' }])
})

test('earlier files make up the schema: widening is known to be safe, a table of nobody is assumed', async () => {
  const safe = await judge([file('0002_a.sql', 'alter table t alter code type varchar(20)')])
  expect(open(safe)).toEqual([])
  const blind = await judge([file('0002_a.sql', 'alter table elsewhere alter code type varchar(20)')])
  expect(blind.findings.find(({ rule }) => rule === 'change-type-rewrite')).toMatchObject({
    certainty: 'assumed',
    level: 'error',
  })
})

test('an answer that differs by version says for which', async () => {
  const sql = 'alter table t add column twice text generated always as (nick || nick) virtual'
  const { findings } = await judge([file('0002_a.sql', sql)], {}, [16, 17, 18])
  expect(findings.filter(({ rule }) => rule === 'newer-syntax').map(({ versions }) => versions)).toEqual([
    [16],
    [17],
  ])
})

const dropping =
  '-- tuesday:phase contract\n-- tuesday:pair pairs/0002_back.sql\n-- tuesday:unused-since r41\nalter table t drop column nick'
const back = (text: string) => new Map([['pairs/0002_back.sql', file('0002_back.sql', text)]])
const gone = { pairs: back('alter table t add column nick text') }

test('a file that breaks the previous release and says nothing of it is told all that is missing', async () => {
  const answer = await judge([file('0002_a.sql', 'alter table t drop column nick')])
  expect(open(answer)).toEqual(['pair-missing', 'unused-since-missing'])
  expect(answer.files).toMatchObject([{ phase: 'contract' }])
})

test('declared milder than it is', async () => {
  const answer = await judge([file('0002_a.sql', '-- tuesday:phase expand\nalter table t drop column nick')])
  expect(open(answer)).toEqual(expect.arrayContaining(['drop-column', 'phase-mismatch']))
})

test.each<[string, Partial<ReviewOptions>, string[]]>([
  ['with a pair and every region past it', { ...gone, regions: [{ region: 'us', release: 'r41' }] }, []],
  ['with a region behind', { ...gone, regions: [{ region: 'us', release: 'r40' }] }, ['contract-too-early']],
  ['with nobody asked', gone, ['contract-not-checked']],
  ['with a pair that is not there', { regions: [{ region: 'us', release: 'r41' }] }, ['pair-not-found']],
  [
    'with a pair that gives back another type',
    { pairs: back('alter table t add column nick int'), regions: [{ region: 'us', release: 'r41' }] },
    ['pair-incomplete'],
  ],
  [
    'with a pair that is no SQL',
    { pairs: back('alter tabel'), regions: [{ region: 'us', release: 'r41' }] },
    ['pair-fails'],
  ],
])('a contract step %s', async (_, more, rules) => {
  const answer = await judge([file('0002_a.sql', dropping)], more)
  expect(open(answer)).toEqual(rules)
  expect(answer.claims).toMatchObject({ needs: 1, floor: 'r41', contracts: [{ number: 2 }] })
})

test('a contract step does not travel with a release', async () => {
  const answer = await judge(
    [file('0002_a.sql', dropping), file('0003_b.sql', 'alter table t add column b int')],
    {
      ...gone,
      regions: [{ region: 'us', release: 'r41' }],
    },
  )
  expect(open(answer)).toEqual(['phases-mixed'])
})

test('a waived hazard is kept and no longer counts; a stale waiver is told', async () => {
  const waiver: Waiver = {
    file: '0002_a.sql',
    rule: 'create-index',
    reason: 'small',
    owner: 'me',
    expires: '2027-01-01',
    line: 3,
  }
  const files = [file('0002_a.sql', 'create index i on t (nick)')]
  const held = await judge(files, { waivers: [waiver] })
  expect(open(held)).toEqual([])
  expect(held.findings.find(({ rule }) => rule === 'create-index')?.waived).toEqual({
    owner: 'me',
    reason: 'small',
    expires: '2027-01-01',
  })
  expect(open(await judge(files, { waivers: [{ ...waiver, expires: '2026-01-01' }] }))).toEqual([
    'create-index',
    'waiver-expired',
  ])
  expect(open(await judge(files, { waivers: [waiver, { ...waiver, rule: 'drop-index' }] }))).toEqual([
    'waiver-unmatched',
  ])
})

test.each([
  ['alter table t\n  add colum', 'not-sql', 2],
  ['select 1;\n\\d t', 'not-sql', 2],
  ['select 1;\ncopy t from stdin;\n1\ta\n\\.\n', 'not-sql', 2],
])('%j is told with its line', async (sql, rule, line) => {
  const { findings } = await judge([file('0002_a.sql', sql)])
  expect(findings[0]).toMatchObject({ rule, line, level: 'error' })
})

test('a file too large to be parsed is told and not passed', async () => {
  const { findings } = await judge([{ name: '0002_seed.sql', number: 2, bytes: 50_000_000 }])
  expect(findings[0]).toMatchObject({
    rule: 'too-large',
    certainty: 'assumed',
    level: 'error',
    what: '50.0 MB',
  })
})

test('SARIF names file, line and rule, and suppresses what is waived', async () => {
  const { findings } = await judge([file('0002_a.sql', '\ncreate index i on t (nick)')])
  const log = JSON.parse(
    toSarif(findings.map((one) => ({ ...one, waived: { owner: 'a', reason: 'b', expires: 'c' } }))),
  )
  expect(log.version).toBe('2.1.0')
  expect(
    log.runs[0].results.find(({ ruleId }: { ruleId: string }) => ruleId === 'create-index'),
  ).toMatchObject({
    level: 'error',
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'migrations/0002_a.sql' },
          region: { startLine: 2, startColumn: 1 },
        },
      },
    ],
    suppressions: [{ justification: 'b' }],
  })
})

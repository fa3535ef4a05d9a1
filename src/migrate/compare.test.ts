import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compare } from './compare.ts'
import { parseMigrations } from './folder.ts'
import type { JournalRow } from './journal.ts'
import type { Migration } from './types.ts'

function migrations(entries: Readonly<Record<string, string>>): readonly Migration[] {
  const parsed = parseMigrations(
    'm',
    Object.entries(entries).map(([file, text]) => ({ file, text })),
  )
  if (!parsed.ok) throw new Error(parsed.fault.cause)
  return parsed.value
}

/** The journal of a database that ran the first `count` statements of these files. */
function journalOf(all: readonly Migration[], count: number): readonly JournalRow[] {
  return all
    .flatMap((migration) => migration.statements.map((statement) => ({ migration, statement })))
    .slice(0, count)
    .map(({ migration, statement }) => ({
      number: migration.number,
      position: statement.position,
      statements: migration.statements.length,
      file: migration.file,
      checksum: statement.checksum,
      textChecksum: migration.textChecksum,
      state: 'done' as const,
      attempts: 1,
      sql: statement.sql,
    }))
}

const base = {
  '0001_a.sql': 'select 1; select 2',
  '0002_b.sql': 'select 3',
  '0003_c.sql': 'select 4; select 5',
}

test('what is left is exactly what was not done, at every point where a run may be cut off', () => {
  const all = migrations(base)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5 }), (done) => {
      const standing = compare('m', all, journalOf(all, done))
      if (!standing.ok) throw new Error(standing.fault.cause)
      expect(standing.value.pending.map((p) => p.statement.sql)).toEqual(
        ['select 1', 'select 2', 'select 3', 'select 4', 'select 5'].slice(done),
      )
      expect(standing.value.level).toBe([0, 0, 1, 2, 2, 3][done])
    }),
  )
})

test('an edit of comments alone is told and is no fault', () => {
  const standing = compare(
    'm',
    migrations({ ...base, '0002_b.sql': '-- licence\nselect 3;\n' }),
    journalOf(migrations(base), 5),
  )
  expect(standing).toMatchObject({ ok: true, value: { pending: [], commentsEdited: ['0002_b.sql'] } })
})

test('a statement that did not run may be corrected; what ran before it in the file may not', () => {
  const journal = [
    ...journalOf(migrations(base), 4),
    { ...journalOf(migrations(base), 5).slice(-1)[0], state: 'intent' } as JournalRow,
  ]
  const corrected = migrations({ ...base, '0003_c.sql': 'select 4; select 55; select 6' })
  expect(compare('m', corrected, journal)).toMatchObject({
    ok: true,
    value: {
      pending: [
        { statement: { sql: 'select 55' }, intent: { sql: 'select 5' } },
        { statement: { sql: 'select 6' } },
      ],
    },
  })
  const rewritten = migrations({ ...base, '0003_c.sql': 'select 44;\nselect 5' })
  expect(compare('m', rewritten, journal)).toMatchObject({
    ok: false,
    fault: { reason: 'migration-edited', at: { line: 1 } },
  })
})

test.each<[name: string, files: Record<string, string>, done: number, reason: string, cause: RegExp]>([
  [
    'an applied statement that changed',
    { ...base, '0001_a.sql': 'select 1; select 22' },
    5,
    'migration-edited',
    /Statement 2 of 0001_a/,
  ],
  [
    'an applied file that grew',
    { ...base, '0002_b.sql': 'select 3; select 33' },
    5,
    'migration-edited',
    /0002_b/,
  ],
  [
    'an applied file that shrank',
    { ...base, '0001_a.sql': 'select 1' },
    5,
    'migration-edited',
    /Statement 2/,
  ],
  ['a folder that starts later', { '0002_b.sql': 'select 3' }, 3, 'migration-missing', /0001_a/],
  ['an older commit', { '0001_a.sql': 'select 1; select 2' }, 3, 'database-ahead', /0002_b/],
])('%s is refused', (_, files, done, reason, cause) => {
  expect(compare('m', migrations(files), journalOf(migrations(base), done))).toMatchObject({
    ok: false,
    fault: { reason, cause: expect.stringMatching(cause) },
  })
})

test('a file that was added below applied ones is refused', () => {
  const journal = journalOf(migrations(base), 5).filter((row) => row.number > 1)
  expect(compare('m', migrations(base), journal)).toMatchObject({
    ok: false,
    fault: { cause: expect.stringMatching(/0001_a\.sql is not applied/) },
  })
})

import { expect, test } from 'vitest'
import { parseMigrations } from './folder.ts'

const files = (entries: Readonly<Record<string, string>>) =>
  parseMigrations(
    'db/migrations',
    Object.entries(entries).map(([file, text]) => ({ file, text })),
  )

test('reads files in the order of their numbers, whatever order the system lists them in', () => {
  const result = files({ '0002_b.sql': 'select 2; select 3;', '0001_a.sql': 'select 1' })
  expect(result.ok && result.value.map(({ number, statements }) => [number, statements.length])).toEqual([
    [1, 1],
    [2, 2],
  ])
})

test('line ends and a byte order mark do not change a file', () => {
  const one = files({ '0001_a.sql': 'select 1;\nselect 2;\n' })
  const other = files({ '0001_a.sql': '\ufeffselect 1;\r\nselect 2;\r\n' })
  if (!one.ok || !other.ok) throw new Error('refused')
  expect(other.value[0]?.textChecksum).toBe(one.value[0]?.textChecksum)
  expect(other.value[0]?.statements.map((s) => s.checksum)).toEqual(
    one.value[0]?.statements.map((s) => s.checksum),
  )
})

test.each<[name: string, entries: Record<string, string>, reason: string, cause: RegExp, line?: number]>([
  ['a name of another form', { '1_a.sql': 'select 1' }, 'migration-name-invalid', /1_a\.sql/],
  ['a down script', { '0001_a.down.sql': 'select 1' }, 'migration-name-invalid', /goes back/],
  [
    'one number twice',
    { '0001_a.sql': 'select 1', '0001_b.sql': 'select 1' },
    'migration-number-twice',
    /0001_a.sql and 0001_b.sql/,
  ],
  ['a gap', { '0001_a.sql': 'select 1', '0003_b.sql': 'select 1' }, 'migration-gap', /0002 is missing/],
  ['nothing in a file', { '0001_a.sql': '-- later' }, 'migration-unreadable', /no statement/],
  ['bytes that are no text', { '0001_a.sql': 'select \ufffd' }, 'migration-unreadable', /UTF-8/],
  [
    'a quote without an end',
    { '0001_a.sql': "select 1;\n\nselect 'x" },
    'migration-unreadable',
    /0001_a\.sql:3:8/,
    3,
  ],
  [
    'a command of psql',
    { '0001_a.sql': 'select 1;\n\\i other.sql\n' },
    'migration-statement-refused',
    /:2 .*psql/,
    2,
  ],
  [
    'COPY from the client',
    { '0001_a.sql': "\ncopy t from stdin;\n1\tit's\n\\.\n" },
    'migration-statement-refused',
    /:2 .*COPY/,
    2,
  ],
])('refuses %s', (_, entries, reason, cause, line) => {
  const result = files(entries)
  expect(result).toMatchObject({
    ok: false,
    fault: {
      blame: 'user',
      reason,
      cause: expect.stringMatching(cause),
      at: line === undefined ? {} : { line },
    },
  })
})

import { expect, test } from 'vitest'
import { loadGrammar, majors, parseFile } from './index.ts'

test.each(majors)(
  'grammar of %i: each statement has its text and the place of its first token',
  async (major) => {
    const grammar = await loadGrammar(major)
    const sql = "-- é\n/* a /* b */ */ select 1;\n\n  select 'ü', 2\n;select 3"
    const parsed = parseFile(grammar, sql)
    expect(
      parsed.ok && parsed.statements.map(({ sql: text, line, column }) => ({ text, line, column })),
    ).toEqual([
      { text: 'select 1', line: 2, column: 17 },
      { text: "select 'ü', 2", line: 4, column: 3 },
      { text: 'select 3', line: 5, column: 2 },
    ])
  },
)

test.each([
  ['select 1;\nselect ü from from', { line: 2, column: 15 }],
  ['alter tabel t', { line: 1, column: 7 }],
])('%j has its syntax error at %j', async (sql, place) => {
  expect(parseFile(await loadGrammar(18), sql)).toMatchObject({ ok: false, fault: place })
})

test.each(['', ' \n', '-- nothing'])('%j has no statements', async (sql) => {
  for (const major of majors)
    expect(parseFile(await loadGrammar(major), sql)).toEqual({ ok: true, statements: [] })
})

test.each([
  [
    "do $$ begin alter table a add b int; execute 'drop table c'; end $$",
    ['AlterTableStmt', 'DropStmt'],
    undefined,
  ],
  ["do $$ begin execute format('drop table %I', 'x y'); end $$", ['DropStmt'], undefined],
  ["do $$ declare n text := 'x'; begin execute 'drop table ' || n; end $$", ['SelectStmt'], true],
  ["create function f() returns int language sql as 'select 1 from a'", ['SelectStmt'], undefined],
])('%s: the body is read', async (sql, kinds, opaque) => {
  for (const major of majors) {
    const parsed = parseFile(await loadGrammar(major), sql)
    const [statement] = parsed.ok ? parsed.statements : []
    expect(statement?.inner?.flatMap((node) => Object.keys(node))).toEqual(kinds)
    expect(statement?.opaque).toBe(opaque)
  }
})

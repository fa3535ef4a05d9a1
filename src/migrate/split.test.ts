import fc from 'fast-check'
import { expect, test } from 'vitest'
import { split } from './split.ts'

function texts(sql: string): readonly string[] {
  const result = split(sql)
  if (!result.ok) throw new Error(`${result.fault.line}:${result.fault.column} ${result.fault.what}`)
  return result.value.map((statement) => statement.sql)
}

test.each<[name: string, sql: string, expected: readonly string[]]>([
  ['nothing', '', []],
  ['comments alone', '-- one\n/* two */ ; ;', []],
  ['the last one without a semicolon', 'select 1;\nselect 2', ['select 1', 'select 2']],
  ['a semicolon in quotes', `select ';', "a;b", E'\\';', 'x;'`, [`select ';', "a;b", E'\\';', 'x;'`]],
  ['a backslash in a plain text is no escape', `select '\\'; select 2`, [`select '\\'`, 'select 2']],
  ['a doubled quote', `select 'it''s; so' ; select "a"";b"`, [`select 'it''s; so'`, `select "a"";b"`]],
  ['a unicode text', `select U&'\\0061;'; select 2`, [`select U&'\\0061;'`, 'select 2']],
  ['a dollar quote', 'do $$ begin; end $$; select 1', ['do $$ begin; end $$', 'select 1']],
  [
    'a dollar quote with a tag holds another',
    'select $a$ ; $$ ; $b$ ; $a$; x',
    ['select $a$ ; $$ ; $b$ ; $a$', 'x'],
  ],
  ['a dollar in a word opens no quote', 'select a$b$;select c$b$', ['select a$b$', 'select c$b$']],
  ['a parameter opens no quote', 'prepare x as select $1;select $2', ['prepare x as select $1', 'select $2']],
  ['a semicolon in a comment', 'select 1 -- a;b\n, 2; /* ; /* ; */ ; */ x', ['select 1 -- a;b\n, 2', 'x']],
  ['quotes in comments', `-- it's\nselect 1; /* " $$ ' */ select 2`, ['select 1', 'select 2']],
  ['comment marks in quotes', `select '--', '/*'; select 2`, [`select '--', '/*'`, 'select 2']],
  [
    'a rule with two actions',
    'create rule r as on insert to t do (a; b); c',
    ['create rule r as on insert to t do (a; b)', 'c'],
  ],
  [
    'a function body of the SQL standard',
    'create or replace function f() returns int begin atomic select 1; select case when true then 2 end; end; x',
    [
      'create or replace function f() returns int begin atomic select 1; select case when true then 2 end; end',
      'x',
    ],
  ],
  ['a transaction is no function body', 'begin; select 1; end; x', ['begin', 'select 1', 'end', 'x']],
  ['an operator of minus signs that starts a comment', 'select 1--2;\n+ 3; x', ['select 1--2;\n+ 3', 'x']],
])('splits: %s', (_, sql, expected) => {
  expect(texts(sql)).toEqual(expected)
})

test.each<[sql: string, line: number, column: number, what: RegExp]>([
  [`select 1;\n  select 'a;\nb`, 2, 10, /closing '/],
  ['select "a', 1, 8, /closing "/],
  ['select 1; /* /* */ x', 1, 11, /comment/],
  ['\n\ndo $body$ select 1; $bod$', 3, 4, /\$body\$/],
  ['select 1;\nselect (1 + (2);\nselect 3;', 2, 8, /\( without/],
])('%j: says where the unended thing began', (sql, line, column, what) => {
  const result = split(sql)
  expect(result).toMatchObject({ ok: false, fault: { line, column, what: expect.stringMatching(what) } })
})

test('a statement knows its line and column', () => {
  const result = split('-- head\n\n  select 1;\r\n\tselect\n2;')
  expect(result.ok && result.value.map(({ line, column }) => [line, column])).toEqual([
    [3, 3],
    [4, 2],
  ])
})

test('comments, white space and line ends do not change the checksum; every token does', () => {
  const checksum = (sql: string) => {
    const result = split(sql)
    return result.ok ? result.value[0]?.checksum : undefined
  }
  const base = checksum('create table t (a int)')
  for (const same of ['create table t (a int);', '/* x */ create\r\n table t -- y\n ( a  int )'])
    expect(checksum(same)).toBe(base)
  for (const other of ['create table t (b int)', 'create table ta (int)', `create table t (a int)  'x'`])
    expect(checksum(other)).not.toBe(base)
  expect(checksum(`select 'a  b'`)).not.toBe(checksum(`select 'a b'`))
})

/** Parts that hold semicolons which end nothing, and filling that ends nothing either. */
const part = fc.constantFrom(
  ...['select', ' ', '\n', 'x', '1', ',', '(a;b)', `'a;''b'`, `E'\\';'`, '"q;"', '$$;$$', '$t$ $$; $t$'],
  ...['/* ; /* ; */ */', '-- ;\n', `U&'\\00e9;'`],
)

test('statements come back as they were joined', () => {
  const statement = fc.array(part, { maxLength: 8 }).map((parts) => `select ${parts.join(' ')} 1`)
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 6 }), (all) => {
      expect(texts(all.join(';\n'))).toEqual(all)
    }),
  )
})

test('any text is read to its end or refused, and its statements lie in it in order', () => {
  const soup = fc.array(
    fc.oneof(
      part,
      fc.constantFrom(';', "'", '"', '$$', '/*', '*/', '(', ')', '\\d', 'begin', 'end', 'create function'),
    ),
  )
  fc.assert(
    fc.property(
      soup.map((parts) => parts.join('')),
      (sql) => {
        const result = split(sql)
        if (!result.ok) return
        let from = 0
        for (const statement of result.value) {
          const at = sql.indexOf(statement.sql, from)
          expect(at).toBeGreaterThanOrEqual(from)
          from = at + statement.sql.length
        }
      },
    ),
  )
})

import { readFileSync } from 'node:fs'

export interface Written {
  readonly id: string
  readonly setup?: string
  readonly sql: string
}

/** `setup >>> statement` a line; the line without its marks is the id. */
export function readStatements(path: string): readonly Written[] {
  return lines(path).map((line) => {
    const [before, after] = line.split(' >>> ')
    return after === undefined ? { id: line, sql: line } : { id: line, setup: before ?? '', sql: after }
  })
}

/** `from -> to [using …] [@ time zone]` a line: one column, 3,000 rows of nulls, an index where the type has one. */
export function readTypeChanges(path: string): readonly Written[] {
  return lines(path).map((line) => {
    const [change = '', zone] = line.split(' @ ')
    const [from = '', to = ''] = change.split(' -> ')
    const name = from.replace(/[[(\s].*/, '')
    const setup = [
      ...(zone === undefined ? [] : [`set timezone = '${zone}'`]),
      ...(/citext/.test(line) ? ['create extension citext with schema public'] : []),
      `create table changed (id int, x ${from})`,
      'insert into changed (id) select n from generate_series(1, 3000) n',
      ...(['json', 'xml', 'point'].includes(name) ? [] : ['create index changed_x on changed (x)']),
    ]
    return {
      id: `type: ${line}`,
      setup: setup.join('; '),
      sql: `alter table changed alter column x type ${to}`,
    }
  })
}

function lines(path: string): readonly string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

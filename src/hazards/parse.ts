import { kindOf, type Node, walk } from './ast.ts'
import { bodyOf } from './bodies.ts'
import type { Grammar } from './grammar.ts'
import type { ParsedStatement, SyntaxFault } from './types.ts'

export type Parsed =
  | { readonly ok: true; readonly statements: readonly ParsedStatement[] }
  | { readonly ok: false; readonly fault: SyntaxFault }

/** The statements of a file with their places, or where its first syntax error is. */
export function parseFile(grammar: Grammar, sql: string): Parsed {
  const raw = grammar.parse(sql)
  if (!raw.ok) return { ok: false, fault: { ...placeOf(sql, raw.position), message: raw.message } }
  const bytes = Buffer.from(sql, 'utf8')
  const place = forwardPlaces(sql)
  const statements: ParsedStatement[] = []
  for (const { stmt, stmt_location: from = 0, stmt_len: length } of raw.statements) {
    if (stmt === undefined) continue
    if (grammar.major >= 18) sayUnenforced(stmt)
    const text = bytes.subarray(from, length === undefined ? bytes.length : from + length).toString('utf8')
    const lead = leadLength(text)
    const start = bytes.subarray(0, from).toString('utf8').length + lead
    const own = text.slice(lead).trimEnd()
    const body = bodyOf(grammar, stmt, own)
    const opaque = body === undefined ? kindOf(stmt) === 'DoStmt' : body.dynamic
    const read = body === undefined ? {} : { inner: body.nodes }
    statements.push({ node: stmt, sql: own, ...read, ...(opaque ? { opaque } : {}), ...place(start) })
  }
  return { ok: true, statements }
}

/** The tree leaves out what is false, and an older grammar knows no enforcement: NOT ENFORCED is said aloud here. */
function sayUnenforced(statement: Node): void {
  if (!['AlterTableStmt', 'CreateStmt', 'CreateForeignTableStmt'].includes(kindOf(statement))) return
  walk(statement, (kind, node) => {
    const able = node.contype === 'CONSTR_CHECK' || node.contype === 'CONSTR_FOREIGN'
    if (kind === 'Constraint' && able) node.is_enforced ??= false
  })
}

/** Length of the white space and comments before the first token: the parser counts them to the statement. */
function leadLength(text: string): number {
  let at = 0
  for (;;) {
    const rest = text.slice(at)
    const blank = /^(\s+|--[^\n]*(\n|$))/.exec(rest)
    if (blank !== null) at += blank[0].length
    else if (rest.startsWith('/*')) at += commentLength(rest)
    else return at
  }
}

/** Block comments nest in PostgreSQL. */
function commentLength(text: string): number {
  let depth = 0
  for (const mark of text.matchAll(/\/\*|\*\//g)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.index + 2
  }
  return text.length
}

interface Place {
  readonly line: number
  readonly column: number
}

function placeOf(sql: string, position: number): Place {
  // The parser counts characters, a string of JavaScript counts UTF-16 units.
  const before = [...sql].slice(0, position).join('')
  const lines = before.split('\n')
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}

/** Places of growing positions, without counting the file again for each. */
function forwardPlaces(sql: string): (position: number) => Place {
  let line = 1
  let lineStart = 0
  let at = 0
  return (position) => {
    for (let next = sql.indexOf('\n', at); next !== -1 && next < position; next = sql.indexOf('\n', at)) {
      line += 1
      lineStart = next + 1
      at = next + 1
    }
    return { line, column: position - lineStart + 1 }
  }
}

/** Statements inside DO blocks and functions. */
import { as, literal, type Node, text } from './ast.ts'
import type { Grammar } from './grammar.ts'

export interface Body {
  readonly nodes: readonly Node[]
  /** EXECUTE of a text that is put together at run time: what it does cannot be read. */
  readonly dynamic: boolean
}

const empty: Body = { nodes: [], dynamic: false }

/** The body of `node`, whose text is `sql`; undefined when it has none or it does not parse. */
export function bodyOf(grammar: Grammar, node: Node, sql: string): Body | undefined {
  const routine = as(node, 'CreateFunctionStmt')
  if (as(node, 'DoStmt') !== undefined) return plpgsql(grammar, sql)
  if (routine === undefined) return undefined
  const options = (routine.options ?? []).flatMap((one) => as(one, 'DefElem') ?? [])
  const language = text(options.find(({ defname }) => defname === 'language')?.arg)?.toLowerCase()
  if (language === 'plpgsql') return plpgsql(grammar, sql)
  const source = as(options.find(({ defname }) => defname === 'as')?.arg, 'List')?.items?.[0]
  if (language !== 'sql' || source === undefined) return undefined
  const parsed = grammar.parse(text(source) ?? '')
  return parsed.ok
    ? { nodes: parsed.statements.flatMap(({ stmt }) => stmt ?? []), dynamic: false }
    : undefined
}

function plpgsql(grammar: Grammar, sql: string): Body | undefined {
  const tree = grammar.parsePlPgSql(sql)
  return tree === undefined ? undefined : collect(grammar, tree)
}

function collect(grammar: Grammar, tree: unknown): Body {
  if (Array.isArray(tree)) return tree.map((item) => collect(grammar, item)).reduce(join, empty)
  if (tree === null || typeof tree !== 'object') return empty
  return Object.entries(tree)
    .map(([key, value]) => {
      if (key === 'PLpgSQL_expr') return expression(grammar, value)
      if (key === 'PLpgSQL_stmt_dynexecute' || key === 'PLpgSQL_stmt_dynfors') return dynamic(grammar, value)
      return collect(grammar, value)
    })
    .reduce(join, empty)
}

function join(left: Body, right: Body): Body {
  return { nodes: [...left.nodes, ...right.nodes], dynamic: left.dynamic || right.dynamic }
}

function queryOf(value: unknown): string | undefined {
  const query = (value as { readonly query?: unknown } | null)?.query
  return typeof query === 'string' ? query : undefined
}

/** A whole statement, or an expression that the server would put behind SELECT. */
function expression(grammar: Grammar, value: unknown): Body {
  const query = queryOf(value) ?? ''
  for (const tried of [query, `SELECT ${query.replace(/^\s*\w+\s*:=/, '')}`]) {
    const parsed = grammar.parse(tried)
    if (parsed.ok) return { nodes: parsed.statements.flatMap(({ stmt }) => stmt ?? []), dynamic: false }
  }
  return empty
}

/** A literal, or format() of literals. */
function constantText(node: Node | undefined): string | undefined {
  const plain = literal(node)
  const call = as(node, 'FuncCall')
  if (plain !== undefined || text(call?.funcname?.at(-1)) !== 'format') return plain
  const [pattern, ...values] = (call?.args ?? []).map((arg) => literal(arg))
  if (pattern === undefined || values.some((value) => value === undefined)) return undefined
  const rest = values.values()
  return pattern.replaceAll(/%([ILs%])/g, (_, kind: string) => {
    if (kind === '%') return '%'
    const value = rest.next().value ?? ''
    if (kind === 'I') return `"${value.replaceAll('"', '""')}"`
    return kind === 'L' ? `'${value.replaceAll("'", "''")}'` : value
  })
}

function dynamic(grammar: Grammar, value: unknown): Body {
  const { query, ...rest } = value as { readonly query?: { readonly PLpgSQL_expr?: unknown } }
  const below = collect(grammar, rest)
  const parsed = grammar.parse(`SELECT ${queryOf(query?.PLpgSQL_expr) ?? ''}`)
  const select = parsed.ok ? as(parsed.statements[0]?.stmt, 'SelectStmt') : undefined
  const sql = constantText(as(select?.targetList?.[0], 'ResTarget')?.val)
  const inner = sql === undefined ? undefined : grammar.parse(sql)
  if (inner === undefined || !inner.ok) return join(below, { nodes: [], dynamic: true })
  return join(below, { nodes: inner.statements.flatMap(({ stmt }) => stmt ?? []), dynamic: false })
}

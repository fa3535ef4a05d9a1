import { createHash } from 'node:crypto'
import { err, ok, type Result } from '../release/index.ts'
import { type Token, tokens, type Unterminated } from './lexer.ts'

export interface Statement {
  /** From its first to its last token, comments inside included, without the semicolon. */
  readonly sql: string
  /** Counts from 1. */
  readonly line: number
  readonly column: number
  /** Over the tokens: comments, white space and line ends do not count. */
  readonly checksum: string
  /** The first tokens outside parentheses: enough to tell what kind of statement it is. */
  readonly head: readonly Token[]
  /** The comments right before it, where directives stand. */
  readonly comments: string
}

export interface SplitFault {
  readonly line: number
  readonly column: number
  readonly what: string
  /** The statements before that place. */
  readonly before: readonly Statement[]
}

/** Longer than the head of any statement that the runner has to know, `ALTER TABLE … DETACH PARTITION …` included. */
const headLength = 32

/** Splits the text of a file into statements at the semicolons that end one. */
export function split(sql: string): Result<readonly Statement[], SplitFault> {
  const statements: Statement[] = []
  const place = lineCounter(sql)
  let open = emptyStatement()
  let ended = 0

  function close(): void {
    const first = open.first
    if (first !== undefined) {
      statements.push({
        sql: sql.slice(first.start, open.end),
        ...place(first.start),
        checksum: open.hash.digest('hex'),
        head: open.head,
        comments: sql.slice(ended, first.start).trim(),
      })
    }
    open = emptyStatement()
  }

  const reader = tokens(sql)
  for (let next = reader.next(); ; next = reader.next()) {
    if (next.done === true) {
      if (!next.value.ok) return err({ ...fault(next.value.fault, place), before: statements })
      if (open.depth > 0)
        return err({ ...place(open.parenthesis), what: 'a ( without its )', before: statements })
      close()
      return ok(statements)
    }
    const token = next.value
    if (token.text === ';' && open.depth <= 0 && open.blocks === 0) {
      close()
      ended = token.end
    } else add(open, token)
  }
}

interface Open {
  first?: Token
  end: number
  depth: number
  /** Where the outermost open parenthesis stands. */
  parenthesis: number
  /** Nesting of BEGIN ATOMIC … END and CASE … END in the body of a function. */
  blocks: number
  readonly head: Token[]
  readonly hash: ReturnType<typeof createHash>
}

function emptyStatement(): Open {
  return { end: 0, depth: 0, parenthesis: 0, blocks: 0, head: [], hash: createHash('sha256') }
}

function add(open: Open, token: Token): void {
  open.first ??= token
  open.end = token.end
  if (open.depth === 0 && open.head.length < headLength) open.head.push(token)
  // A byte that no token holds keeps `ab c` and `a bc` apart.
  open.hash.update(token.text).update('\0')
  if (token.text === '(') {
    if (open.depth === 0) open.parenthesis = token.start
    open.depth += 1
  } else if (token.text === ')') open.depth -= 1
  else if (token.kind === 'word' && open.depth === 0) countBlocks(open, token.text.toLowerCase())
}

/**
 * The body of a function in the SQL-standard form (BEGIN ATOMIC … END, since PostgreSQL 14) holds semicolons that
 * end no statement. As psql does it (psqlscan.l): only inside CREATE FUNCTION or PROCEDURE.
 */
function countBlocks(open: Open, word: string): void {
  if (word === 'begin' ? createsRoutine(open.head) : word === 'case' && open.blocks > 0) open.blocks += 1
  else if (word === 'end' && open.blocks > 0) open.blocks -= 1
}

function createsRoutine(head: readonly Token[]): boolean {
  const words = head.slice(0, 4).map((token) => token.text.toLowerCase())
  return /^create (or replace )?(function|procedure) /.test(`${words.join(' ')} `)
}

function fault({ start, what }: Unterminated, place: (at: number) => Place): Omit<SplitFault, 'before'> {
  return { ...place(start), what }
}

interface Place {
  readonly line: number
  readonly column: number
}

/** Line and column of ever later places, in one pass over the text. */
function lineCounter(text: string): (at: number) => Place {
  let line = 1
  let lineStart = 0
  let seen = 0
  return (at) => {
    if (at < seen) return lineCounter(text)(at)
    for (let next = text.indexOf('\n', seen); next >= 0 && next < at; next = text.indexOf('\n', seen)) {
      line += 1
      lineStart = next + 1
      seen = lineStart
    }
    return { line, column: at - lineStart + 1 }
  }
}

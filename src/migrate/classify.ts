import { err, ok, type Result } from '../release/index.ts'
import { readBackfill } from './directive.ts'
import { type Token, tokens } from './lexer.ts'
import { keywords, type Reader, reader } from './reader.ts'
import type { Statement } from './split.ts'
import type { Backfill, ObjectName, Path } from './types.ts'

/** Why the runner does not run a statement, and what to write in its place. */
export interface Refusal {
  readonly cause: string
  readonly next: string
}

/** Which way a statement is run, told from its first words. */
export function classify(statement: Statement): Result<Path, Refusal> {
  const { head } = statement
  const meta = head.find((token) => token.kind === 'meta')
  if (meta !== undefined) {
    const cause = `${meta.text.trim()} is a command of psql, not SQL`
    return err({ cause, next: 'Write it as SQL, or do it outside the migrations.' })
  }
  const words = keywords(head)
  const hit = refused.find(([form]) => form.test(words))
  if (hit !== undefined) return err(hit[1])
  const backfill = readBackfill(statement.comments)
  if (!backfill.ok) return backfill
  if (backfill.value !== undefined) return backfillPath(statement, words, backfill.value)
  return pathOf(head, words)
}

/** Its statement names the batch by $1 and $2, as the first and the last key in it. */
function backfillPath({ sql }: Statement, words: string, backfill: Backfill): Result<Path, Refusal> {
  const marks = new Set<string>()
  for (const { text } of tokens(sql)) if (/^\$\d+$/.test(text)) marks.add(text)
  const changes = /^(update|delete|insert|with|merge) /.test(words)
  if (changes && marks.size === 2 && marks.has('$1') && marks.has('$2'))
    return ok({ kind: 'backfill', backfill })
  return err({
    cause:
      'a backfill has to change rows and to name its batch by $1 and $2, the first and the last key in it',
    next: `Write it as UPDATE … WHERE ${backfill.key} BETWEEN $1 AND $2 ….`,
  })
}

const sessionState: Refusal = {
  cause:
    'it changes the session, and every statement runs in a transaction of its own, maybe in a new session',
  next: 'Leave it out; where a function needs a setting, attach it with ALTER FUNCTION … SET.',
}
const ownTransaction: Refusal = {
  cause:
    'it opens or ends a transaction, and the runner puts every statement in a short transaction of its own',
  next: 'Leave it out; statements that must hold together belong in one statement, e.g. a DO block or ALTER TABLE with several parts.',
}
const wholeServer: Refusal = {
  cause: 'it concerns the whole server or database, not the schema of a service',
  next: 'Do it where the server is set up, outside the migrations.',
}

const inParentheses: Refusal = {
  cause:
    'REINDEX with its options in parentheses hides from the runner whether it waits for other transactions',
  next: 'Write REINDEX INDEX CONCURRENTLY name, or REINDEX TABLE CONCURRENTLY name.',
}
const clientData: Refusal = {
  cause: 'COPY from STDIN or to STDOUT needs a client that sends or takes the rows',
  next: 'Write the rows as INSERT statements.',
}

const refused: readonly (readonly [RegExp, Refusal])[] = [
  [
    /^(begin|start transaction|commit|end|rollback|abort|savepoint|release|prepare transaction) /,
    ownTransaction,
  ],
  [/^(set|reset|discard|listen|unlisten|prepare|deallocate|declare|fetch|move|close|load) /, sessionState],
  [/^create (global |local )?(temp|temporary) /, sessionState],
  [/^(create|drop) (database|tablespace|subscription) /, wholeServer],
  [/^alter system /, wholeServer],
  [/^reindex (schema|database|system) /, wholeServer],
  [/^cluster (verbose )?$/, wholeServer],
  [/^reindex \( /, inParentheses],
  [/^copy .*(from stdin|to stdout) /, clientData],
]

function pathOf(head: readonly Token[], words: string): Result<Path, Refusal> {
  const read = reader(head)
  if (/^create (unique )?index concurrently /.test(words)) return createIndex(read)
  if (/^drop index concurrently /.test(words)) {
    read.past('concurrently')
    read.skip('if', 'exists')
    return named(read.name(), (index) => ({ kind: 'drop-index', index }))
  }
  const reindex = /^reindex (index|table) concurrently /.exec(words)
  if (reindex !== null) {
    read.past('concurrently')
    const target = reindex[1] === 'index' ? 'index' : 'table'
    return named(read.name(), (name) => ({ kind: 'reindex', target, name }))
  }
  if (/^alter table .* detach partition .*(concurrently|finalize) $/.test(words)) return detach(read)
  if (/^vacuum /.test(words)) return ok({ kind: 'vacuum' })
  return ok({ kind: 'transaction' })
}

function createIndex(read: Reader): Result<Path, Refusal> {
  read.past('concurrently')
  const ifNotExists = read.skip('if', 'not', 'exists')
  const index = read.peek('on') ? undefined : read.name()
  read.skip('on')
  read.skip('only')
  const table = read.name()
  if (index === undefined || table === undefined) {
    return err({
      cause: 'the index has no name, so a build that broke off half-way could not be told from others',
      next: 'Give the index a name.',
    })
  }
  // An index lies in the schema of its table; its own name carries none.
  return ok({ kind: 'create-index', index: { ...table, name: index.name }, table, ifNotExists })
}

function detach(read: Reader): Result<Path, Refusal> {
  read.past('table')
  read.skip('if', 'exists')
  read.skip('only')
  const parent = read.name()
  read.past('partition')
  const partition = read.name()
  return named(parent, (table) =>
    named(partition, (part) => ({ kind: 'detach', parent: table, partition: part })),
  )
}

function named<T>(
  name: ObjectName | undefined,
  then: (name: ObjectName) => Path | Result<Path, T>,
): Result<Path, T | Refusal> {
  if (name === undefined) {
    return err({
      cause: 'the name of its object could not be read',
      next: 'Write the name right after the keywords.',
    })
  }
  const path = then(name)
  return 'ok' in path ? path : ok(path)
}

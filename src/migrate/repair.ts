import { invalidIndexes, readIndex, readPartition } from './catalogue.ts'
import { identifier } from './journal.ts'
import type { RunContext } from './run-context.ts'
import type { MigrationStatement, ObjectName, Path } from './types.ts'

/** What the catalogue says has to be done for a statement outside a transaction. */
export type Before =
  | { readonly kind: 'run'; readonly sql: string; readonly repaired?: string }
  | { readonly kind: 'done'; readonly repaired: string }
  /** Somebody else is at work on the same object. */
  | { readonly kind: 'busy'; readonly why: string; readonly repaired?: undefined }

/** `begun`: an earlier attempt of ours got as far as its intent, so what is found may be its work. */
export async function prepare(
  context: RunContext,
  statement: MigrationStatement,
  begun: boolean,
): Promise<Before> {
  const { path, sql } = statement
  const { schema } = context
  const { work } = context.database
  switch (path.kind) {
    case 'create-index':
      return prepareIndex(context, path, sql, begun)
    case 'drop-index': {
      const index = begun ? await readIndex(work, schema, path.index) : {}
      return index === undefined
        ? { kind: 'done', repaired: 'an earlier run had dropped it' }
        : { kind: 'run', sql }
    }
    case 'reindex': {
      const dropped = begun ? await dropLeftovers(context, path.name) : []
      return dropped.length === 0
        ? { kind: 'run', sql }
        : { kind: 'run', sql, repaired: `dropped ${dropped.join(', ')}` }
    }
    case 'detach': {
      const partition = begun
        ? await readPartition(work, schema, path.parent, path.partition)
        : { detachPending: false }
      if (partition === undefined) return { kind: 'done', repaired: 'an earlier run had detached it' }
      if (!partition.detachPending) return { kind: 'run', sql }
      const finalize = `alter table ${qualified(schema, path.parent)} detach partition ${qualified(schema, path.partition)} finalize`
      return { kind: 'run', sql: finalize, repaired: 'finished a detach that had broken off' }
    }
    default:
      return { kind: 'run', sql }
  }
}

type CreateIndex = Extract<Path, { kind: 'create-index' }>

/**
 * CREATE INDEX CONCURRENTLY IF NOT EXISTS calls an INVALID index a success, and without IF NOT EXISTS it fails on
 * the left-over of its own last attempt; so the catalogue is asked first.
 */
async function prepareIndex(
  context: RunContext,
  path: CreateIndex,
  sql: string,
  begun: boolean,
): Promise<Before> {
  const { database, schema } = context
  const found = await readIndex(database.work, schema, path.index)
  if (found === undefined || found.table !== path.table.name) return { kind: 'run', sql }
  if (found.builder !== undefined) {
    return { kind: 'busy', why: `pid ${found.builder} is building the index ${path.index.name}` }
  }
  if (!found.valid) {
    await dropIndex(context, { schema: found.schema, name: path.index.name })
    return { kind: 'run', sql, repaired: 'dropped an INVALID index of this name and built it anew' }
  }
  if (begun) return { kind: 'done', repaired: 'an earlier run had built it' }
  return path.ifNotExists ? { kind: 'done', repaired: 'it existed, valid' } : { kind: 'run', sql }
}

/** Reads back. Undefined when the effect is there. */
export async function effectMissing(
  { database, schema }: RunContext,
  path: Path,
): Promise<string | undefined> {
  const { work } = database
  switch (path.kind) {
    case 'create-index': {
      const index = await readIndex(work, schema, path.index)
      if (index === undefined) return `the index ${path.index.name} is not there`
      return index.valid ? undefined : `the index ${path.index.name} is INVALID`
    }
    case 'drop-index': {
      const index = await readIndex(work, schema, path.index)
      return index === undefined ? undefined : `the index ${path.index.name} is still there`
    }
    case 'reindex': {
      const left = (await invalidIndexes(work, schema, path.name)).filter(
        (name) => leftover.test(name) || name === path.name.name,
      )
      return left.length === 0 ? undefined : `INVALID after the rebuild: ${left.join(', ')}`
    }
    case 'detach': {
      const partition = await readPartition(work, schema, path.parent, path.partition)
      return partition === undefined ? undefined : `${path.partition.name} is still a partition`
    }
    default:
      return undefined
  }
}

export interface Tidied {
  readonly dropped?: string
  readonly left?: string
}

/** After a failure: an INVALID unique index refuses writes as a valid one does, so it does not stay. */
export async function tidyUp(context: RunContext, path: Path): Promise<Tidied> {
  const { database, schema } = context
  try {
    if (path.kind === 'create-index') {
      const index = await readIndex(database.work, schema, path.index)
      if (index !== undefined && !index.valid && index.table === path.table.name) {
        await dropIndex(context, { schema: index.schema, name: path.index.name })
        return { dropped: `the INVALID index ${path.index.name}` }
      }
    } else if (path.kind === 'reindex') {
      const dropped = await dropLeftovers(context, path.name)
      if (dropped.length > 0) return { dropped: dropped.join(', ') }
    }
    return {}
  } catch {
    return { left: 'an INVALID index, which the next run drops' }
  }
}

/** REINDEX CONCURRENTLY that broke off leaves these beside the index. */
const leftover = /_cc(new|old)\d*$/

async function dropLeftovers(context: RunContext, of: ObjectName): Promise<readonly string[]> {
  const { database, schema } = context
  const found = (await invalidIndexes(database.work, schema, of)).filter((name) => leftover.test(name))
  for (const name of found) await dropIndex(context, { schema: of.schema ?? schema, name })
  return found
}

async function dropIndex({ database, schema, limits }: RunContext, index: ObjectName): Promise<void> {
  await database.work.query(`set statement_timeout = ${limits.budgetMs}`)
  try {
    const sql = `drop index concurrently if exists ${qualified(schema, index)}`
    await database.work.query(sql, undefined, limits.budgetMs + 30_000)
  } finally {
    await database.work.query('reset statement_timeout').catch(() => {})
  }
}

function qualified(schema: string, name: ObjectName): string {
  return `${identifier(name.schema ?? schema)}.${identifier(name.name)}`
}

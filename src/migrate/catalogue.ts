import type { Session } from './session.ts'
import type { ObjectName } from './types.ts'

export interface IndexFacts {
  readonly valid: boolean
  /** Name of its table, with its schema. */
  readonly table: string
  readonly schema: string
  /** A backend that builds it now. */
  readonly builder?: number
}

/** An unqualified name lies in the schema of the migrations: the search path has no other. */
export async function readIndex(
  session: Session,
  schema: string,
  index: ObjectName,
): Promise<IndexFacts | undefined> {
  const [row] = await session.query(
    `select i.indisvalid and i.indisready as valid, t.relname as table, n.nspname as schema,
            (select p.pid from pg_stat_progress_create_index p where p.index_relid = i.indexrelid limit 1) as builder
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
       join pg_index i on i.indexrelid = c.oid
       join pg_class t on t.oid = i.indrelid
      where n.nspname = $1 and c.relname = $2`,
    [index.schema ?? schema, index.name],
  )
  if (row === undefined) return undefined
  return {
    valid: row.valid === true,
    table: String(row.table),
    schema: String(row.schema),
    ...(row.builder === null ? {} : { builder: Number(row.builder) }),
  }
}

/** Names of the invalid indexes of a table, or of the table of an index. */
export async function invalidIndexes(
  session: Session,
  schema: string,
  of: ObjectName,
): Promise<readonly string[]> {
  const rows = await session.query(
    `with named as (
       select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = $2)
     select c.relname as name
       from pg_index i
       join pg_class c on c.oid = i.indexrelid
      where not i.indisvalid
        and i.indrelid in (select oid from named union select indrelid from pg_index where indexrelid in (select oid from named))
      order by c.relname`,
    [of.schema ?? schema, of.name],
  )
  return rows.map((row) => String(row.name))
}

/** Undefined when it is no partition of that table. */
export async function readPartition(
  session: Session,
  schema: string,
  parent: ObjectName,
  partition: ObjectName,
): Promise<{ readonly detachPending: boolean } | undefined> {
  const [row] = await session.query(
    `select h.inhdetachpending as pending
       from pg_inherits h
       join pg_class c on c.oid = h.inhrelid
       join pg_namespace cn on cn.oid = c.relnamespace
       join pg_class p on p.oid = h.inhparent
       join pg_namespace pn on pn.oid = p.relnamespace
      where pn.nspname = $1 and p.relname = $2 and cn.nspname = $3 and c.relname = $4`,
    [parent.schema ?? schema, parent.name, partition.schema ?? schema, partition.name],
  )
  return row === undefined ? undefined : { detachPending: row.pending === true }
}

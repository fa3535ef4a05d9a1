import { identifier } from './journal.ts'
import type { Session } from './session.ts'
import { type LockMode, strongest, type Target } from './targets.ts'

/** A table as the catalogue has it, with the lock that is asked for before the statement. */
export interface TableLock {
  readonly oid: number
  /** Quoted, with its schema. */
  readonly table: string
  readonly mode: LockMode
  /** Its partitions as well. */
  readonly recurse: boolean
}

/**
 * Finds the tables and those beside them, in the order of their oid: the same for every run, and mostly the order in
 * which they were made, parents first. A table that the role may not lock by itself is left to the statement.
 */
export async function tableLocks(
  session: Session,
  schema: string,
  targets: readonly Target[],
): Promise<readonly TableLock[]> {
  if (targets.length === 0) return []
  const rows = await session.query(
    `with named as (
       select c.oid, n.mode, n.also, n.constr
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) as n (schema, name, mode, also, constr)
         join pg_namespace s on s.nspname = n.schema
         join pg_class c on c.relnamespace = s.oid and c.relname = n.name),
     parents as (
       select oid from named where also = 'default-partition'
       union select h.inhparent from named join pg_inherits h on h.inhrelid = oid where also = 'neighbours'),
     wanted as (
       select oid, mode, also is null as recurse from named where also is distinct from 'referenced'
       union all
       select k.confrelid, mode, false from named join pg_constraint k on k.conrelid = named.oid and k.contype = 'f'
        where (also = 'referenced' and k.conname = constr) or also = 'neighbours'
       union all
       select p.partdefid, 'ACCESS EXCLUSIVE', false from pg_partitioned_table p
        where p.partrelid in (select oid from parents) and p.partdefid <> 0
       union all
       select h.inhparent, 'ACCESS EXCLUSIVE', false from named join pg_inherits h on h.inhrelid = oid
        where also = 'neighbours')
     select c.oid::int8 as oid, s.nspname as schema, c.relname as name, array_agg(w.mode) as modes,
            bool_or(w.recurse) and c.relkind = 'p' as recurse
       from wanted w join pg_class c on c.oid = w.oid join pg_namespace s on s.oid = c.relnamespace
      where c.relkind in ('r', 'p') and has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
      group by c.oid, s.nspname, c.relname, c.relkind
      order by c.oid`,
    [
      targets.map(({ table }) => table.schema ?? schema),
      targets.map(({ table }) => table.name),
      targets.map(({ mode }) => mode),
      targets.map(({ also }) => also ?? null),
      targets.map(({ constraint }) => constraint ?? null),
    ],
  )
  return rows.map((row) => ({
    oid: Number(row.oid),
    table: `${identifier(String(row.schema))}.${identifier(String(row.name))}`,
    mode: strongest(row.modes as LockMode[]),
    recurse: row.recurse === true,
  }))
}

/** LOCK TABLE for all of them in their order, few statements, so that few waits add up. */
export function lockStatements(locks: readonly TableLock[]): readonly string[] {
  const statements: { mode: LockMode; tables: string[] }[] = []
  for (const { table, mode, recurse } of locks) {
    const name = recurse ? table : `only ${table}`
    const last = statements.at(-1)
    if (last?.mode === mode) last.tables.push(name)
    else statements.push({ mode, tables: [name] })
  }
  return statements.map(({ mode, tables }) => `lock table ${tables.join(', ')} in ${mode} mode`)
}

/** Reads and writes pass a waiting SHARE UPDATE EXCLUSIVE: nobody queues behind it but other changes of the schema. */
export function letsTrafficPass(locks: readonly TableLock[]): boolean {
  return locks.length > 0 && locks.every(({ mode }) => mode === 'SHARE UPDATE EXCLUSIVE')
}

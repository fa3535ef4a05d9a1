import type { Session } from './session.ts'

/** Something half-done that works against its purpose until somebody finishes it. */
export interface Debt {
  readonly kind: 'invalid-index' | 'not-validated' | 'detach-pending'
  readonly object: string
  readonly next: string
}

/** An INVALID index costs writes and serves no read; a constraint that is not validated guarantees nothing. */
export async function readDebts(session: Session, schema: string): Promise<readonly Debt[]> {
  const rows = await session.query(
    `select 'invalid-index' as kind, format('%I.%I', $1::text, c.relname) as object,
            format('REINDEX INDEX CONCURRENTLY %I.%I', $1::text, c.relname) as next
       from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and not i.indisvalid and c.relkind = 'i'
        and not exists (select from pg_stat_progress_create_index p where p.index_relid = c.oid)
     union all
     select 'not-validated', format('%I on %s', k.conname, k.conrelid::regclass),
            format('ALTER TABLE %s VALIDATE CONSTRAINT %I', k.conrelid::regclass, k.conname)
       from pg_constraint k join pg_namespace n on n.oid = k.connamespace
      where n.nspname = $1 and not k.convalidated and k.conrelid <> 0
     union all
     select 'detach-pending', h.inhrelid::regclass::text,
            format('ALTER TABLE %s DETACH PARTITION %s FINALIZE', h.inhparent::regclass, h.inhrelid::regclass)
       from pg_inherits h join pg_class c on c.oid = h.inhrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and h.inhdetachpending
     order by 1, 2`,
    [schema],
  )
  return rows.map((row) => ({
    kind: row.kind as Debt['kind'],
    object: String(row.object),
    next: String(row.next),
  }))
}

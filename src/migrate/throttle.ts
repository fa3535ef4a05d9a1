import type { Session } from './session.ts'

/** How far the furthest replica is behind. `unknown`: there are replicas, and this role may not see how they do. */
export type Lag = { readonly kind: 'known'; readonly ms: number } | { readonly kind: 'unknown' }

/**
 * replay_lag is null for a replica that has caught up and stands still, and everything is null without
 * pg_monitor; so a replica whose position is hidden is told apart from one that is level.
 */
export async function replicaLag(session: Session): Promise<Lag> {
  const [row] = await session.query(
    `select count(*) filter (where replay_lsn is null and state is null)::int as hidden,
            coalesce(max(extract(epoch from replay_lag)) filter (where replay_lsn is distinct from sent_lsn), 0)::float8 as seconds
       from pg_stat_replication`,
    undefined,
    5_000,
  )
  return Number(row?.hidden ?? 1) > 0
    ? { kind: 'unknown' }
    : { kind: 'known', ms: Number(row?.seconds) * 1_000 }
}

/** Bytes of WAL that this server has written since it was set up. */
export async function walPosition(session: Session): Promise<number> {
  const [row] = await session.query(
    `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as position`,
    undefined,
    5_000,
  )
  return Number(row?.position)
}

/** The pause after a batch: the wished one, or as long as its WAL has to be spread over. */
export function pauseFor(
  batch: { readonly tookMs: number; readonly wal: number },
  limits: { readonly pauseMs: number; readonly maxWal: number },
): number {
  const spread = (Math.max(0, batch.wal) / limits.maxWal) * 1_000 - batch.tookMs
  return Math.min(60_000, Math.max(limits.pauseMs, spread))
}

/** Batches last long enough to be worth a transaction and short enough that nobody minds their row locks. */
export function nextBatch(
  rows: number,
  most: number,
  batch: { readonly tookMs: number; readonly again: boolean },
): number {
  if (batch.again || batch.tookMs > 1_000) return Math.max(1, Math.floor(rows / 2))
  return batch.tookMs < 250 ? Math.min(most, rows * 2) : rows
}

import type { EventOf, LedgerEvent } from '../../ledger/index.ts'
import type { CommitSha } from '../../release/index.ts'

/** What a train did to production, read from the log. Times are milliseconds since 1970. */
export interface TrainRecord {
  readonly release: string
  readonly kind: 'normal' | 'hotfix'
  readonly sourceSha: CommitSha
  /** The regions that it was proposed for. */
  readonly order: readonly string[]
  /** When its first production region was started. */
  readonly startedAt: number
  /** When each region was first seen to serve it everywhere. */
  readonly live: ReadonlyMap<string, number>
  readonly verified: ReadonlyMap<string, number>
  readonly failure?: TrainFailure
}

export interface TrainFailure {
  /** The first alarm, halt, or failed step. */
  readonly at: number
  /** Regions that had to get something else. */
  readonly regions: ReadonlySet<string>
  /** When the last of them served a good digest again. Absent: none was affected, or one still is. */
  readonly recoveredAt?: number
}

interface Draft {
  release: string
  kind: 'normal' | 'hotfix'
  sourceSha: CommitSha
  order: readonly string[]
  startedAt: number
  live: Map<string, number>
  verified: Map<string, number>
  failure?: { at: number; regions: Set<string>; open: Set<string>; recoveredAt?: number }
}

/**
 * The trains that reached production, in the order of their first start. One that was superseded before it started
 * anywhere, a pin back, and the failover of a region are no trains (dora.dev counts deployments to production).
 */
export function trainsOf(events: readonly LedgerEvent[]): readonly TrainRecord[] {
  const staged = new Map<string, EventOf<'staged'>>()
  const orders = new Map<string, readonly string[]>()
  const trains = new Map<string, Draft>()
  /** The train whose pin each region has. */
  const runs = new Map<string, Draft>()
  for (const event of events) {
    const at = Date.parse(event.at)
    const train = 'release' in event && event.release !== undefined ? trains.get(event.release) : undefined
    switch (event.type) {
      case 'staged':
        staged.set(event.release, event)
        break
      case 'proposed':
        orders.set(event.release, event.order)
        break
      case 'started':
        if (train === undefined) begin(event, at)
        break
      case 'pinned':
        if (train !== undefined) runs.set(event.region, train)
        break
      case 'live':
        if (train === undefined) break
        if (!train.live.has(event.region)) train.live.set(event.region, at)
        recover(event.region, at, train)
        break
      case 'verified':
        if (train !== undefined && !train.verified.has(event.region)) train.verified.set(event.region, at)
        break
      case 'canary-failed':
        fail(train, at, [event.region])
        break
      case 'migration-failed':
        fail(train, at, [])
        break
      case 'halted':
        fail(train, at, event.regions)
        break
      case 'rollback-started':
        fail(runs.get(event.region), at, [event.region])
        break
      case 'rolled-back':
      case 'adopted':
        runs.delete(event.region)
        recover(event.region, at, undefined)
        break
    }
  }
  return [...trains.values()].map(finished)

  function begin(event: EventOf<'started'>, at: number): void {
    const of = staged.get(event.release)
    if (of === undefined) return
    const { kind, sourceSha } = of
    if (kind === 'hotfix') mended(Date.parse(of.at))
    trains.set(event.release, {
      release: event.release,
      kind,
      sourceSha,
      order: orders.get(event.release) ?? [],
      startedAt: at,
      live: new Map(),
      verified: new Map(),
    })
  }

  /** A hotfix says that the train before it was bad, whether or not anybody rolled it back. */
  function mended(at: number): void {
    const before = [...trains.values()].findLast(({ kind }) => kind === 'normal')
    if (before === undefined || before.failure !== undefined) return
    fail(
      before,
      at,
      [...runs].filter(([, train]) => train === before).map(([region]) => region),
    )
  }

  function recover(region: string, at: number, by: Draft | undefined): void {
    for (const train of trains.values()) {
      const { failure } = train
      if (train === by || failure === undefined || !failure.open.delete(region)) continue
      if (failure.open.size === 0) failure.recoveredAt = at
    }
  }
}

function fail(train: Draft | undefined, at: number, regions: readonly string[]): void {
  if (train === undefined) return
  train.failure ??= { at, regions: new Set(), open: new Set() }
  for (const region of regions) {
    if (train.failure.regions.has(region)) continue
    train.failure.regions.add(region)
    train.failure.open.add(region)
    delete train.failure.recoveredAt
  }
}

function finished({ failure, ...train }: Draft): TrainRecord {
  if (failure === undefined) return train
  const { open: _, ...told } = failure
  return { ...train, failure: told }
}

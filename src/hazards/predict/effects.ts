import { keyOf, type Relation } from '../catalogue/model.ts'
import { type LockMode, type Prediction, strongest } from '../types.ts'

/** Gathers what a statement does. Relations that nobody else sees yet, and sequences, are left out of the answer. */
export interface Effects {
  lock(relation: Relation | undefined, mode: LockMode): void
  rewrite(relation: Relation): void
  rebuild(relation: Relation, index: string): void
  /** The relation is read from end to end. An empty one costs nothing. */
  scan(relation: Relation | undefined): void
  refuse(sqlstate: string): void
  assume(what: string): void
  done(): Prediction
}

export function gather(): Effects {
  const locks = new Map<Relation, LockMode>()
  const rewrites = new Set<Relation>()
  const rebuilds = new Map<string, Relation>()
  const scans = new Set<Relation>()
  const assumed = new Set<string>()
  let error: string | undefined
  return {
    lock(relation, mode) {
      if (relation !== undefined && relation.kind !== 'sequence')
        locks.set(relation, strongest(locks.get(relation), mode))
    },
    rewrite(relation) {
      if (relation.kind === 'table' || relation.kind === 'matview') rewrites.add(relation)
    },
    rebuild: (relation, index) => void rebuilds.set(index, relation),
    scan(relation) {
      const stored =
        relation?.kind === 'table' || relation?.kind === 'matview' || relation?.kind === 'foreign'
      if (relation !== undefined && stored && relation.rows !== 0) scans.add(relation)
    },
    refuse(sqlstate) {
      error ??= sqlstate
    },
    assume: (what) => void assumed.add(what),
    done() {
      if (error !== undefined)
        return { locks: {}, rewrites: [], indexRebuilds: [], scans: [], error, assumed: [...assumed] }
      const old = (relations: Iterable<Relation>) =>
        [...relations]
          .filter(({ fresh }) => !fresh)
          .map(keyOf)
          .sort()
      return {
        locks: Object.fromEntries(
          [...locks].filter(([{ fresh }]) => !fresh).map(([relation, mode]) => [keyOf(relation), mode]),
        ),
        rewrites: old(rewrites),
        indexRebuilds: [...rebuilds]
          .filter(([, { fresh, kind }]) => !fresh && kind !== 'partitioned')
          .map(([index, { schema }]) => `${schema}.${index}`)
          .sort(),
        scans: old(scans),
        assumed: [...assumed],
      }
    },
  }
}

/** The table and all its indexes are written anew; building an index reads the table again. */
export function rewriteAll(effects: Effects, relation: Relation): void {
  if (relation.kind === 'partitioned') return
  effects.rewrite(relation)
  effects.scan(relation)
  for (const { name } of relation.indexes) effects.rebuild(relation, name)
}

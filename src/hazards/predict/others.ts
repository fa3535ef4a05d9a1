import { as, nameParts, type Of, optionOn, type RangeVar } from '../ast.ts'
import { truncated } from '../catalogue/follow-rows.ts'
import {
  column,
  family,
  findIndex,
  findRelation,
  nameFrom,
  nameOf,
  referencing,
  relationOrStandIn,
} from '../catalogue/lookup.ts'
import type { Catalogue, Relation } from '../catalogue/model.ts'
import { lockModes, type Major } from '../types.ts'
import { type Effects, rewriteAll } from './effects.ts'
import { readBelow } from './query.ts'
import { isInherited } from './refusals.ts'

export function rename(catalogue: Catalogue, effects: Effects, node: Of<'RenameStmt'>) {
  const relation = node.relation === undefined ? undefined : findRelation(catalogue, nameOf(node.relation))
  switch (node.renameType) {
    case 'OBJECT_INDEX':
    case 'OBJECT_SEQUENCE': {
      const found = relation ?? findIndex(catalogue, nameOf(node.relation))
      if (found === undefined && catalogue.complete && node.missing_ok !== true) effects.refuse('42P01')
      return
    }
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_FOREIGN_TABLE': {
      // ALTER TABLE also takes the name of an index.
      if (findIndex(catalogue, nameOf(node.relation)) !== undefined && relation === undefined) return
      const named = relationOrStandIn(catalogue, nameOf(node.relation))
      if (named === undefined && node.missing_ok !== true) return effects.refuse('42P01')
      return effects.lock(named, 'AccessExclusive')
    }
    case 'OBJECT_ATTRIBUTE': {
      const type = nameOf(node.relation).name
      const typed = [...catalogue.relations].filter(({ ofType }) => ofType === type)
      if (typed.length > 0 && node.behavior !== 'DROP_CASCADE') return effects.refuse('2BP01')
      for (const one of typed) effects.lock(one, 'AccessExclusive')
      return
    }
    case 'OBJECT_COLUMN': {
      const named = relationOrStandIn(catalogue, nameOf(node.relation))
      if (named === undefined) {
        if (node.missing_ok !== true) effects.refuse('42P01')
        return
      }
      if (column(named, node.newname) !== undefined) return effects.refuse('42701')
      if (isInherited(named, node.subname)) return effects.refuse('42P16')
      for (const member of family(catalogue, named)) effects.lock(member, 'AccessExclusive')
      return
    }
    case 'OBJECT_TABCONSTRAINT': {
      const named = relationOrStandIn(catalogue, nameOf(node.relation))
      const own = named?.constraints.find(({ name }) => name === node.subname)
      if (named === undefined) return effects.refuse('42P01')
      for (const member of own?.kind === 'check' ? family(catalogue, named) : [named])
        effects.lock(member, 'AccessExclusive')
      return
    }
    case 'OBJECT_TRIGGER': {
      const named = relationOrStandIn(catalogue, nameOf(node.relation))
      if (named === undefined) return effects.refuse('42P01')
      for (const member of named.kind === 'partitioned' ? family(catalogue, named) : [named])
        effects.lock(member, 'AccessExclusive')
      return
    }
    case 'OBJECT_RULE':
    case 'OBJECT_POLICY':
      return effects.lock(relationOrStandIn(catalogue, nameOf(node.relation)), 'AccessExclusive')
  }
}

/** COMMENT and SECURITY LABEL: of a relation or column ShareUpdateExclusive, of a part of a table AccessShare. */
export function commented(
  catalogue: Catalogue,
  effects: Effects,
  kind: string | undefined,
  object: Parameters<typeof nameParts>[0],
) {
  const parts = nameParts(object)
  switch (kind) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_FOREIGN_TABLE':
      return effects.lock(relationOrStandIn(catalogue, nameFrom(parts)), 'ShareUpdateExclusive')
    case 'OBJECT_COLUMN':
      return effects.lock(relationOrStandIn(catalogue, nameFrom(parts.slice(0, -1))), 'ShareUpdateExclusive')
    case 'OBJECT_TABCONSTRAINT':
    case 'OBJECT_TRIGGER':
    case 'OBJECT_RULE':
    case 'OBJECT_POLICY':
      return effects.lock(relationOrStandIn(catalogue, nameFrom(parts.slice(0, -1))), 'AccessShare')
  }
}

export function truncate(catalogue: Catalogue, effects: Effects, node: Of<'TruncateStmt'>) {
  for (const one of node.relations ?? []) {
    const named = relationOrStandIn(catalogue, nameOf(as(one, 'RangeVar')))
    if (named === undefined) return effects.refuse('42P01')
    if (named.kind === 'view' || named.kind === 'matview') return effects.refuse('42809')
  }
  const all = truncated(catalogue, node)
  const outside = all
    .flatMap((table) => referencing(catalogue, table))
    .filter(({ from }) => !all.includes(from))
  if (outside.length > 0) return effects.refuse('0A000')
  for (const table of all) {
    effects.lock(table, 'AccessExclusive')
    if (table.kind === 'partitioned') continue
    effects.rewrite(table)
    for (const { name } of table.indexes) effects.rebuild(table, name)
    if (table.unknown) effects.assume(`tables that reference ${table.name} are not known`)
  }
}

export function lockTable(catalogue: Catalogue, effects: Effects, node: Of<'LockStmt'>) {
  // The number in the tree is that of lockdefs.h: 1 = AccessShare … 8 = AccessExclusive.
  const mode = lockModes[(node.mode ?? 8) - 1] ?? 'AccessExclusive'
  for (const one of node.relations ?? []) {
    const range = as(one, 'RangeVar')
    const relation = relationOrStandIn(catalogue, nameOf(range))
    if (relation === undefined) return effects.refuse('42P01')
    for (const member of range?.inh === true ? family(catalogue, relation) : [relation])
      effects.lock(member, mode)
    if (relation.kind === 'view') for (const below of readBelow(relation)) effects.lock(below, mode)
  }
}

export function vacuum(catalogue: Catalogue, effects: Effects, version: Major, node: Of<'VacuumStmt'>) {
  if (node.is_vacuumcmd === true) return effects.refuse('25001')
  const named = (node.rels ?? []).flatMap(
    (one) => relationOrStandIn(catalogue, nameOf(as(one, 'VacuumRelation')?.relation)) ?? [],
  )
  if (named.length < (node.rels ?? []).length) return effects.refuse('42P01')
  const all = [...catalogue.relations].filter(({ kind }) =>
    ['table', 'partitioned', 'matview'].includes(kind),
  )
  for (const relation of (node.rels ?? []).length > 0 ? named : all) {
    // Told and passed over.
    if (relation.kind === 'view') continue
    effects.lock(relation, 'ShareUpdateExclusive')
    // Before 18 the children of a plain table were only sampled for it.
    for (const member of family(catalogue, relation))
      if (member !== relation)
        effects.lock(
          member,
          relation.kind === 'partitioned' || version >= 18 ? 'ShareUpdateExclusive' : 'AccessShare',
        )
  }
}

export function reindex(catalogue: Catalogue, effects: Effects, node: Of<'ReindexStmt'>) {
  const concurrently = optionOn(node.params, 'concurrently')
  const whole = ['REINDEX_OBJECT_SCHEMA', 'REINDEX_OBJECT_SYSTEM', 'REINDEX_OBJECT_DATABASE']
  if (concurrently || whole.includes(node.kind ?? '')) return effects.refuse('25001')
  if (node.kind === 'REINDEX_OBJECT_INDEX') {
    const found = findIndex(catalogue, nameOf(node.relation))
    if (found === undefined)
      return catalogue.complete
        ? effects.refuse('42P01')
        : effects.assume('the table of the index is not known')
    return rebuilt(effects, found.table, [found.index.name])
  }
  const table = relationOrStandIn(catalogue, nameOf(node.relation))
  if (table === undefined) return effects.refuse('42P01')
  rebuilt(
    effects,
    table,
    table.indexes.map(({ name }) => name),
  )
}

function rebuilt(effects: Effects, table: Relation, indexes: readonly string[]) {
  if (table.kind === 'partitioned') return effects.refuse('25001')
  effects.lock(table, 'Share')
  for (const name of indexes) effects.rebuild(table, name)
  if (indexes.length > 0 || table.unknown) effects.scan(table)
}

export function cluster(catalogue: Catalogue, effects: Effects, node: Of<'ClusterStmt'>) {
  if (node.relation === undefined) return effects.refuse('25001')
  const table = relationOrStandIn(catalogue, nameOf(node.relation))
  if (table === undefined) return effects.refuse('42P01')
  if (table.kind === 'partitioned') return effects.refuse('25001')
  if (node.indexname === undefined && table.clusteredOn === undefined && !table.unknown)
    return effects.refuse('42704')
  effects.lock(table, 'AccessExclusive')
  rewriteAll(effects, table)
}

export function refresh(catalogue: Catalogue, effects: Effects, node: Of<'RefreshMatViewStmt'>) {
  const view = relationOrStandIn(catalogue, nameOf(node.relation))
  if (view === undefined) return effects.refuse('42P01')
  const keyed = view.indexes.some(
    ({ unique, partial, columns }) => unique && !partial && !columns.includes(undefined),
  )
  if (node.concurrent === true && !keyed && !view.unknown) return effects.refuse('55000')
  effects.lock(view, node.concurrent === true ? 'Exclusive' : 'AccessExclusive')
  if (node.skipData !== true)
    for (const below of readBelow(view))
      for (const member of family(catalogue, below)) {
        effects.lock(member, 'AccessShare')
        effects.scan(member)
      }
  if (node.concurrent === true) return effects.scan(view)
  effects.rewrite(view)
  for (const { name } of view.indexes) effects.rebuild(view, name)
  // The new rows are read once more for the indexes.
  if (view.indexes.length > 0 && node.skipData !== true) effects.scan(view)
}

export function publication(
  catalogue: Catalogue,
  effects: Effects,
  node: Of<'CreatePublicationStmt'> | Of<'AlterPublicationStmt'>,
): void {
  for (const object of node.pubobjects ?? []) {
    const range = as(object, 'PublicationObjSpec')?.pubtable?.relation
    if (range !== undefined) effects.lock(relationOrStandIn(catalogue, nameOf(range)), 'ShareUpdateExclusive')
  }
  if ('action' in node && node.action === 'AP_SetObjects')
    for (const table of catalogue.publications.get(node.pubname ?? '') ?? [])
      effects.lock(table, 'ShareUpdateExclusive')
}

/** From 18 on GRANT and REVOKE on a named table look at it under a lock. */
export function granted(catalogue: Catalogue, effects: Effects, version: Major, node: Of<'GrantStmt'>): void {
  if (version < 18 || node.objtype !== 'OBJECT_TABLE' || node.targtype !== 'ACL_TARGET_OBJECT') return
  for (const object of node.objects ?? [])
    effects.lock(relationOrStandIn(catalogue, nameOf(as(object, 'RangeVar'))), 'AccessShare')
}

export function moved(catalogue: Catalogue, effects: Effects, range: RangeVar | undefined): void {
  if (range === undefined) return
  const relation = relationOrStandIn(catalogue, nameOf(range))
  effects.lock(relation, 'AccessExclusive')
}

export function statistics(catalogue: Catalogue, effects: Effects, node: Of<'CreateStatsStmt'>): void {
  for (const one of node.relations ?? [])
    effects.lock(relationOrStandIn(catalogue, nameOf(as(one, 'RangeVar'))), 'ShareUpdateExclusive')
}

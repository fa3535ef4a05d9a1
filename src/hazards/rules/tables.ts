import { as, nameParts, type Of } from '../ast.ts'
import { findIndex, nameFrom, nameOf, referencing, relationOrStandIn } from '../catalogue/lookup.ts'
import type { Relation } from '../catalogue/model.ts'
import { type At, certainty, isOld, path, quoted } from './context.ts'

type Cmd = Of<'AlterTableCmd'>

export function tableRules(at: At, table: Relation, cmd: Cmd) {
  const { report } = at
  const name = path(table)
  switch (cmd.subtype) {
    case 'AT_AttachPartition': {
      const child = relationOrStandIn(at.catalogue, nameOf(as(cmd.def, 'PartitionCmd')?.name))
      if (at.prediction.scans.length > 0 || child?.unknown === true || table.unknown)
        report(
          'attach-partition',
          at.prediction.scans.join(', ') || name,
          `ALTER TABLE ${child === undefined ? '…' : path(child)} ADD CONSTRAINT … CHECK (the bounds) NOT VALID;\n-- and on the default partition, if there is one, a CHECK that excludes them; VALIDATE both, then attach`,
          table.unknown ? 'assumed' : certainty(child),
        )
      return
    }
    case 'AT_DetachPartition': {
      const partition = as(cmd.def, 'PartitionCmd')
      const child = quoted(partition?.name?.relname ?? '…')
      if (partition?.concurrent !== true)
        return report('detach-partition', name, `ALTER TABLE ${name} DETACH PARTITION ${child} CONCURRENTLY;`)
      if (at.inTransaction) report('concurrently-in-transaction', 'DETACH PARTITION CONCURRENTLY')
      return report(
        'detach-concurrently-limits',
        name,
        `-- after a failure:\nALTER TABLE ${name} DETACH PARTITION ${child} FINALIZE;`,
      )
    }
    case 'AT_SetLogged':
    case 'AT_SetUnLogged':
      if (at.prediction.rewrites.length > 0 || table.unknown)
        report('set-logged-unlogged', name, undefined, certainty(table))
      return
    case 'AT_SetTableSpace':
    case 'AT_SetAccessMethod':
      if (at.prediction.rewrites.length > 0)
        report('set-tablespace-or-access-method', name, 'A new table, filled in batches.')
      return
    case 'AT_EnableTrig':
    case 'AT_EnableAlwaysTrig':
    case 'AT_EnableReplicaTrig':
    case 'AT_EnableTrigAll':
    case 'AT_EnableTrigUser':
    case 'AT_DisableTrig':
    case 'AT_DisableTrigAll':
    case 'AT_DisableTrigUser':
      return report('change-trigger', name)
    case 'AT_EnableRule':
    case 'AT_EnableAlwaysRule':
    case 'AT_EnableReplicaRule':
    case 'AT_DisableRule':
      return report('change-rule-or-policy', name)
    case 'AT_DisableRowSecurity':
    case 'AT_NoForceRowSecurity':
      return report('change-rule-or-policy', `${name}: rows that a policy hid are seen`)
    case 'AT_EnableRowSecurity':
    case 'AT_ForceRowSecurity':
      return report(
        'change-rule-or-policy',
        table.policies.length === 0 ? `${name} has no policy: every row is hidden` : name,
        'CREATE POLICY first.',
      )
    case 'AT_ReplicaIdentity':
      if (as(cmd.def, 'ReplicaIdentityStmt')?.identity_type === 'n') report('drop-primary-key', name)
      return
    case 'AT_ChangeOwner':
      return report('revoke-or-owner', `${name} gets another owner`)
    case 'AT_SetRelOptions': {
      const options = as(cmd.def, 'List')?.items?.flatMap((one) => as(one, 'DefElem') ?? []) ?? []
      const off = options.some(
        ({ defname, arg }) =>
          defname === 'autovacuum_enabled' && /false|off|0/.test(JSON.stringify(arg ?? '')),
      )
      if (off) report('autovacuum-disabled', name)
    }
  }
}

/** Logical replication carries rows and no DDL: rows of the new form stop a subscriber that does not have it. */
export function publishedRules({ catalogue, report }: At, table: Relation, node: Of<'AlterTableStmt'>): void {
  const changing = ['AT_AddColumn', 'AT_DropColumn', 'AT_AlterColumnType']
  if (!(node.cmds ?? []).some((one) => changing.includes(as(one, 'AlterTableCmd')?.subtype ?? ''))) return
  for (const [name, tables] of catalogue.publications)
    if ([...tables].some((one) => one.schema === table.schema && one.name === table.name))
      report('publication', `${path(table)} is published by ${quoted(name)}`)
}

export function dropRules(at: At, node: Of<'DropStmt'>): void {
  const { report, catalogue } = at
  const cascade = node.behavior === 'DROP_CASCADE'
  let old = false
  for (const object of node.objects ?? []) {
    const parts = nameParts(as(object, 'TypeName')?.names ?? object)
    const name = parts.map(quoted).join('.')
    const part = parts.length > 1 ? nameFrom(parts.slice(0, -1)) : undefined
    switch (node.removeType) {
      case 'OBJECT_TABLE': {
        const table = relationOrStandIn(catalogue, nameFrom(parts))
        if (!isOld(table)) break
        old = true
        if (table.bound !== undefined)
          report(
            'drop-partition',
            name,
            `ALTER TABLE ${table.parents.map(path).join()} DETACH PARTITION ${name} CONCURRENTLY;\nDROP TABLE ${name};`,
          )
        report('drop-table', name, 'Stop using it in one release, drop it in the next.')
        const parents = table.constraints.flatMap(({ references }) => references?.table ?? [])
        if (parents.length > 0)
          report(
            'drop-table-with-fk',
            parents.map(path).join(', '),
            'Drop the foreign keys one by one before.',
          )
        break
      }
      case 'OBJECT_VIEW':
      case 'OBJECT_MATVIEW': {
        if (!isOld(relationOrStandIn(catalogue, nameFrom(parts)))) break
        old = true
        report('change-view', `drops ${name}`)
        break
      }
      case 'OBJECT_INDEX': {
        const found = findIndex(catalogue, nameFrom(parts))
        if (found !== undefined && !isOld(found.table)) break
        old = true
        if (node.concurrent !== true) report('drop-index', name, `DROP INDEX CONCURRENTLY ${name};`)
        else {
          if (at.inTransaction) report('concurrently-in-transaction', 'DROP INDEX CONCURRENTLY')
          if (found?.index.constraint !== undefined || (node.objects?.length ?? 0) > 1 || cascade)
            report('drop-index-concurrently-limits', name)
        }
        break
      }
      case 'OBJECT_TRIGGER':
      case 'OBJECT_RULE':
      case 'OBJECT_POLICY': {
        const table = part === undefined ? undefined : relationOrStandIn(catalogue, part)
        if (isOld(table))
          report(
            node.removeType === 'OBJECT_TRIGGER' ? 'change-trigger' : 'change-rule-or-policy',
            `drops ${parts.at(-1)} of ${path(table)}`,
          )
        break
      }
      case 'OBJECT_SCHEMA':
        old = true
        report('change-schema', `drops ${name}`)
        break
      case 'OBJECT_TYPE':
      case 'OBJECT_DOMAIN':
      case 'OBJECT_FUNCTION':
      case 'OBJECT_PROCEDURE':
      case 'OBJECT_SEQUENCE':
      case 'OBJECT_EXTENSION':
        old = true
        report('drop-type-or-function', name)
        break
      case 'OBJECT_PUBLICATION':
        report('publication', name)
    }
  }
  if (
    cascade &&
    (old ||
      !['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_INDEX'].includes(node.removeType ?? ''))
  )
    report(
      'drop-cascade',
      at.statement.sql.split('\n')[0] ?? '',
      'Drop each dependent object by its name first.',
    )
}

export function renameRules(at: At, node: Of<'RenameStmt'>) {
  const { report } = at
  const relation =
    node.relation === undefined ? undefined : relationOrStandIn(at.catalogue, nameOf(node.relation))
  const to = quoted(node.newname ?? '')
  switch (node.renameType) {
    case 'OBJECT_TABLE':
      if (isOld(relation))
        report(
          'rename-table',
          `${path(relation)} becomes ${to}`,
          `-- in the same transaction, for the previous release:\nCREATE VIEW ${path(relation)} AS SELECT * FROM ${to};`,
        )
      return
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
      if (isOld(relation)) report('change-view', `${path(relation)} becomes ${to}`)
      return
    case 'OBJECT_COLUMN':
      if (isOld(relation))
        report(
          'rename-column',
          `${path(relation)}.${node.subname} becomes ${to}`,
          'Add a column, write both, switch reads, drop the old one.',
        )
      return
    case 'OBJECT_TABCONSTRAINT':
    case 'OBJECT_INDEX':
      return report('rename-constraint', `${node.subname ?? node.relation?.relname} becomes ${to}`)
    case 'OBJECT_SCHEMA':
      return report('change-schema', `${node.subname} becomes ${to}`)
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
    case 'OBJECT_FUNCTION':
      return report('drop-type-or-function', `it becomes ${to}`)
    case 'OBJECT_TRIGGER':
      return report('change-trigger', `${node.subname} becomes ${to}`)
  }
}

/** The keys that stand in the way of TRUNCATE. */
export function truncateRules(at: At, node: Of<'TruncateStmt'>): void {
  for (const one of node.relations ?? []) {
    const table = relationOrStandIn(at.catalogue, nameOf(as(one, 'RangeVar')))
    if (!isOld(table)) continue
    at.report('truncate', path(table), `DELETE FROM ${path(table)} in batches.`)
    if (node.behavior === 'DROP_CASCADE') {
      const others = referencing(at.catalogue, table).map(({ from }) => path(from))
      at.report('drop-cascade', `empties ${others.join(', ') || 'every table that references it'} too`)
    }
  }
}

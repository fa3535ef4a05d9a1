/** ALTER TABLE, command by command: AlterTableGetLockLevel and the passes of tablecmds.c, checked on servers. */
import { as, type Of } from '../ast.ts'
import { commandsOf, followCommand } from '../catalogue/follow-alter.ts'
import { column, family, findIndex, nameOf, referencing, relationOrStandIn } from '../catalogue/lookup.ts'
import { type Catalogue, copyCatalogue, type Relation } from '../catalogue/model.ts'
import type { LockMode, Major } from '../types.ts'
import { addColumn } from './add-column.ts'
import { changeType, setExpression, setNotNull } from './change-column.ts'
import { addConstraint, alterConstraint, dropConstraint, validateConstraint } from './constraints.ts'
import { columnDropped } from './drop.ts'
import { type Effects, rewriteAll } from './effects.ts'
import { attachPartition, detachPartition } from './partitions.ts'
import { refusal } from './refusals.ts'

export interface AlterContext {
  readonly catalogue: Catalogue
  readonly effects: Effects
  readonly version: Major
  readonly table: Relation
  /** The table and, unless ONLY was written, everything below it. */
  readonly members: readonly Relation[]
  /** Columns that this statement has added without a default. */
  readonly added: Set<string>
}

export function alterTable(
  catalogue: Catalogue,
  effects: Effects,
  version: Major,
  node: Of<'AlterTableStmt'>,
) {
  if (node.objtype === 'OBJECT_INDEX') return alterIndex(catalogue, effects, node)
  if (node.objtype === 'OBJECT_SEQUENCE') return
  if (node.objtype === 'OBJECT_TYPE') return alterComposite(catalogue, effects, node)
  const before = relationOrStandIn(catalogue, nameOf(node.relation))
  if (before === undefined) {
    if (node.missing_ok !== true) effects.refuse('42P01')
    return
  }
  const commands = commandsOf(node)
  if (commands.length === 1) {
    const [only] = commands
    if (only !== undefined) command(context(catalogue, effects, version, node, before), only, node)
    return
  }
  // Later commands see the columns that earlier ones add: followed on a copy, reported on the original.
  const copy = copyCatalogue(catalogue)
  const added = new Set<string>()
  const gone = new Set<string>()
  for (const one of commands) {
    const table = relationOrStandIn(copy, nameOf(node.relation))
    if (table === undefined) return
    if (one.subtype === 'AT_DropConstraint') gone.add(one.name ?? '')
    const again = constraintName(as(one.def, 'Constraint'), table)
    if (gone.has(again) && before.indexes.some(({ name }) => name === again)) effects.rebuild(before, again)
    command(context(copy, effects, version, node, table, added), one, node)
    const definition = as(one.def, 'ColumnDef')
    const filled = (definition?.constraints ?? []).some(
      (part) => as(part, 'Constraint')?.contype === 'CONSTR_DEFAULT',
    )
    if (one.subtype === 'AT_AddColumn' && !filled) added.add(definition?.colname ?? '')
    followCommand(copy, table, one, node.relation?.inh === true)
  }
}

function context(
  catalogue: Catalogue,
  effects: Effects,
  version: Major,
  node: Of<'AlterTableStmt'>,
  table: Relation,
  added = new Set<string>(),
): AlterContext {
  const members = node.relation?.inh !== true ? [table] : family(catalogue, table)
  return { catalogue, effects, version, table, members, added }
}

/** Every command that takes the same lock wherever it stands, and whether partitions and heirs take it too. */
const plain: Readonly<Record<string, { readonly mode: LockMode; readonly below: boolean }>> = {
  AT_ColumnDefault: { mode: 'AccessExclusive', below: true },
  AT_DropNotNull: { mode: 'AccessExclusive', below: true },
  AT_DropExpression: { mode: 'AccessExclusive', below: true },
  AT_AddIdentity: { mode: 'AccessExclusive', below: true },
  AT_SetIdentity: { mode: 'AccessExclusive', below: true },
  AT_DropIdentity: { mode: 'AccessExclusive', below: true },
  AT_SetStatistics: { mode: 'ShareUpdateExclusive', below: true },
  AT_SetOptions: { mode: 'ShareUpdateExclusive', below: false },
  AT_ResetOptions: { mode: 'ShareUpdateExclusive', below: false },
  AT_SetStorage: { mode: 'AccessExclusive', below: true },
  AT_SetCompression: { mode: 'AccessExclusive', below: true },
  AT_ClusterOn: { mode: 'ShareUpdateExclusive', below: false },
  AT_DropCluster: { mode: 'ShareUpdateExclusive', below: false },
  AT_EnableTrig: { mode: 'ShareRowExclusive', below: true },
  AT_EnableAlwaysTrig: { mode: 'ShareRowExclusive', below: true },
  AT_EnableReplicaTrig: { mode: 'ShareRowExclusive', below: true },
  AT_EnableTrigAll: { mode: 'ShareRowExclusive', below: true },
  AT_EnableTrigUser: { mode: 'ShareRowExclusive', below: true },
  AT_DisableTrig: { mode: 'ShareRowExclusive', below: true },
  AT_DisableTrigAll: { mode: 'ShareRowExclusive', below: true },
  AT_DisableTrigUser: { mode: 'ShareRowExclusive', below: true },
}

function command(at: AlterContext, cmd: Of<'AlterTableCmd'>, node: Of<'AlterTableStmt'>) {
  const { effects, table, members, catalogue } = at
  const same = plain[cmd.subtype ?? '']
  if (cmd.subtype === 'AT_AddIdentity' && column(table, cmd.name)?.notNull === false)
    return effects.refuse('55000')
  const triggers = ['AT_EnableTrig', 'AT_EnableAlwaysTrig', 'AT_EnableReplicaTrig', 'AT_DisableTrig']
  if (
    triggers.includes(cmd.subtype ?? '') &&
    !table.unknown &&
    !table.triggers.some(({ name }) => name === cmd.name)
  )
    return effects.refuse('42704')
  const wrong = refusal(at, cmd)
  if (wrong !== undefined) return effects.refuse(wrong)
  if (same !== undefined) {
    // The copies of a trigger on partitions are switched with it; heirs have none.
    const copied = table.kind === 'partitioned' && table.triggers.length > 0
    const heirs = same.mode === 'ShareRowExclusive' && !copied
    for (const member of same.below && !heirs ? members : [table]) effects.lock(member, same.mode)
    return
  }
  switch (cmd.subtype) {
    case 'AT_AddColumn':
      return addColumn(at, cmd)
    case 'AT_DropColumn':
      for (const member of family(catalogue, table)) effects.lock(member, 'AccessExclusive')
      if (column(table, cmd.name) === undefined) {
        if (cmd.missing_ok !== true && !table.unknown) effects.refuse('42703')
        return
      }
      return columnDropped(catalogue, effects, table, cmd.name ?? '', cmd.behavior === 'DROP_CASCADE')
    case 'AT_AlterColumnType':
      return changeType(at, cmd)
    case 'AT_SetNotNull':
      return setNotNull(at, cmd.name ?? '')
    case 'AT_SetExpression':
      return setExpression(at, cmd)
    case 'AT_AddConstraint':
      return addConstraint(at, as(cmd.def, 'Constraint') ?? {})
    case 'AT_DropConstraint':
      return dropConstraint(at, cmd)
    case 'AT_ValidateConstraint':
      return validateConstraint(at, cmd.name ?? '')
    case 'AT_AlterConstraint':
      return alterConstraint(at)
    case 'AT_AttachPartition':
      return attachPartition(at, cmd)
    case 'AT_DetachPartition':
    case 'AT_DetachPartitionFinalize':
      return detachPartition(at, cmd)
    case 'AT_SetRelOptions':
    case 'AT_ResetRelOptions':
    case 'AT_ReplaceRelOptions':
      return effects.lock(table, optionsLock(cmd, node))
    case 'AT_AddInherit': {
      const parent = relationOrStandIn(catalogue, nameOf(as(cmd.def, 'RangeVar')))
      if (parent === undefined) return effects.refuse('42P01')
      if (!table.unknown && parent.columns.some(({ name }) => column(table, name) === undefined))
        return effects.refuse('42804')
      effects.lock(parent, 'ShareUpdateExclusive')
      for (const member of family(catalogue, table)) effects.lock(member, 'AccessExclusive')
      return
    }
    case 'AT_DropOf':
      if (table.ofType === undefined && !table.unknown) return effects.refuse('42809')
      return effects.lock(table, 'AccessExclusive')
    case 'AT_DropInherit':
      if (
        catalogue.complete &&
        !table.parents.includes(relationOrStandIn(catalogue, nameOf(as(cmd.def, 'RangeVar'))) ?? table)
      )
        return effects.refuse('42P01')
      effects.lock(relationOrStandIn(catalogue, nameOf(as(cmd.def, 'RangeVar'))), 'AccessShare')
      return effects.lock(table, 'AccessExclusive')
    case 'AT_EnableRule':
    case 'AT_EnableAlwaysRule':
    case 'AT_EnableReplicaRule':
    case 'AT_DisableRule':
      if (!table.unknown && !table.rules.includes(cmd.name ?? '')) return effects.refuse('42704')
      return effects.lock(table, 'AccessExclusive')
    case 'AT_SetLogged':
    case 'AT_SetUnLogged': {
      if (table.kind !== 'table') return effects.refuse('42809')
      effects.lock(table, 'AccessExclusive')
      const wanted = cmd.subtype === 'AT_SetLogged' ? 'permanent' : 'unlogged'
      if (
        wanted === 'unlogged' &&
        referencing(catalogue, table).some(({ from }) => from.persistence === 'permanent')
      )
        return effects.refuse('42P16')
      if (table.persistence !== wanted || table.unknown) rewriteAll(effects, table)
      return
    }
    case 'AT_SetAccessMethod':
      effects.lock(table, 'AccessExclusive')
      if (cmd.name !== 'heap' && cmd.name !== undefined) rewriteAll(effects, table)
      return
    case 'AT_SetTableSpace':
      effects.lock(table, 'AccessExclusive')
      // Copies the file of the table; indexes have places of their own.
      if (cmd.name !== 'pg_default') effects.rewrite(table)
      return
    default:
      effects.lock(table, 'AccessExclusive')
  }
}

/** Options that need no more than ShareUpdateExclusive (reloptions.c); all others take AccessExclusive. */
const mild =
  /^(fillfactor|toast_tuple_target|parallel_workers|autovacuum_|vacuum_|log_autovacuum|deduplicate_items|n_distinct)/

function optionsLock(cmd: Of<'AlterTableCmd'>, node: Of<'AlterTableStmt'>): LockMode {
  const options = as(cmd.def, 'List')?.items?.flatMap((one) => as(one, 'DefElem') ?? []) ?? []
  const view = node.objtype === 'OBJECT_VIEW'
  const all = options.every(({ defname }) => mild.test(defname ?? ''))
  return all && !view ? 'ShareUpdateExclusive' : 'AccessExclusive'
}

/** ALTER INDEX locks the index and not its table, but for ATTACH PARTITION, which looks at both tables. */
function alterIndex(catalogue: Catalogue, effects: Effects, node: Of<'AlterTableStmt'>) {
  const own = findIndex(catalogue, nameOf(node.relation))
  if (own === undefined && catalogue.complete && node.missing_ok !== true) return effects.refuse('42P01')
  for (const cmd of commandsOf(node)) {
    if (cmd.subtype === 'AT_SetTableSpace' && cmd.name !== 'pg_default' && own !== undefined)
      effects.rebuild(own.table, own.index.name)
    if (cmd.subtype === 'AT_SetStatistics') {
      const key = own?.index.columns[(cmd.num ?? 1) - 1]
      if (key !== undefined) effects.refuse('0A000')
    }
    if (cmd.subtype !== 'AT_AttachPartition') continue
    const child = findIndex(catalogue, nameOf(as(cmd.def, 'PartitionCmd')?.name))
    effects.lock(own?.table, 'AccessShare')
    effects.lock(child?.table, 'AccessShare')
  }
}

/** The name of an index that a constraint takes when it has none of its own. */
function constraintName(node: Of<'Constraint'> | undefined, table: Relation): string {
  return node?.conname ?? (node?.contype === 'CONSTR_PRIMARY' ? `${table.name}_pkey` : '')
}

/** ALTER TYPE … ATTRIBUTE reaches the tables made OF the type, with CASCADE only. */
function alterComposite(catalogue: Catalogue, effects: Effects, node: Of<'AlterTableStmt'>) {
  const type = nameOf(node.relation).name
  for (const cmd of commandsOf(node)) {
    const changes = cmd.subtype === 'AT_AlterColumnType'
    const held = [...catalogue.relations].some(({ columns }) => columns.some((one) => one.type.name === type))
    if (changes && held) return effects.refuse('0A000')
    for (const relation of catalogue.relations) {
      if (relation.ofType !== type) continue
      if (cmd.behavior !== 'DROP_CASCADE') return effects.refuse('2BP01')
      effects.lock(relation, 'AccessExclusive')
      if (changes) rewriteAll(effects, relation)
    }
  }
}

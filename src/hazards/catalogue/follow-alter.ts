import { as, columnsIn, nameParts, type Of, text } from '../ast.ts'
import { addConstraint, addSequence, readBound, readColumn } from './elements.ts'
import { removeColumn, removeIndex } from './follow-drop.ts'
import { inherit } from './follow-table.ts'
import { children, column, family, findIndex, nameOf, referencing, relationOrStandIn } from './lookup.ts'
import type { Catalogue, Relation } from './model.ts'
import { typeRef } from './type-ref.ts'

export function followAlterTable(catalogue: Catalogue, node: Of<'AlterTableStmt'>): void {
  if (node.objtype === 'OBJECT_INDEX') {
    for (const cmd of commandsOf(node))
      if (cmd.subtype === 'AT_AttachPartition') attachIndex(catalogue, node, cmd)
    return
  }
  const table = relationOrStandIn(catalogue, nameOf(node.relation))
  if (table === undefined) return
  for (const cmd of commandsOf(node)) followCommand(catalogue, table, cmd, node.relation?.inh === true)
}

export function commandsOf(node: Of<'AlterTableStmt'>): Of<'AlterTableCmd'>[] {
  return (node.cmds ?? []).flatMap((cmd) => as(cmd, 'AlterTableCmd') ?? [])
}

export function followCommand(
  catalogue: Catalogue,
  table: Relation,
  cmd: Of<'AlterTableCmd'>,
  recurse: boolean,
): void {
  const all = recurse ? family(catalogue, table) : [table]
  const own = column(table, cmd.name)
  const columns = all.flatMap((member) => column(member, cmd.name) ?? [])
  const constraint = as(cmd.def, 'Constraint')
  const partition = as(cmd.def, 'PartitionCmd')
  switch (cmd.subtype) {
    case 'AT_AddColumn': {
      const definition = as(cmd.def, 'ColumnDef')
      if (definition === undefined || column(table, definition.colname) !== undefined) return
      const made = readColumn(definition)
      for (const member of all) member.columns.push({ ...made.column })
      if (made.sequence) addSequence(catalogue, table, made.column.name)
      for (const one of made.constraints)
        for (const member of all) addConstraint(catalogue, member, one, made.column.name)
      return
    }
    case 'AT_DropColumn':
      removeColumn(catalogue, table, cmd.name ?? '')
      return
    case 'AT_AlterColumnType': {
      const definition = as(cmd.def, 'ColumnDef')
      const collation = nameParts(definition?.collClause?.collname).at(-1)
      for (const one of columns) Object.assign(one, { type: typeRef(definition?.typeName), collation })
      return
    }
    case 'AT_ColumnDefault':
      for (const one of columns) one.default = cmd.def
      return
    case 'AT_SetNotNull':
      for (const one of columns) one.notNull = true
      return
    case 'AT_DropNotNull':
      for (const one of columns) one.notNull = false
      return
    case 'AT_AddIdentity':
      for (const one of columns) one.identity = 'default'
      addSequence(catalogue, table, cmd.name ?? '')
      return
    case 'AT_DropIdentity':
      for (const one of columns) one.identity = undefined
      return
    case 'AT_DropExpression':
      for (const one of columns) one.generated = undefined
      return
    case 'AT_SetExpression':
      if (own?.generated !== undefined)
        own.generated = { stored: own.generated.stored, uses: [...columnsIn(cmd.def)] }
      return
    case 'AT_AddConstraint':
      if (constraint === undefined) return
      for (const member of constraint.is_no_inherit === true ? [table] : all)
        addConstraint(catalogue, member, constraint)
      return
    case 'AT_DropConstraint':
      for (const member of all) dropConstraint(catalogue, member, cmd.name ?? '')
      return
    case 'AT_ValidateConstraint':
      for (const member of all)
        for (const one of member.constraints) {
          if (one.name !== cmd.name) continue
          one.validated = true
          if (one.kind === 'notnull') for (const key of one.columns) setNotNull(member, key)
        }
      return
    case 'AT_AttachPartition': {
      const child = relationOrStandIn(catalogue, nameOf(partition?.name))
      if (child === undefined || partition?.bound === undefined) return
      inherit(catalogue, child, table, true)
      child.bound = readBound(partition.bound)
      return
    }
    case 'AT_DetachPartition': {
      const child = relationOrStandIn(catalogue, nameOf(partition?.name))
      if (child === undefined) return
      child.parents = child.parents.filter((parent) => parent !== table)
      child.bound = undefined
      child.indexes = child.indexes.map((index) => ({ ...index, parent: undefined }))
      return
    }
    case 'AT_AddInherit': {
      const parent = relationOrStandIn(catalogue, nameOf(as(cmd.def, 'RangeVar')))
      if (parent !== undefined) inherit(catalogue, table, parent, false)
      return
    }
    case 'AT_DropInherit': {
      const parent = relationOrStandIn(catalogue, nameOf(as(cmd.def, 'RangeVar')))
      table.parents = table.parents.filter((one) => one !== parent)
      return
    }
    case 'AT_SetLogged':
      table.persistence = 'permanent'
      return
    case 'AT_SetUnLogged':
      table.persistence = 'unlogged'
      return
    case 'AT_ClusterOn':
      table.clusteredOn = cmd.name
      return
    case 'AT_DropCluster':
      table.clusteredOn = undefined
      return
    case 'AT_EnableRowSecurity':
      table.rowSecurity = true
      return
    case 'AT_DisableRowSecurity':
      table.rowSecurity = false
      return
    case 'AT_ReplicaIdentity': {
      const kind = as(cmd.def, 'ReplicaIdentityStmt')?.identity_type
      table.replicaIdentity =
        kind === 'f' ? 'full' : kind === 'n' ? 'nothing' : kind === 'i' ? 'index' : 'default'
      return
    }
    case 'AT_AddOf':
      table.ofType = text(as(cmd.def, 'TypeName')?.names?.at(-1))
  }
}

function setNotNull(table: Relation, name: string): void {
  const own = column(table, name)
  if (own !== undefined) own.notNull = true
}

function dropConstraint(catalogue: Catalogue, table: Relation, name: string): void {
  const constraint = table.constraints.find((one) => one.name === name)
  if (constraint === undefined) return
  if (constraint.kind === 'notnull') {
    const own = column(table, constraint.columns[0])
    if (own !== undefined) own.notNull = false
  }
  const index = table.indexes.find((one) => one.constraint === name)
  if (index !== undefined) {
    for (const { from, constraint: key } of referencing(catalogue, table))
      if (key.references?.columns.join() === index.columns.join())
        from.constraints = from.constraints.filter((one) => one !== key)
    removeIndex(catalogue, table, index.name)
  }
  table.constraints = table.constraints.filter((one) => one !== constraint)
}

function attachIndex(catalogue: Catalogue, node: Of<'AlterTableStmt'>, cmd: Of<'AlterTableCmd'>): void {
  const parent = findIndex(catalogue, nameOf(node.relation))
  const child = findIndex(catalogue, nameOf(as(cmd.def, 'PartitionCmd')?.name))
  if (parent === undefined || child === undefined) return
  child.index.parent = parent.index.name
  parent.index.valid = children(catalogue, parent.table).every(({ indexes }) =>
    indexes.some((one) => one.parent === parent.index.name),
  )
}

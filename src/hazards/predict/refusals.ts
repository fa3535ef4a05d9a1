/** ALTER TABLE that the server refuses for what the catalogue holds, whatever the rows are. */
import { as, type Of, text } from '../ast.ts'
import { readColumn } from '../catalogue/elements.ts'
import { children, column } from '../catalogue/lookup.ts'
import type { Relation } from '../catalogue/model.ts'
import type { AlterContext } from './alter-table.ts'

/** Commands that name a column which has to be there. */
const ofColumn = new Set([
  'AT_SetNotNull',
  'AT_DropNotNull',
  'AT_ColumnDefault',
  'AT_SetStatistics',
  'AT_SetStorage',
  'AT_SetCompression',
  'AT_SetOptions',
  'AT_ResetOptions',
  'AT_AddIdentity',
  'AT_SetIdentity',
  'AT_SetExpression',
  'AT_DropExpression',
])

/** The SQLSTATE, or undefined where nothing of the catalogue speaks against it. */
export function refusal(at: AlterContext, cmd: Of<'AlterTableCmd'>): string | undefined {
  const { table, version } = at
  if (table.unknown) return undefined
  const stored = table.kind === 'table' || table.kind === 'partitioned'
  const own = column(table, cmd.name)
  if (stored && cmd.name !== undefined && own === undefined && ofColumn.has(cmd.subtype ?? '')) return '42703'
  switch (cmd.subtype) {
    case 'AT_AddColumn': {
      if (!stored && table.kind !== 'foreign') return '42809'
      const definition = as(cmd.def, 'ColumnDef')
      if (
        definition === undefined ||
        (cmd.missing_ok === true && column(table, definition.colname) !== undefined)
      )
        return undefined
      const keyed = readColumn(definition).constraints.some(({ contype }) => contype === 'CONSTR_PRIMARY')
      return keyed && hasPrimary(table) ? '42P16' : undefined
    }
    case 'AT_DropColumn':
      if (own === undefined) return undefined
      return isInherited(table, own.name) || table.partitionKey?.columns.includes(own.name) === true
        ? '42P16'
        : undefined
    case 'AT_DropNotNull':
      return table.constraints.some(
        ({ kind, columns }) => kind === 'primary' && columns.includes(cmd.name ?? ''),
      )
        ? '42P16'
        : undefined
    case 'AT_AddConstraint':
      return constraint(at, as(cmd.def, 'Constraint') ?? {})
    case 'AT_SetRelOptions':
    case 'AT_ResetRelOptions':
      return table.kind === 'partitioned' ? '42809' : undefined
    case 'AT_SetAccessMethod':
      return table.kind === 'partitioned' && version < 17 ? '42809' : undefined
    case 'AT_ReplicaIdentity': {
      const name = as(cmd.def, 'ReplicaIdentityStmt')?.name
      if (name === undefined) return undefined
      const index = table.indexes.find((one) => one.name === name)
      if (index === undefined) return '42704'
      const sure = index.columns.every((key) => key !== undefined && column(table, key)?.notNull === true)
      return index.unique && !index.partial && !index.deferrable && sure ? undefined : '42809'
    }
    default:
      return undefined
  }
}

function constraint(
  { catalogue, table, version, members }: AlterContext,
  node: Of<'Constraint'>,
): string | undefined {
  const primary = node.contype === 'CONSTR_PRIMARY'
  if (primary && hasPrimary(table)) return '42P16'
  if (primary || node.contype === 'CONSTR_UNIQUE') {
    const keys = (node.keys ?? []).map((key) => text(key))
    const parts = table.partitionKey?.columns
    // A unique index of a partitioned table holds in each partition only: the key of the partitions has to be in it.
    return parts !== undefined && node.indexname === undefined && parts.some((part) => !keys.includes(part))
      ? '0A000'
      : undefined
  }
  const named = node.conname !== undefined
  if (node.contype === 'CONSTR_NOTNULL' && version >= 18 && named)
    return column(table, text(node.keys?.[0]))?.notNull === true ? '55000' : undefined
  // ONLY: heirs would lack the CHECK; NO INHERIT says that they shall.
  const heirs = members.length === 1 && children(catalogue, table).length > 0
  return node.contype === 'CONSTR_CHECK' && node.is_no_inherit !== true && heirs ? '42P16' : undefined
}

function hasPrimary(table: Relation): boolean {
  return table.constraints.some(({ kind }) => kind === 'primary')
}

/** A column that a parent rules over. */
export function isInherited(table: Relation, name: string | undefined): boolean {
  return table.parents.some((parent) => column(parent, name) !== undefined)
}

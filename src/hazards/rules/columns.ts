import { as, isNull, type Of } from '../ast.ts'
import { readColumn } from '../catalogue/elements.ts'
import { commandsOf } from '../catalogue/follow-alter.ts'
import { column, dependentViews, nameOf, relationOrStandIn } from '../catalogue/lookup.ts'
import type { Relation } from '../catalogue/model.ts'
import { isKnownType, resolve, typeRef } from '../catalogue/type-ref.ts'
import { provenNotNull } from '../proofs.ts'
import { typeChange } from '../type-change.ts'
import { volatilityOf } from '../volatility.ts'
import { type At, certainty, path, quoted } from './context.ts'

type Cmd = Of<'AlterTableCmd'>

export function columnRules(at: At, table: Relation, cmd: Cmd) {
  const name = quoted(cmd.name ?? '')
  switch (cmd.subtype) {
    case 'AT_AddColumn':
      return added(at, table, cmd)
    case 'AT_DropColumn':
      at.report(
        'drop-column',
        `drops ${path(table)}.${name}`,
        'Stop using the column in one release, drop it in the next.',
      )
      if (cmd.behavior === 'DROP_CASCADE')
        at.report(
          'drop-cascade',
          `${path(table)}.${name} with all that depends on it: ${dependents(at, table, cmd.name)}`,
        )
      return
    case 'AT_AlterColumnType':
      return typeChanged(at, table, cmd)
    case 'AT_SetNotNull': {
      const own = column(table, cmd.name)
      if (own?.notNull === true || provenNotNull(table, cmd.name ?? '')) return
      // Of a table that is not known, a constraint validated just before is the step that makes this one safe.
      if (table.unknown && at.progress.validated.has(path(table))) return
      const check = quoted(`${table.name}_${cmd.name}_not_null`)
      at.report(
        'set-not-null',
        `reads all of ${path(table)}`,
        at.version >= 18
          ? `ALTER TABLE ${path(table)} ADD CONSTRAINT ${check} NOT NULL ${name} NOT VALID;\n-- in another transaction:\nALTER TABLE ${path(table)} VALIDATE CONSTRAINT ${check};`
          : `ALTER TABLE ${path(table)} ADD CONSTRAINT ${check} CHECK (${name} IS NOT NULL) NOT VALID;\n-- in another transaction:\nALTER TABLE ${path(table)} VALIDATE CONSTRAINT ${check};\n-- then:\nALTER TABLE ${path(table)} ALTER COLUMN ${name} SET NOT NULL;\nALTER TABLE ${path(table)} DROP CONSTRAINT ${check};`,
        certainty(table),
      )
      return
    }
    case 'AT_DropNotNull':
      return at.report(
        'drop-not-null',
        `${path(table)}.${name} may become null`,
        'Only once no release reads it as required.',
      )
    case 'AT_ColumnDefault': {
      if (cmd.def !== undefined)
        return at.report(
          'change-default',
          `rows written by the previous release into ${path(table)} get the new default`,
        )
      at.report('drop-default', `${path(table)}.${name}`, 'Drop it once no release omits the column.')
      const key = `${table.schema}.${table.name}.${cmd.name}`
      if (at.progress.defaultsAdded.has(key))
        at.report(
          'add-not-null-default-then-drop-default',
          `${path(table)}.${name}`,
          'Keep the default until the contract step.',
        )
      return
    }
    case 'AT_SetExpression':
      return at.report(
        'set-expression',
        `computes every row of ${path(table)} again`,
        'Add a new generated column and switch to it.',
      )
    case 'AT_AddIdentity':
      return at.report(
        'add-identity-to-existing-column',
        `the sequence of ${path(table)}.${name} starts at 1`,
        `-- in the same transaction:\nSELECT setval(pg_get_serial_sequence('${path(table)}', '${cmd.name}'), (SELECT max(${name}) FROM ${path(table)}));`,
      )
    case 'AT_SetStorage':
    case 'AT_SetCompression':
      return at.report('storage-or-compression', `locks ${path(table)} exclusively, for a moment`)
  }
}

function dependents(at: At, table: Relation, name?: string): string {
  const views = dependentViews(at.catalogue, table, name).map(path)
  return views.length > 0 ? views.join(', ') : 'views, constraints, functions'
}

function added(at: At, table: Relation, cmd: Cmd): void {
  const definition = as(cmd.def, 'ColumnDef')
  if (definition === undefined) return
  const made = readColumn(definition)
  const { catalogue, report } = at
  const own = `${path(table)}.${quoted(made.column.name)}`
  const sure = certainty(table)
  const filled = made.column.default !== undefined && !isNull(made.column.default)
  const backfill = `ALTER TABLE ${path(table)} ADD COLUMN ${quoted(made.column.name)} ${made.column.type.name};\nALTER TABLE ${path(table)} ALTER COLUMN ${quoted(made.column.name)} SET DEFAULT …;\n-- then fill the rows in batches`
  if (made.column.identity !== undefined) report('add-column-identity', own, backfill)
  else if (made.sequence) report('add-column-serial', own, backfill)
  else if (filled) {
    const volatility = volatilityOf(catalogue, made.column.default)
    if (volatility === 'volatile') report('add-column-volatile-default', own, backfill)
    if (volatility === 'unknown')
      report(
        'add-column-volatile-default',
        `${own}: the volatility of a function is not known`,
        backfill,
        'assumed',
      )
  }
  if (made.column.generated?.stored === true)
    report(
      'add-column-generated-stored',
      own,
      at.version >= 18
        ? 'VIRTUAL instead of STORED'
        : 'A plain column, kept by a trigger, filled in batches.',
    )
  if (resolve(catalogue, made.column.type).constrained)
    report('add-column-of-constrained-domain', own, 'A plain type, and a CHECK added NOT VALID.')
  else if (!isKnownType(catalogue, made.column.type) && sure === 'unsafe')
    report(
      'add-column-of-constrained-domain',
      `${own}: type ${made.column.type.name} is not known`,
      undefined,
      'assumed',
    )
  const primary = made.constraints.some(({ contype }) => contype === 'CONSTR_PRIMARY')
  const required = made.column.notNull && !filled && !made.sequence && made.column.generated === undefined
  if (required && table.rows !== 0)
    report('add-column-not-null-no-default', own, 'Add it nullable, fill it, then require it.')
  if (filled && made.column.notNull)
    at.progress.defaultsAdded.add(`${table.schema}.${table.name}.${made.column.name}`)
  if (made.column.type.name === 'json' && !made.column.type.array) report('add-column-json', own, 'jsonb')
  for (const one of made.constraints) {
    if (one.contype === 'CONSTR_CHECK' && one.is_enforced !== false)
      report(
        'add-column-inline-check',
        own,
        `ALTER TABLE ${path(table)} ADD CONSTRAINT … CHECK (…) NOT VALID;\n-- in another transaction:\nALTER TABLE ${path(table)} VALIDATE CONSTRAINT …;`,
      )
    if (one.contype === 'CONSTR_UNIQUE' || (one.contype === 'CONSTR_PRIMARY' && primary))
      report(
        'add-column-inline-unique-or-pk',
        own,
        `CREATE UNIQUE INDEX CONCURRENTLY … ON ${path(table)} (${quoted(made.column.name)});\nALTER TABLE ${path(table)} ADD CONSTRAINT … UNIQUE USING INDEX …;`,
      )
    if (one.contype === 'CONSTR_FOREIGN')
      report(
        'add-column-inline-references',
        `${own} locks ${one.pktable?.relname}`,
        `ALTER TABLE ${path(table)} ADD CONSTRAINT … FOREIGN KEY (${quoted(made.column.name)}) REFERENCES ${one.pktable?.relname} NOT VALID;\n-- in another transaction:\nALTER TABLE ${path(table)} VALIDATE CONSTRAINT …;`,
      )
  }
}

/** ALTER TYPE of a composite: what it does to the tables made OF the type. */
export function attributeRules(at: At, alter: Of<'AlterTableStmt'>): void {
  const changes = commandsOf(alter).filter(({ subtype }) => subtype === 'AT_AlterColumnType')
  if (changes.length === 0) return
  const instead = 'A new type, and a new table of it, filled in batches.'
  const { rewrites } = at.prediction
  if (rewrites.length > 0) at.report('change-type-rewrite', rewrites.join(', '), instead)
  else if (!at.catalogue.complete)
    at.report('change-type-rewrite', `tables of the type ${alter.relation?.relname}`, instead, 'assumed')
}

/** A table of this file is nobody else's yet, but rows that the file put into it count. */
export function filledRules(at: At, table: Relation, alter: Of<'AlterTableStmt'>): void {
  if (table.rows === 0 || !at.catalogue.relations.has(table)) return
  for (const cmd of commandsOf(alter)) {
    const definition = cmd.subtype === 'AT_AddColumn' ? as(cmd.def, 'ColumnDef') : undefined
    if (definition === undefined) continue
    const { column: made, sequence } = readColumn(definition)
    const filled = made.default !== undefined && !isNull(made.default)
    if (made.notNull && !filled && !sequence && made.generated === undefined)
      at.report(
        'add-column-not-null-no-default',
        `${path(table)}.${quoted(made.name)}: the file has put rows into it`,
        'Add it nullable, fill it, then require it.',
      )
  }
}

function typeChanged(at: At, table: Relation, cmd: Cmd): void {
  const definition = as(cmd.def, 'ColumnDef')
  if (definition === undefined) return
  const { report } = at
  const own = column(table, cmd.name)
  const name = `${path(table)}.${quoted(cmd.name ?? '')}`
  const instead =
    'A new column of the new type, kept by a trigger, filled in batches; switch to it, then drop the old one.'
  if (own === undefined) {
    if (table.unknown)
      report('change-type-rewrite', `${name}: its present type is not known`, instead, 'assumed')
    return
  }
  if (at.prediction.error === '0A000')
    report(
      'change-type-used-by-view',
      name,
      'Drop the view, change the type and create the view again in one transaction.',
    )
  const change = typeChange(at.catalogue, own, definition)
  const to = typeRef(definition.typeName)
  if (change.rewrite && own.type.array && to.array) report('array-length-change', name, instead)
  if (change.rewrite)
    report('change-type-rewrite', name, instead, change.assumed === undefined ? 'unsafe' : 'assumed')
  const rebuilt = table.indexes.some(
    (index) => index.uses.includes(own.name) && (index.computed || change.reindex),
  )
  if (!change.rewrite && rebuilt)
    report(
      'change-type-index-rebuild',
      name,
      'Drop the indexes on it concurrently before, create them concurrently after.',
    )
  if (
    table.constraints.some(
      ({ kind, validated, columns }) => kind === 'check' && validated && columns.includes(own.name),
    ) &&
    !change.rewrite
  )
    report(
      'change-type-with-check',
      name,
      'Drop the CHECK, change the type, add the CHECK again NOT VALID and validate it.',
    )
  if (table.constraints.some(({ kind, columns }) => kind === 'foreign' && columns.includes(own.name)))
    report('change-type-of-fk-column', name, instead)
  if (change.narrowing)
    report(
      'change-type-narrowing',
      `${name} to ${to.name}${literalMods(to.typmods)}`,
      'Look for rows that do not fit first.',
    )
  if (change.same) return
  if (resolve(at.catalogue, own.type).base.name !== resolve(at.catalogue, to).base.name)
    report('change-type', `${name} becomes ${to.name}`)
}

function literalMods(typmods: readonly number[]): string {
  return typmods.length === 0 ? '' : `(${typmods.join(', ')})`
}

/** Names longer than the server keeps, and columns that are assigned twice. */
export function textRules(at: At): void {
  const { node, report, statement } = at
  for (const [, name = ''] of statement.sql.matchAll(/"((?:[^"]|"")+)"|\b([A-Za-z_]\w{63,})\b/g))
    if (Buffer.byteLength(name) > 63) report('identifier-too-long', `${name.slice(0, 20)}…`)
  for (const [word] of statement.sql.matchAll(/\b[A-Za-z_]\w{63,}\b/g))
    report('identifier-too-long', `${word.slice(0, 20)}…`)
  const update = as(node, 'UpdateStmt')
  const insert = as(node, 'InsertStmt')
  const merged = (as(node, 'MergeStmt')?.mergeWhenClauses ?? []).map(
    (one) => as(one, 'MergeWhenClause')?.targetList,
  )
  for (const list of [update?.targetList ?? insert?.cols, ...merged]) {
    const targets = (list ?? []).map((one) => as(one, 'ResTarget')?.name)
    if (new Set(targets).size < targets.length) report('duplicate-column', 'one column has two values')
  }
  const elements = as(node, 'CreateStmt')?.tableElts ?? as(node, 'CreateForeignTableStmt')?.base?.tableElts
  const made = elements?.flatMap((one) => as(one, 'ColumnDef')?.colname ?? []) ?? []
  if (new Set(made).size < made.length) report('duplicate-column', 'one column is defined twice')
}

export function relationAt(at: At, range: Of<'RangeVar'> | undefined): Relation | undefined {
  return relationOrStandIn(at.catalogue, nameOf(range))
}

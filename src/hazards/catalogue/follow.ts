/** Follows the statements of a file on a catalogue: after each, the catalogue is as the server's would be. */
import { as, kindOf, literal, type Node, nameParts, type Of, text } from '../ast.ts'
import { followAlterTable } from './follow-alter.ts'
import { followDrop } from './follow-drop.ts'
import { followRename, followSetSchema } from './follow-rename.ts'
import { followRows } from './follow-rows.ts'
import { createIndex, createTable, createTableAs, createView } from './follow-table.ts'
import { currentSchema, findRelation, nameFromNode, nameOf, relationOrStandIn } from './lookup.ts'
import { type Catalogue, type NamedType, newRelation } from './model.ts'
import { typeRef } from './type-ref.ts'

export function follow(catalogue: Catalogue, node: Node): void {
  const step = steps[kindOf(node)] as ((catalogue: Catalogue, node: unknown) => void) | undefined
  step?.(catalogue, Object.values(node)[0])
}

type Steps = { readonly [K in ReturnType<typeof kindOf>]?: (catalogue: Catalogue, node: Of<K>) => void }

const steps: Steps = {
  CreateSchemaStmt(catalogue, { schemaElts, schemaname }) {
    const before = catalogue.searchPath
    catalogue.searchPath = [schemaname ?? 'public', ...before]
    for (const element of schemaElts ?? []) follow(catalogue, element)
    catalogue.searchPath = before
  },
  CreateStmt: createTable,
  CreateTableAsStmt: createTableAs,
  ViewStmt: createView,
  IndexStmt: createIndex,
  AlterTableStmt: followAlterTable,
  DropStmt: followDrop,
  RenameStmt: followRename,
  AlterObjectSchemaStmt: followSetSchema,
  CreateEnumStmt(catalogue, { typeName, vals }) {
    const labels = (vals ?? []).flatMap((value) => text(value) ?? [])
    addType(catalogue, typeName, { kind: 'enum', labels })
  },
  CompositeTypeStmt(catalogue, { typevar }) {
    const { schema, name } = nameOf(typevar)
    addType(
      catalogue,
      [schema, name].flatMap((part) => (part === undefined ? [] : { String: { sval: part } })),
      {
        kind: 'composite',
      },
    )
  },
  CreateRangeStmt(catalogue, { typeName }) {
    addType(catalogue, typeName, { kind: 'range' })
  },
  CreateDomainStmt(catalogue, { domainname, typeName, constraints, collClause }) {
    const all = (constraints ?? []).flatMap((one) => as(one, 'Constraint') ?? [])
    const checks = all.filter(({ contype }) => contype === 'CONSTR_CHECK')
    addType(catalogue, domainname, {
      kind: 'domain',
      base: typeRef(typeName),
      collation: nameParts(collClause?.collname).at(-1),
      notNull: all.some(({ contype }) => contype === 'CONSTR_NOTNULL'),
      checks: checks.map(({ conname }, at) => ({ name: conname ?? `check_${at}`, validated: true })),
    })
  },
  AlterDomainStmt(catalogue, node) {
    const name = nameFromNode(node.typeName)
    const domain = [...catalogue.types].find((type) => type.name === name.name)
    if (domain === undefined) return
    const constraint = as(node.def, 'Constraint')
    if (node.subtype === 'O') domain.notNull = true
    if (node.subtype === 'N') domain.notNull = false
    if (node.subtype === 'C' && constraint?.contype === 'CONSTR_CHECK')
      domain.checks.push({
        name: constraint.conname ?? 'check',
        validated: constraint.skip_validation !== true,
      })
    if (node.subtype === 'X') domain.checks = domain.checks.filter((check) => check.name !== node.name)
    if (node.subtype === 'V')
      for (const check of domain.checks) if (check.name === node.name) check.validated = true
  },
  AlterEnumStmt(catalogue, { typeName, newVal, oldVal }) {
    const type = [...catalogue.types].find(({ name }) => name === nameFromNode(typeName).name)
    if (type === undefined || newVal === undefined) return
    type.labels = [...type.labels.filter((label) => label !== oldVal), newVal]
  },
  CreateFunctionStmt(catalogue, { funcname, options }) {
    const { schema, name } = nameFromNode(funcname)
    const option = (options ?? [])
      .flatMap((one) => as(one, 'DefElem') ?? [])
      .find(({ defname }) => defname === 'volatility')
    const written = text(option?.arg)
    const volatility = written === 'stable' || written === 'immutable' ? written : 'volatile'
    for (const known of catalogue.functions) if (known.name === name) catalogue.functions.delete(known)
    catalogue.functions.add({ schema: schema ?? currentSchema(catalogue), name, volatility, fresh: true })
  },
  CreateTrigStmt(catalogue, { relation, trigname, funcname, columns }) {
    const table = relationOrStandIn(catalogue, nameOf(relation))
    if (table === undefined || trigname === undefined) return
    table.triggers = table.triggers.filter(({ name }) => name !== trigname)
    table.triggers.push({
      name: trigname,
      function: nameFromNode(funcname).name,
      columns: (columns ?? []).flatMap((one) => text(one) ?? []),
    })
  },
  CreateStatsStmt(catalogue, { defnames, exprs, relations }) {
    const table = findRelation(catalogue, nameOf(as(relations?.[0], 'RangeVar')))
    const columns = (exprs ?? []).flatMap((one) => as(one, 'StatsElem')?.name ?? [])
    table?.statistics.push({ name: nameFromNode(defnames).name || `${table.name}_stat`, columns })
  },
  CreatePolicyStmt(catalogue, { table, policy_name }) {
    findRelation(catalogue, nameOf(table))?.policies.push(policy_name ?? '')
  },
  RuleStmt(catalogue, { relation, rulename }) {
    findRelation(catalogue, nameOf(relation))?.rules.push(rulename ?? '')
  },
  CreatePublicationStmt(catalogue, { pubname, pubobjects }) {
    catalogue.publications.set(pubname ?? '', new Set(published(catalogue, pubobjects)))
  },
  AlterPublicationStmt(catalogue, { pubname, pubobjects, action }) {
    const tables = published(catalogue, pubobjects)
    const known = catalogue.publications.get(pubname ?? '') ?? new Set()
    if (action === 'AP_SetObjects') catalogue.publications.set(pubname ?? '', new Set(tables))
    if (action === 'AP_AddObjects') for (const table of tables) known.add(table)
    if (action === 'AP_DropObjects') for (const table of tables) known.delete(table)
  },
  CreateExtensionStmt(catalogue, { extname }) {
    catalogue.extensions.add(extname ?? '')
  },
  CreateSeqStmt(catalogue, { sequence, options }) {
    const { schema = currentSchema(catalogue), name } = nameOf(sequence)
    const made = newRelation({ schema, name, kind: 'sequence' })
    catalogue.relations.add(made)
    setOwner(catalogue, made.name, options)
  },
  AlterSeqStmt(catalogue, { sequence, options }) {
    setOwner(catalogue, nameOf(sequence).name, options)
  },
  VariableSetStmt(catalogue, { name, args }) {
    const values = (args ?? []).flatMap((arg) => literal(arg) ?? [])
    if (name === 'search_path' && values.length > 0) catalogue.searchPath = values
    if (name?.toLowerCase() === 'timezone') catalogue.timeZone = values[0]
  },
  SelectStmt(catalogue, node) {
    const target = node.intoClause
    if (target === undefined) return
    const source: Of<'SelectStmt'> = { ...node }
    delete source.intoClause
    createTableAs(catalogue, { query: { SelectStmt: source }, into: target, objtype: 'OBJECT_TABLE' })
  },
  InsertStmt: (catalogue, node) => followRows(catalogue, { InsertStmt: node }),
  DeleteStmt: (catalogue, node) => followRows(catalogue, { DeleteStmt: node }),
  TruncateStmt: (catalogue, node) => followRows(catalogue, { TruncateStmt: node }),
  RefreshMatViewStmt: (catalogue, node) => followRows(catalogue, { RefreshMatViewStmt: node }),
}

function addType(
  catalogue: Catalogue,
  name: readonly Node[] | undefined,
  type: Pick<NamedType, 'kind'> & Partial<NamedType>,
): void {
  const named = nameFromNode(name)
  catalogue.types.add({
    notNull: false,
    checks: [],
    labels: [],
    fresh: true,
    ...type,
    schema: named.schema ?? currentSchema(catalogue),
    name: named.name,
  })
}

function published(catalogue: Catalogue, objects: readonly Node[] | undefined) {
  return (objects ?? []).flatMap((object) => {
    const range = as(object, 'PublicationObjSpec')?.pubtable?.relation
    return range === undefined ? [] : (findRelation(catalogue, nameOf(range)) ?? [])
  })
}

function setOwner(catalogue: Catalogue, name: string, options: readonly Node[] | undefined): void {
  const sequence = findRelation(catalogue, { name })
  const option = (options ?? [])
    .flatMap((one) => as(one, 'DefElem') ?? [])
    .find(({ defname }) => defname === 'owned_by')
  if (sequence === undefined || option === undefined) return
  const parts = nameParts(option.arg)
  const table = findRelation(
    catalogue,
    nameFromNode(parts.slice(0, -1).map((part) => ({ String: { sval: part } }))),
  )
  sequence.ownedBy = table === undefined ? undefined : { table, column: parts.at(-1) ?? '' }
}

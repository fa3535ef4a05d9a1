/** Columns and constraints as CREATE TABLE and ALTER TABLE spell them. */
import { as, columnsIn, literal, type Node, nameParts, type Of, text } from '../ast.ts'
import { column, currentSchema, nameOf, relationOrStandIn } from './lookup.ts'
import {
  type Bound,
  type Catalogue,
  type Column,
  type Constraint,
  type Edge,
  type Index,
  newRelation,
  type Relation,
} from './model.ts'
import { isSerial, typeRef } from './type-ref.ts'

export interface NewColumn {
  readonly column: Column
  /** Inline constraints other than NULL, NOT NULL, DEFAULT, IDENTITY and GENERATED. */
  readonly constraints: readonly Of<'Constraint'>[]
  /** Makes a sequence of its own. */
  readonly sequence: boolean
}

export function readColumn(definition: Of<'ColumnDef'>): NewColumn {
  const all = (definition.constraints ?? []).flatMap((node) => as(node, 'Constraint') ?? [])
  const find = (kind: string) => all.find(({ contype }) => contype === kind)
  const identity = find('CONSTR_IDENTITY')
  const generated = find('CONSTR_GENERATED')
  const serial = isSerial(definition.typeName)
  return {
    column: {
      name: definition.colname ?? '',
      type: typeRef(definition.typeName),
      collation: nameParts(definition.collClause?.collname).at(-1),
      notNull:
        definition.is_not_null === true ||
        serial ||
        ['CONSTR_NOTNULL', 'CONSTR_IDENTITY', 'CONSTR_PRIMARY'].some((kind) => find(kind) !== undefined),
      default: definition.raw_default ?? find('CONSTR_DEFAULT')?.raw_expr ?? (serial ? nextval : undefined),
      identity: identity === undefined ? undefined : identity.generated_when === 'a' ? 'always' : 'default',
      generated:
        generated === undefined
          ? undefined
          : { stored: generated.generated_kind !== 'v', uses: [...columnsIn(generated.raw_expr)] },
    },
    constraints: withAttributes(all).filter(({ contype }) =>
      ['CONSTR_CHECK', 'CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_FOREIGN'].includes(contype ?? ''),
    ),
    sequence: serial || identity !== undefined,
  }
}

const nextval: Node = { FuncCall: { funcname: [{ String: { sval: 'nextval' } }], args: [] } }

/** `REFERENCES … NOT ENFORCED` comes as two constraints in a row: the second says something of the first. */
function withAttributes(all: readonly Of<'Constraint'>[]): Of<'Constraint'>[] {
  const merged: Of<'Constraint'>[] = []
  for (const one of all) {
    const last = merged.at(-1)
    const kind = one.contype as string
    if (!kind.startsWith('CONSTR_ATTR_')) merged.push({ ...one })
    else if (last !== undefined && kind === 'CONSTR_ATTR_NOT_ENFORCED') last.is_enforced = false
    else if (last !== undefined && kind === 'CONSTR_ATTR_DEFERRABLE') last.deferrable = true
  }
  return merged
}

/** Adds a constraint to the table, with the index that comes with it. `own` = the column it stands at. */
export function addConstraint(
  catalogue: Catalogue,
  table: Relation,
  node: Of<'Constraint'>,
  own?: string,
): void {
  const listed = (nodes: Node[] | undefined) => (nodes ?? []).flatMap((key) => text(key) ?? [])
  const keys = listed(node.keys)
  const unforced = node.contype !== 'CONSTR_UNIQUE' && node.is_enforced === false
  const base = {
    validated: node.skip_validation !== true && !unforced,
    enforced: !unforced,
    noInherit: node.is_no_inherit === true,
  }
  const add = (one: Omit<Constraint, 'validated' | 'enforced' | 'noInherit'>) =>
    table.constraints.push({ ...base, ...one })
  switch (node.contype) {
    case 'CONSTR_CHECK': {
      const columns = [...columnsIn(node.raw_expr)]
      const name =
        node.conname ?? free(table, [table.name, ...columns.slice(0, columns.length === 1 ? 1 : 0)], 'check')
      add({ name, kind: 'check', columns, expression: node.raw_expr })
      return
    }
    case 'CONSTR_NOTNULL': {
      const name = node.conname ?? free(table, [table.name, ...keys], 'not_null')
      add({ name, kind: 'notnull', columns: keys })
      const set = column(table, keys[0])
      if (set !== undefined && base.validated) set.notNull = true
      return
    }
    case 'CONSTR_FOREIGN': {
      const columns = own === undefined ? listed(node.fk_attrs) : [own]
      const target = relationOrStandIn(catalogue, nameOf(node.pktable))
      const name = node.conname ?? free(table, [table.name, ...columns], 'fkey')
      const primary = target?.indexes.find((index) => index.primary)?.columns.flatMap((key) => key ?? [])
      const to = listed(node.pk_attrs)
      add({
        name,
        kind: 'foreign',
        columns,
        onDelete: node.fk_del_action,
        references:
          target === undefined ? undefined : { table: target, columns: to.length > 0 ? to : (primary ?? []) },
      })
      return
    }
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY':
    case 'CONSTR_EXCLUSION':
      addIndexConstraint(table, node, own === undefined ? keys : [own], base)
  }
}

function addIndexConstraint(
  table: Relation,
  node: Of<'Constraint'>,
  keys: readonly string[],
  base: Pick<Constraint, 'validated' | 'enforced' | 'noInherit'>,
): void {
  const primary = node.contype === 'CONSTR_PRIMARY'
  const exclusion = node.contype === 'CONSTR_EXCLUSION'
  const ready = table.indexes.find(({ name }) => name === node.indexname)
  const elements = (node.exclusions ?? []).flatMap(
    (pair) => as(as(pair, 'List')?.items?.[0], 'IndexElem') ?? [],
  )
  const columns = ready?.columns ?? (exclusion ? elements.map(({ name }) => name) : keys)
  const suffix = primary ? 'pkey' : exclusion ? 'excl' : 'key'
  const stem = primary ? [table.name] : [table.name, ...columns.flatMap((key) => key ?? [])]
  const name = node.conname ?? node.indexname ?? free(table, stem, suffix)
  table.constraints.push({
    ...base,
    name,
    kind: primary ? 'primary' : exclusion ? 'exclude' : 'unique',
    columns: columns.flatMap((key) => key ?? []),
  })
  if (primary)
    for (const key of columns) {
      const set = column(table, key)
      if (set !== undefined) set.notNull = true
    }
  if (ready !== undefined) {
    ready.name = name
    ready.constraint = name
    ready.primary = primary
    return
  }
  table.indexes.push({
    name,
    columns,
    uses: [
      ...columns.flatMap((key) => key ?? []),
      ...columnsIn([node.exclusions, node.where_clause, node.including]),
    ],
    computed: columns.includes(undefined) || node.where_clause !== undefined,
    partial: node.where_clause !== undefined,
    unique: !exclusion,
    primary,
    exclusion,
    deferrable: node.deferrable === true,
    method: node.access_method === undefined || node.access_method === '' ? 'btree' : node.access_method,
    constraint: name,
    valid: true,
  })
}

/** The name that the server would choose: stem_suffix, with a number where that is taken. */
export function free(table: Relation, stem: readonly string[], suffix: string): string {
  const taken = new Set([...table.indexes, ...table.constraints].map(({ name }) => name))
  const name = `${stem.join('_')}_${suffix}`
  for (let number = 0; ; number += 1) {
    const tried = number === 0 ? name : `${name}${number}`
    if (!taken.has(tried)) return tried
  }
}

export function readIndex(table: Relation, node: Of<'IndexStmt'>): Index {
  const elements = (node.indexParams ?? []).flatMap((param) => as(param, 'IndexElem') ?? [])
  const including = (node.indexIncludingParams ?? []).flatMap((param) => as(param, 'IndexElem')?.name ?? [])
  const columns = elements.map(({ name }) => name)
  const stem = [table.name, ...elements.map(({ name }) => name ?? 'expr')]
  return {
    name: node.idxname ?? free(table, stem, 'idx'),
    columns,
    uses: [
      ...new Set([
        ...columns.flatMap((key) => key ?? []),
        ...including,
        ...columnsIn([elements.map(({ expr }) => expr), node.whereClause]),
      ]),
    ],
    computed: node.whereClause !== undefined || columns.includes(undefined),
    partial: node.whereClause !== undefined,
    unique: node.unique === true,
    primary: false,
    exclusion: false,
    deferrable: false,
    method: node.accessMethod ?? 'btree',
    valid: true,
  }
}

export function readBound(bound: Of<'PartitionBoundSpec'>): Bound {
  if (bound.is_default === true) return { kind: 'default' }
  if (bound.strategy === 'h')
    return { kind: 'hash', modulus: bound.modulus ?? 1, remainder: bound.remainder ?? 0 }
  if (bound.strategy === 'l')
    return {
      kind: 'list',
      values: (bound.listdatums ?? []).map((value) => (isNullDatum(value) ? 'null' : literal(value))),
    }
  return { kind: 'range', from: edges(bound.lowerdatums), to: edges(bound.upperdatums) }
}

function isNullDatum(node: Node): boolean {
  return as(node, 'A_Const')?.isnull === true
}

function edges(nodes: readonly Node[] | undefined): Edge[] {
  return (nodes ?? []).map((node) => {
    // MINVALUE and MAXVALUE come as column references.
    const word = text(as(node, 'ColumnRef')?.fields?.[0])
    if (word === 'minvalue') return 'min'
    if (word === 'maxvalue') return 'max'
    const value = literal(node)
    return value === undefined ? undefined : { value }
  })
}

export function addSequence(catalogue: Catalogue, table: Relation, name: string): void {
  catalogue.relations.add(
    newRelation({
      schema: table.schema || currentSchema(catalogue),
      name: `${table.name}_${name}_seq`,
      kind: 'sequence',
      ownedBy: { table, column: name },
      fresh: true,
    }),
  )
}

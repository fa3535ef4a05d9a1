import type { Node } from '../ast.ts'

/** A type as a column has it. `name` is the server's own: int4, varchar, timestamptz. */
export interface TypeRef {
  readonly schema?: string
  readonly name: string
  /** Length, precision and scale; empty when none was given. */
  readonly typmods: readonly number[]
  readonly array: boolean
}

export interface Column {
  name: string
  type: TypeRef
  collation?: string | undefined
  notNull: boolean
  default?: Node | undefined
  identity?: 'always' | 'default' | undefined
  generated?: { readonly stored: boolean; readonly uses: readonly string[] } | undefined
}

export interface Index {
  name: string
  /** Key columns in order; undefined stands for an expression. */
  readonly columns: readonly (string | undefined)[]
  /** Every column it depends on: keys, INCLUDE, expressions, predicate. */
  readonly uses: readonly string[]
  /** An expression or a predicate: such an index never survives a type change of a column it uses. */
  readonly computed: boolean
  readonly partial: boolean
  readonly unique: boolean
  primary: boolean
  readonly exclusion: boolean
  readonly deferrable: boolean
  readonly method: string
  /** Name of the constraint that owns it. */
  constraint?: string | undefined
  valid: boolean
  /** Key of the partitioned index above it. */
  parent?: string | undefined
}

export interface Constraint {
  name: string
  readonly kind: 'check' | 'foreign' | 'unique' | 'primary' | 'exclude' | 'notnull'
  columns: readonly string[]
  readonly expression?: Node | undefined
  readonly references?: { readonly table: Relation; columns: readonly string[] } | undefined
  readonly onDelete?: string | undefined
  validated: boolean
  readonly enforced: boolean
  readonly noInherit: boolean
}

export interface Trigger {
  name: string
  readonly function: string
  readonly columns: readonly string[]
}

export type Bound =
  | { readonly kind: 'default' }
  | { readonly kind: 'list'; readonly values: readonly (string | undefined)[] }
  | { readonly kind: 'range'; readonly from: readonly Edge[]; readonly to: readonly Edge[] }
  | { readonly kind: 'hash'; readonly modulus: number; readonly remainder: number }

/** A value, or an open end. Undefined: a value that is not a literal. */
export type Edge = { readonly value: string } | 'min' | 'max' | undefined

export type RelationKind = 'table' | 'partitioned' | 'view' | 'matview' | 'sequence' | 'foreign'

export interface Relation {
  schema: string
  name: string
  kind: RelationKind
  persistence: 'permanent' | 'unlogged' | 'temporary'
  columns: Column[]
  indexes: Index[]
  constraints: Constraint[]
  triggers: Trigger[]
  rules: string[]
  policies: string[]
  rowSecurity: boolean
  /** Extended statistics by name. */
  statistics: { name: string; readonly columns: readonly string[] }[]
  /** Tables it inherits from, a partition's parent included. */
  parents: Relation[]
  bound?: Bound | undefined
  partitionKey?: { readonly strategy: string; readonly columns: readonly (string | undefined)[] } | undefined
  /** What a view reads. */
  reads: Relation[]
  readsColumns: Map<Relation, Set<string>>
  /** Owner of a sequence. */
  ownedBy?: { readonly table: Relation; readonly column: string } | undefined
  clusteredOn?: string | undefined
  ofType?: string | undefined
  replicaIdentity: 'default' | 'full' | 'nothing' | 'index'
  populated: boolean
  /** Estimated; undefined = not known, taken as many. */
  rows?: number | undefined
  /** Created by the statements that are being read: nobody else sees it yet. */
  fresh: boolean
  /** Named by a statement, but in no catalogue: nothing else is known. */
  unknown: boolean
}

export interface NamedType {
  readonly schema: string
  readonly name: string
  readonly kind: 'enum' | 'domain' | 'composite' | 'range'
  /** Of a domain. */
  readonly base?: TypeRef | undefined
  readonly collation?: string | undefined
  notNull: boolean
  checks: { name: string; validated: boolean }[]
  labels: string[]
  readonly fresh: boolean
}

export interface KnownFunction {
  readonly schema: string
  readonly name: string
  readonly volatility: 'volatile' | 'stable' | 'immutable'
  readonly fresh: boolean
}

/** What is known of a database while the statements of a file are followed, one after the other. */
export interface Catalogue {
  relations: Set<Relation>
  types: Set<NamedType>
  functions: Set<KnownFunction>
  publications: Map<string, Set<Relation>>
  extensions: Set<string>
  searchPath: readonly string[]
  /** Time zone of the session; undefined = not known. */
  timeZone: string | undefined
  /** Every relation of the database is in it; without, a name that is not found may still exist. */
  complete: boolean
}

export function emptyCatalogue(complete: boolean): Catalogue {
  return {
    relations: new Set(),
    types: new Set(),
    functions: new Set(),
    publications: new Map(),
    extensions: new Set(),
    searchPath: ['public'],
    timeZone: undefined,
    complete,
  }
}

export function copyCatalogue(catalogue: Catalogue): Catalogue {
  return structuredClone(catalogue)
}

export function newRelation(part: Pick<Relation, 'schema' | 'name' | 'kind'> & Partial<Relation>): Relation {
  return {
    persistence: 'permanent',
    columns: [],
    indexes: [],
    constraints: [],
    triggers: [],
    rules: [],
    policies: [],
    rowSecurity: false,
    statistics: [],
    parents: [],
    reads: [],
    readsColumns: new Map(),
    replicaIdentity: 'default',
    populated: true,
    fresh: true,
    unknown: false,
    ...part,
  }
}

export function keyOf(relation: Pick<Relation, 'schema' | 'name'>): string {
  return `${relation.schema}.${relation.name}`
}

import type { Node } from '../ast.ts'
import type { Catalogue, Relation } from '../catalogue/model.ts'
import type { Grammar } from '../grammar.ts'
import type { Major, ParsedStatement, Prediction } from '../types.ts'
import type { RuleId } from './catalog.ts'
import type { Timeouts } from './settings.ts'

export interface Finding {
  readonly rule: RuleId
  /** `unsafe`: it will be so. `assumed`: something is not known, and the worse was taken. */
  readonly certainty: 'unsafe' | 'assumed'
  readonly what: string
  /** SQL to paste instead, or what to do when SQL alone does not do it. */
  readonly instead?: string
  readonly prediction?: Prediction
  readonly line: number
  readonly column: number
}

export interface LintOptions {
  readonly version: Major
  readonly catalogue: Catalogue
  /** The runner opens a transaction around the file. */
  readonly inTransaction: boolean
  /** Who bounds lock waits: the runner by itself, or the file has to. */
  readonly timeouts: 'runner' | 'file'
  /** The runner keeps account of each statement: none is run twice, and half a file is no accident. */
  readonly journal?: boolean
  /** Reads what newer servers know, to tell newer syntax from a mistake. */
  readonly newest?: Grammar
}

/** What the statements before this one in the file did. */
export interface Progress {
  /** Depth of BEGIN in the file itself. */
  open: boolean
  /** The file ended the transaction that the runner had opened. */
  left: boolean
  /** Keys of relations under an exclusive lock in this transaction. */
  readonly exclusive: Set<string>
  /** Constraints that were added NOT VALID in this transaction: `table.name`. */
  readonly notValid: Set<string>
  readonly defaultsAdded: Set<string>
  /** Tables of which a constraint that is not known was validated. */
  readonly validated: Set<string>
  /** Constraints of this file that are still NOT VALID. */
  readonly debts: Set<string>
  readonly altered: Map<string, number>
  readonly enumValues: Set<string>
  readonly timeouts: Timeouts
  /** Names without a schema that were told. */
  readonly named: Set<string>
  transactional: number
  nonTransactional: number
  dataChanges: number
}

export interface At {
  readonly node: Node
  readonly statement: ParsedStatement
  readonly catalogue: Catalogue
  readonly version: Major
  readonly prediction: Prediction
  readonly options: LintOptions
  readonly progress: Progress
  readonly inTransaction: boolean
  report(rule: RuleId, what: string, instead?: string, certainty?: Finding['certainty']): void
}

/** Something that others use: not created by this file. */
export function isOld(relation: Relation | undefined): relation is Relation {
  return relation !== undefined && !relation.fresh && relation.persistence !== 'temporary'
}

export function certainty(relation: Relation | undefined): Finding['certainty'] {
  return relation?.unknown === true ? 'assumed' : 'unsafe'
}

/** A name as SQL has to spell it. */
export function quoted(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

export function path(relation: Pick<Relation, 'schema' | 'name'>): string {
  return `${quoted(relation.schema)}.${quoted(relation.name)}`
}

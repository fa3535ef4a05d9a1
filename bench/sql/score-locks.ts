/** Predictions against measurements: strongest lock on each table, rewrites, index rebuilds, tables read. */
import {
  type Catalogue,
  catalogueFromSql,
  copyCatalogue,
  follow,
  type Grammar,
  loadGrammar,
  type Major,
  type Prediction,
  parseFile,
  predict,
  settle,
} from '../../src/hazards/index.ts'
import { setupOf } from './prose-setup.ts'

export interface LocksCase {
  readonly id: string
  readonly sql: string
  readonly setup_sql?: string | null
  readonly pg: Readonly<Record<string, LocksOutcome>>
}

type LocksOutcome =
  | {
      readonly table_locks: Readonly<Record<string, string>>
      readonly rewrites: readonly string[]
      readonly index_rebuilds: readonly string[]
      readonly rows_scanned: Readonly<Record<string, number>>
    }
  | { readonly summary: string }

export const parts = ['locks', 'rewrites', 'index_rebuilds', 'scans', 'refusal'] as const
export type Part = (typeof parts)[number]

export interface Scored {
  readonly id: string
  readonly major: Major
  readonly part: Part
  readonly expected: string
  readonly predicted: string
  readonly right: boolean
}

export async function scoreLocks(base: string, cases: readonly LocksCase[]): Promise<Scored[]> {
  const scored: Scored[] = []
  const bases = new Map<Major, Catalogue>()
  for (const one of cases) {
    for (const [version, outcome] of Object.entries(one.pg)) {
      const major = Number(version) as Major
      const grammar = await loadGrammar(major)
      const catalogue = bases.get(major) ?? baseCatalogue(grammar, base)
      bases.set(major, catalogue)
      scored.push(...scoreOne(grammar, catalogue, one, major, outcome))
    }
  }
  return scored
}

function baseCatalogue(grammar: Grammar, base: string): Catalogue {
  const made = catalogueFromSql(grammar, base)
  if (!made.ok) throw new Error(`the base schema does not parse: ${made.fault.message}`)
  // The measurements say so in their own words; a case may set another zone.
  return { ...made.catalogue, timeZone: 'UTC' }
}

function scoreOne(
  grammar: Grammar,
  base: Catalogue,
  one: LocksCase,
  major: Major,
  outcome: LocksOutcome,
): Scored[] {
  if ('summary' in outcome && outcome.summary.startsWith('SETUP')) return []
  const catalogue = copyCatalogue(base)
  const setup = parseFile(grammar, setupOf(one))
  if (!setup.ok) throw new Error(`${one.id}: the setup does not parse: ${setup.fault.message}`)
  for (const { node } of setup.statements) follow(catalogue, node)
  settle(catalogue)
  const predicted = prediction(grammar, catalogue, one.sql, major)
  const compare = (part: Part, expected: string, got: string): Scored => ({
    id: one.id,
    major,
    part,
    expected,
    predicted: got,
    right: expected === got,
  })
  if ('summary' in outcome) return summaryScored(outcome.summary, predicted, compare)
  if (predicted.error !== undefined) return [compare('refusal', 'accepted', predicted.error)]
  return [
    compare('locks', listed(outcome.table_locks), listed(bare(predicted.locks))),
    compare('rewrites', [...outcome.rewrites].sort().join(' '), names(predicted.rewrites)),
    compare('index_rebuilds', [...outcome.index_rebuilds].sort().join(' '), names(predicted.indexRebuilds)),
    compare('scans', Object.keys(outcome.rows_scanned).sort().join(' '), names(predicted.scans)),
  ]
}

function prediction(grammar: Grammar, catalogue: Catalogue, sql: string, major: Major): Prediction {
  const parsed = parseFile(grammar, sql)
  if (!parsed.ok)
    return { locks: {}, rewrites: [], indexRebuilds: [], scans: [], error: '42601', assumed: [] }
  const [statement] = parsed.statements
  return statement === undefined
    ? { locks: {}, rewrites: [], indexRebuilds: [], scans: [], assumed: [] }
    : predict(statement, catalogue, major)
}

/** `ERR 25001 …` or `t:ShareUpdateExclusive u:Share`. */
function summaryScored(
  summary: string,
  predicted: Prediction,
  compare: (part: Part, expected: string, got: string) => Scored,
): Scored[] {
  const refused = /^ERR (\w{5})/.exec(summary)?.[1]
  if (refused !== undefined) {
    // Which rows a statement would violate is not in a catalogue: such refusals are no prediction's subject.
    if (refused.startsWith('23')) return []
    return [compare('refusal', refused, predicted.error ?? 'accepted')]
  }
  const locks = Object.fromEntries(
    [...summary.matchAll(/(\w+):(\w+)/g)].map(([, table = '', mode = '']) => [table, mode]),
  )
  return [compare('locks', listed(locks), listed(bare(predicted.locks)))]
}

function bare(locks: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(locks).map(([key, mode]) => [key.slice(key.indexOf('.') + 1), mode]),
  )
}

function listed(locks: Readonly<Record<string, string>>): string {
  return Object.entries(locks)
    .map(([table, mode]) => `${table}:${mode}`)
    .sort()
    .join(' ')
}

function names(keys: readonly string[]): string {
  return keys
    .map((key) => key.slice(key.indexOf('.') + 1))
    .sort()
    .join(' ')
}

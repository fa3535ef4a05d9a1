/** Our rules against measurements: does a statement work on a table while it keeps writers, or all, away from it? */
import {
  catalogueFromSql,
  copyCatalogue,
  follow,
  type Grammar,
  lint,
  loadGrammar,
  type Major,
  parseFile,
  rules,
  settle,
} from '../../src/hazards/index.ts'
import { setupOf } from './prose-setup.ts'
import { print } from './report-verdicts.ts'
import type { LocksCase } from './score-locks.ts'

/** Exclusive is left out: only REFRESH CONCURRENTLY takes it, of a view that has no writers. */
const keepsWritersAway = new Set(['Share', 'ShareRowExclusive', 'AccessExclusive'])

interface Judged {
  readonly id: string
  readonly major: number
  readonly class: string
  readonly expected: boolean
  readonly found: boolean
  readonly findings: readonly string[]
}

export async function reportMeasured(
  file: { readonly base_schema: string; readonly cases: readonly LocksCase[] },
  misses: boolean,
): Promise<void> {
  const judged: Judged[] = []
  for (const one of file.cases)
    for (const [version, outcome] of Object.entries(one.pg)) {
      if ('summary' in outcome) continue
      const grammar = await loadGrammar(Number(version) as Major)
      const worked = worksUnderLock(outcome)
      if (isData(grammar, one.sql)) continue
      const findings = findingsOf(grammar, file.base_schema, one)
      const blocking = findings.filter((rule) => rules[rule].danger === 'blocks')
      judged.push({
        id: one.id,
        major: grammar.major,
        class: worked ?? 'nothing',
        expected: worked !== undefined,
        found: blocking.length > 0,
        findings,
      })
    }
  print('measured: all', judged)
  for (const [name, group] of Map.groupBy(judged, (one) => one.class)) print(`measured: ${name}`, group)
  if (!misses) return
  for (const { expected, found, ...rest } of judged)
    if (expected !== found)
      console.log(JSON.stringify({ [expected ? 'missed' : 'false alarm']: rest.id, ...rest }))
}

type Read = Extract<LocksCase['pg'][string], { readonly rewrites: unknown }>

function worksUnderLock({ table_locks, rewrites, index_rebuilds, rows_scanned }: Read): string | undefined {
  if (rewrites.length > 0) return 'rewrite'
  if (index_rebuilds.length > 0) return 'index rebuild'
  const read = Object.keys(rows_scanned).some((table) => keepsWritersAway.has(table_locks[table] ?? ''))
  return read ? 'scan under lock' : undefined
}

/** Changes of rows are judged by other rules: they keep nobody but each other away. */
function isData(grammar: Grammar, sql: string): boolean {
  const parsed = grammar.parse(sql)
  const kind = parsed.ok ? Object.keys(parsed.statements[0]?.stmt ?? {})[0] : undefined
  return [
    'InsertStmt',
    'UpdateStmt',
    'DeleteStmt',
    'MergeStmt',
    'SelectStmt',
    'CopyStmt',
    'LockStmt',
    'TruncateStmt',
    'DoStmt',
  ].includes(kind ?? '')
}

function findingsOf(grammar: Grammar, base: string, one: LocksCase) {
  const made = catalogueFromSql(grammar, base)
  if (!made.ok) throw new Error(made.fault.message)
  const catalogue = { ...copyCatalogue(made.catalogue), timeZone: 'UTC' }
  const setup = parseFile(grammar, setupOf(one))
  if (setup.ok) for (const { node } of setup.statements) follow(catalogue, node)
  settle(catalogue)
  const options = { version: grammar.major, catalogue, inTransaction: true, timeouts: 'runner' } as const
  return [...new Set(lint(grammar, one.sql, options).map(({ rule }) => rule))]
}

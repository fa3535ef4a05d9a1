/** Verdicts of a file against ours, rule by rule. */
import {
  emptyCatalogue,
  type Finding,
  follow,
  type Grammar,
  lint,
  loadGrammar,
  type Major,
  majors,
  parseFile,
  type RuleId,
  rules,
  settle,
} from '../../src/hazards/index.ts'
import { about, anyHazard, foreign, ofSeveralStatements, same } from './foreign-rules.ts'

export interface VerdictCase {
  readonly id: string
  readonly source?: string
  readonly rule: string
  readonly class?: string
  readonly sql: string
  readonly setup_sql?: string | null
  readonly expected_violation?: boolean | null
  readonly verdict?: string
  readonly assumed_pg_version?: string | number | null
  readonly pg_version?: string | number | null
  readonly assume_in_transaction?: boolean
}

export interface Verdict {
  readonly id: string
  readonly source: string
  readonly rule: string
  readonly class: string
  readonly expected: boolean
  readonly found: boolean
  /** Found without anything assumed. */
  readonly certain: boolean
  readonly findings: readonly string[]
  readonly ms: number
}

export type Outcome = Verdict | { readonly id: string; readonly skipped: string }

export async function scoreVerdict(one: VerdictCase): Promise<Outcome> {
  const expected =
    one.expected_violation ??
    (one.verdict === 'dangerous' ? true : one.verdict === 'safe' ? false : undefined)
  if (expected === undefined || expected === null)
    return { id: one.id, skipped: 'it depends on what the file does not say' }
  const wanted = same[one.rule]
  const reason =
    foreign[one.rule] ??
    (/timescale|citus|partman|vector|hnsw|hypertable|columnstore/i.test(one.rule)
      ? 'about an extension'
      : undefined)
  if (reason !== undefined || (wanted !== undefined && wanted.length === 0))
    return { id: one.id, skipped: reason ?? 'no hazard' }
  const version = Number.parseInt(String(one.assumed_pg_version ?? one.pg_version ?? '18'), 10)
  if (version < 12) return { id: one.id, skipped: 'about a server that is out of support' }
  const grammar = await loadGrammar(versionOf(version))
  const started = performance.now()
  const findings = judge(grammar, one, wanted)
  const ms = performance.now() - started
  const text = separate(one.sql).at(-1) ?? ''
  const lines = text.split('\n')
  const counts = !ofSeveralStatements.has(one.rule) || statementsIn(grammar, text) > 1
  const hits = findings.filter(
    ({ rule, line, column }) =>
      counts &&
      matches(rule, one.rule, wanted) &&
      about[one.rule]?.test([lines[line - 1]?.slice(column - 1), ...lines.slice(line)].join('\n')) !== false,
  )
  return {
    id: one.id,
    source: one.source ?? one.id.split('/')[0] ?? '',
    rule: one.rule,
    class: one.class ?? classOf(wanted),
    expected,
    found: hits.length > 0,
    certain: hits.some(({ certainty }) => certainty === 'unsafe'),
    findings: [
      ...new Set(findings.map(({ rule, certainty }) => (certainty === 'assumed' ? `${rule}?` : rule))),
    ],
    ms,
  }
}

function judge(
  grammar: Grammar,
  one: VerdictCase,
  wanted: readonly RuleId[] | undefined,
): readonly Finding[] {
  const catalogue = emptyCatalogue(false)
  catalogue.timeZone = 'UTC'
  const files = separate(one.sql)
  const setup = parseFile(grammar, [one.setup_sql ?? '', ...files.slice(0, -1)].join(';\n'))
  if (setup.ok) for (const { node } of setup.statements) follow(catalogue, node)
  settle(catalogue)
  const timeouts =
    wanted?.some((rule) => rule === 'no-lock-timeout' || rule === 'no-statement-timeout') === true
      ? 'file'
      : 'runner'
  // A file sent as one query is a transaction, unless it is a single statement (PostgreSQL documentation, 53.2.2.1).
  const several = statementsIn(grammar, files.at(-1) ?? '') > 1
  const transactional =
    one.assume_in_transaction === undefined
      ? transactionalRules.has(one.rule)
      : one.assume_in_transaction && several
  return lint(grammar, files.at(-1) ?? '', {
    version: grammar.major,
    catalogue,
    inTransaction: transactional,
    timeouts,
  })
}

function statementsIn(grammar: Grammar, sql: string): number {
  const parsed = parseFile(grammar, sql)
  return parsed.ok ? parsed.statements.length : 2
}

/** Some sources put several files into one text, each behind a comment with its name. */
function separate(sql: string): string[] {
  return sql.split(/^-- \S+\.sql\s*$/m).filter((part) => part.trim() !== '')
}

/** Sources without rules of their own also count what breaks the release that still runs. */
const alsoUnsafe: ReadonlySet<RuleId> = new Set([
  'drop-index',
  'rename-table',
  'rename-column',
  'add-column-not-null-no-default',
  'add-not-null-default-then-drop-default',
])

/** Rules about what happens inside one transaction, of sources that take a file for one. */
const transactionalRules = new Set([
  'E4 Running more statements after taking `AccessExclusiveLock`',
  'runningStatementWhileHoldingAccessExclusive',
  'statement-after-access-exclusive',
  'avoidWideLockWindow',
  'requireSeparateConstraintValidation',
  'ddl-plus-backfill-same-txn',
  'banConcurrentIndexCreationInTransaction',
  'statement_non_transactional',
  'transactionNesting',
])

function matches(rule: RuleId, theirs: string, wanted: readonly RuleId[] | undefined): boolean {
  // What the server refuses to parse stops the step whatever rule it was written for.
  if (rule === 'not-sql' || rule === 'newer-syntax') return true
  if (wanted !== undefined) return wanted.includes(rule)
  const { danger } = rules[rule]
  return anyHazard.has(theirs)
    ? danger === 'blocks' || alsoUnsafe.has(rule)
    : danger !== 'style' && danger !== 'stalls' && danger !== 'note'
}

function classOf(wanted: readonly RuleId[] | undefined): string {
  const [first] = wanted ?? []
  return first === undefined ? 'any' : rules[first].danger
}

function versionOf(major: number): Major {
  return majors.find((one) => one >= major) ?? 18
}

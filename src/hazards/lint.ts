import { as } from './ast.ts'
import { follow } from './catalogue/follow.ts'
import { commandsOf } from './catalogue/follow-alter.ts'
import { findIndex, nameOf, relationOrStandIn } from './catalogue/lookup.ts'
import type { Catalogue } from './catalogue/model.ts'
import { copyCatalogue } from './catalogue/model.ts'
import type { Grammar } from './grammar.ts'
import { notSql } from './not-sql.ts'
import { parseFile } from './parse.ts'
import { predict } from './predict/index.ts'
import { rules } from './rules/catalog.ts'
import { attributeRules, columnRules, filledRules, textRules } from './rules/columns.ts'
import { constraintRules, indexRules } from './rules/constraints.ts'
import { type At, type Finding, isOld, type LintOptions, type Progress } from './rules/context.ts'
import { keyless, unindexed } from './rules/leftover.ts'
import { nameRules } from './rules/names.ts'
import { objectRules, styleRules } from './rules/objects.ts'
import { rerunRules } from './rules/rerun.ts'
import { needsNoTransaction, newProgress, remember, sessionRules } from './rules/session.ts'
import { dropRules, publishedRules, renameRules, tableRules, truncateRules } from './rules/tables.ts'
import type { ParsedStatement, Prediction } from './types.ts'

/** Every hazard of one file, in order of its statements. The catalogue given is left as it is. */
export function lint(grammar: Grammar, sql: string, options: LintOptions): readonly Finding[] {
  const parsed = parseFile(grammar, sql)
  if (!parsed.ok) return [notSql(sql, parsed.fault, grammar, options.newest)]
  const catalogue = copyCatalogue(options.catalogue)
  const progress = newProgress()
  const findings: Finding[] = []
  const mixed = options.journal !== true && parsed.statements.some(({ node }) => needsNoTransaction(node))
  for (const statement of parsed.statements) {
    findings.push(...statementFindings(statement, catalogue, progress, options))
    follow(catalogue, statement.node)
    for (const inner of statement.inner ?? [])
      if (as(statement.node, 'DoStmt') !== undefined) follow(catalogue, inner)
  }
  const [first] = parsed.statements
  const place = { line: first?.line ?? 1, column: first?.column ?? 1 }
  if (mixed && progress.transactional > 0 && progress.nonTransactional > 0)
    findings.push({
      rule: 'mixed-transactional',
      certainty: 'unsafe',
      what: 'one part runs in a transaction and one cannot',
      instead: 'Two files.',
      ...place,
    })
  for (const debt of progress.debts)
    findings.push({
      rule: 'not-valid-never-validated',
      certainty: 'assumed',
      what: debt,
      instead: 'VALIDATE CONSTRAINT in a later file.',
      ...place,
    })
  findings.push(...ungranted(parsed.statements, place), ...keyless(parsed.statements, catalogue))
  findings.push(...unindexed(parsed.statements, options.catalogue, catalogue))
  if (progress.open)
    findings.push({
      rule: 'uncommitted-transaction',
      certainty: 'unsafe',
      what: 'BEGIN without COMMIT',
      ...place,
    })
  return findings
}

/** A file that grants rights on some of its new tables has most likely forgotten the others. */
function ungranted(
  statements: readonly ParsedStatement[],
  place: { readonly line: number; readonly column: number },
): Finding[] {
  const granted = statements
    .flatMap(({ node }) => as(node, 'GrantStmt')?.objects ?? [])
    .flatMap((one) => as(one, 'RangeVar')?.relname ?? [])
  if (granted.length === 0) return []
  return statements
    .flatMap(({ node }) => as(node, 'CreateStmt')?.relation?.relname ?? [])
    .filter((name) => !granted.includes(name))
    .map((name) => ({
      rule: 'no-grants',
      certainty: 'assumed',
      what: name,
      instead: `GRANT … ON ${name} TO …;`,
      ...place,
    }))
}

function statementFindings(
  statement: ParsedStatement,
  catalogue: Catalogue,
  progress: Progress,
  options: LintOptions,
): Finding[] {
  const found: Finding[] = []
  const at = contextOf(statement, catalogue, progress, options, found)
  sessionRules(at)
  rulesOf(at)
  for (const node of as(statement.node, 'DoStmt') === undefined ? [] : (statement.inner ?? [])) {
    const { inner: _, ...own } = statement
    rulesOf(contextOf({ ...own, node }, catalogue, progress, options, found))
  }
  remember(at)
  rerunRules(at)
  return unique(found)
}

function contextOf(
  statement: ParsedStatement,
  catalogue: Catalogue,
  progress: Progress,
  options: LintOptions,
  found: Finding[],
): At {
  const { node, line, column } = statement
  const prediction = predict(statement, catalogue, options.version)
  return {
    node,
    statement,
    catalogue,
    version: options.version,
    prediction,
    options,
    progress,
    inTransaction: (options.inTransaction && !progress.left) || progress.open,
    report(rule, what, instead, certainty = 'unsafe') {
      // With everything known, what does no work (an empty table, a proof that is there) blocks nobody for long.
      if (catalogue.complete && rules[rule].danger === 'blocks' && isIdle(prediction)) return
      found.push({
        rule,
        certainty,
        what,
        ...(instead === undefined ? {} : { instead }),
        prediction,
        line,
        column,
      })
    },
  }
}

function isIdle({ error, rewrites, indexRebuilds, scans, assumed }: Prediction): boolean {
  return error === undefined && rewrites.length + indexRebuilds.length + scans.length + assumed.length === 0
}

function rulesOf(at: At): void {
  const { node, catalogue } = at
  const alter = as(node, 'AlterTableStmt')
  const index = as(node, 'IndexStmt')
  const drop = as(node, 'DropStmt')
  const rename = as(node, 'RenameStmt')
  const truncate = as(node, 'TruncateStmt')
  textRules(at)
  styleRules(at)
  nameRules(at)
  if (alter?.objtype === 'OBJECT_TYPE') attributeRules(at, alter)
  else if (alter !== undefined) {
    const onIndex =
      alter.objtype === 'OBJECT_INDEX' || findIndex(catalogue, nameOf(alter.relation)) !== undefined
    const table = onIndex ? undefined : relationOrStandIn(catalogue, nameOf(alter.relation))
    if (table?.fresh === true) filledRules(at, table, alter)
    if (!isOld(table)) return
    publishedRules(at, table, alter)
    for (const cmd of commandsOf(alter)) {
      columnRules(at, table, cmd)
      constraintRules(at, table, cmd)
      tableRules(at, table, cmd)
    }
  } else if (index !== undefined) indexRules(at, index)
  else if (drop !== undefined) dropRules(at, drop)
  else if (rename !== undefined) renameRules(at, rename)
  else if (truncate !== undefined) truncateRules(at, truncate)
  else objectRules(at)
}

/** One statement can meet a rule by two ways; the reader needs it once. */
function unique(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>()
  return findings.filter(({ rule, what }) => {
    const key = `${rule} ${what}`
    const fresh = !seen.has(key)
    seen.add(key)
    return fresh
  })
}

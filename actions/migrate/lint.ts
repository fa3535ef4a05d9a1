import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Annotation, faultOutcome, markdownTable, type Outcome } from '../../src/action/index.ts'
import { catalogueFromSnapshot, loadGrammar } from '../../src/hazards/index.ts'
import {
  describe,
  type Review,
  type ReviewFinding,
  readRegions,
  review,
  summarise,
  toSarif,
} from '../../src/schema/index.ts'
import type { MigrateContext } from './prepare.ts'
import { type ReviewInput, readReviewInput } from './review-input.ts'

/** The runner shows ten of a level; one is the outcome's own. */
const mostAnnotations = 9

export async function runLint(
  context: MigrateContext,
): Promise<Outcome<'findings' | 'sarif' | 'catalogue' | 'schema'>> {
  const { inputs, runner, clock } = context
  const read = await readReviewInput(context)
  if (!read.ok) return faultOutcome(read.fault)
  if (read.value === undefined)
    return {
      verdict: 'pass',
      reason: 'migrations-off',
      message: `${inputs.config} names no migrations; nothing was reviewed.`,
      data: { version: 1, findings: [] },
    }
  const regions = inputs.regions === undefined ? undefined : readRegions(inputs.regions)
  if (regions?.ok === false)
    return faultOutcome({
      blame: 'user',
      reason: 'invalid-input',
      cause: `regions ${regions.why}.`,
      next: 'Hand over what the ledger says, one entry a region.',
    })
  const { snapshot, shown, ...rest } = read.value
  const result = review({
    ...rest,
    folder: shown,
    newest: await loadGrammar(18),
    transactions: inputs.transactions,
    today: clock.now().toISOString().slice(0, 10),
    ...(snapshot === undefined ? {} : { snapshot: (grammar) => catalogueFromSnapshot(grammar, snapshot) }),
    ...(regions === undefined ? {} : { regions: regions.value }),
  })
  const sarif = join(runner.temp, 'tuesday-migrate.sarif')
  await writeFile(sarif, toSarif(result.findings))
  const catalogue = join(runner.temp, 'tuesday-catalogue.json')
  if (read.value.fromDatabase) await writeFile(catalogue, JSON.stringify(snapshot))
  tell(context, result)
  return outcomeOf(read.value, result, sarif, read.value.fromDatabase ? catalogue : '')
}

function tell({ logger }: MigrateContext, { findings }: Review): void {
  for (const finding of findings) {
    const state = finding.waived === undefined ? finding.level : 'waived'
    logger.info(`${finding.file}:${finding.line}:${finding.column} ${state} ${describe(finding)}`)
  }
}

function outcomeOf(
  { files, shown, snapshot, grammars }: ReviewInput,
  result: Review,
  sarif: string,
  catalogue: string,
): Outcome<'findings' | 'sarif' | 'catalogue' | 'schema'> {
  const open = result.findings.filter(({ level, waived }) => level === 'error' && waived === undefined)
  const sure = open.filter(({ certainty }) => certainty === 'unsafe')
  const early = open.length > 0 && open.every(({ rule }) => rule === 'contract-too-early')
  const versions = grammars.map(({ major }) => major)
  const [first] = open
  const common = {
    data: {
      version: 1,
      versions,
      catalogue: snapshot !== undefined,
      files: [...result.files],
      schema: result.claims,
      findings: result.findings.map(jsonOf).slice(0, 500),
    },
    outputs: { findings: open.length, sarif, catalogue, schema: result.claims },
    summary: summarise(result, markdownTable),
    annotations: annotationsOf(result.findings),
  }
  // Through JSON: what is optional and absent does not stand in the record.
  const record = {
    ...common,
    data: JSON.parse(JSON.stringify(common.data)),
    outputs: JSON.parse(JSON.stringify(common.outputs)),
  }
  const judged = `${files.length} ${files.length === 1 ? 'migration' : 'migrations'} of ${shown}, for PostgreSQL ${versions.join(', ')}`
  if (first === undefined)
    return { verdict: 'pass', reason: 'done', message: `Nothing stands in the way in ${judged}.`, ...record }
  const at = `${first.file}:${first.line}: ${first.title}: ${first.what}`
  const message = `${open.length} ${open.length === 1 ? 'finding' : 'findings'} in ${judged}, ${open.length - sure.length} of them assumed. First: ${at}.`
  const next =
    'Write the safe way that stands with each finding, or have it waived by name, reason and date in the file of waivers.'
  if (early) return { verdict: 'wait', reason: 'contract-too-early', message, next: first.instead, ...record }
  return sure.length > 0
    ? { verdict: 'fail', reason: 'migration-hazard', blame: 'user', message, next, ...record }
    : {
        verdict: 'unknown',
        reason: 'migration-hazard-unknown',
        blame: 'user',
        message,
        likely: 'What the table holds today is not known: no database and no catalogue was given.',
        next: `Give the job the URL of the database, or the catalogue that a job with one has written. ${next}`,
        ...record,
      }
}

function jsonOf(finding: ReviewFinding) {
  const { locks = {}, rewrites = [], indexRebuilds = [], scans = [], assumed = [] } = finding.prediction ?? {}
  return { ...finding, prediction: { locks, rewrites, indexRebuilds, scans, assumed } }
}

function annotationsOf(findings: readonly ReviewFinding[]): readonly Annotation[] {
  return findings
    .filter(({ waived }) => waived === undefined)
    .slice(0, mostAnnotations)
    .map((finding) => ({
      level: finding.level,
      title: `${finding.rule}${finding.certainty === 'assumed' ? ' (unknown, assumed unsafe)' : ''}`,
      message: describe(finding),
      file: finding.file,
      line: finding.line,
      column: finding.column,
    }))
}

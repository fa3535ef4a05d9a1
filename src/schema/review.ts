/** The review of a folder of migrations: hazards on every server version, phases, pairs and waivers. Pure. */
import {
  type Catalogue,
  copyCatalogue,
  emptyCatalogue,
  type Finding,
  follow,
  type Grammar,
  lint,
  type Major,
  parseFile,
  rules,
  settle,
} from '../hazards/index.ts'
import { type PhasedFile, type SchemaClaims, schemaClaims } from './claims.ts'
import type { RegionRelease } from './contract-gate.ts'
import { type Declaration, type Phase, readDeclaration } from './declaration.ts'
import type { ReviewFile } from './files.ts'
import { byImportance, type Level, type ReviewFinding } from './finding.ts'
import { phaseFindings } from './phase-findings.ts'
import { derivePhase } from './phases.ts'
import { waiverFindings } from './waiver-findings.ts'
import { applyWaivers, type Waiver } from './waivers.ts'

export interface ReviewOptions {
  /** Path of the folder of the migrations, as annotations need it. */
  readonly folder: string
  /** One grammar a server version that is asked about. */
  readonly grammars: readonly Grammar[]
  readonly newest: Grammar
  /** The target's own catalogue; without, the earlier files make it up as far as they can. */
  readonly snapshot?: (grammar: Grammar) => Catalogue
  /** Applied before, or not part of this change. */
  readonly earlier: readonly ReviewFile[]
  readonly files: readonly ReviewFile[]
  /** Paired migrations by the path that a file names. */
  readonly pairs: ReadonlyMap<string, ReviewFile>
  /** Whether the runner gives each statement or each file a transaction, or leaves that to the file. */
  readonly transactions: 'statement' | 'file' | 'none'
  readonly waivers: readonly Waiver[]
  readonly waiversFile: string
  /** `2026-11-21` */
  readonly today: string
  /** From the ledger; undefined where nobody asked it. */
  readonly regions?: readonly RegionRelease[]
}

export interface FileReview {
  readonly file: string
  readonly number: number
  readonly phase: Phase
  readonly declared?: Phase
  readonly pair?: string
  readonly unusedSince?: string
}

export interface Review {
  readonly findings: readonly ReviewFinding[]
  readonly files: readonly FileReview[]
  readonly claims: SchemaClaims
}

/** What is known of one file after every version has read it. */
export interface Judged {
  readonly file: ReviewFile
  readonly path: string
  readonly declaration: Declaration
  readonly findings: readonly ReviewFinding[]
  readonly statements: readonly string[]
  /** The schema before it, for the newest version that reads it. */
  readonly before: Catalogue
  readonly grammar: Grammar
}

export function review(options: ReviewOptions): Review {
  const judged = judgeAll(options)
  const hazards = judged.flatMap(({ findings }) => findings)
  const waived = applyWaivers(hazards, options.waivers, options.today)
  const open = new Set(waived.findings.filter((finding) => finding.waived === undefined).map(idOf))
  const phased = judged.map((one): PhasedFile & { readonly judged: Judged } => {
    // A break that somebody answered for with reason and date does not make a contract step of the file.
    const dangers = one.findings
      .filter((finding) => open.has(idOf(finding)))
      .map(({ rule }) => dangerOf(rule))
    const derived = derivePhase(dangers, one.statements)
    const { declaration, file } = one
    return {
      file: file.name,
      number: file.number,
      phase: declaration.phase ?? derived,
      declaration,
      judged: one,
    }
  })
  const earlier = options.earlier.map(({ name, number, text = '' }): PhasedFile => {
    const declaration = readDeclaration(text)
    return { file: name, number, phase: declaration.phase ?? 'expand', declaration }
  })
  const contract = new Set(
    phased.filter(({ phase }) => phase === 'contract').map(({ judged: one }) => one.path),
  )
  const findings = [
    // In a declared contract step a break is what it is for; the step itself is bound by pair and regions.
    ...waived.findings.map((finding) =>
      finding.danger === 'breaks' && contract.has(finding.file)
        ? { ...finding, level: 'notice' as Level }
        : finding,
    ),
    ...phaseFindings(phased, options),
    ...waiverFindings(waived, options, new Set(judged.map(({ file }) => file.name))),
  ]
  return {
    findings: findings.sort(byImportance),
    files: phased.map(({ file, number, phase, declaration }) => ({
      file,
      number,
      phase,
      ...(declaration.phase === undefined ? {} : { declared: declaration.phase }),
      ...(declaration.pair === undefined ? {} : { pair: declaration.pair }),
      ...(declaration.unusedSince === undefined ? {} : { unusedSince: declaration.unusedSince }),
    })),
    claims: schemaClaims([...earlier, ...phased]),
  }
}

function judgeAll(options: ReviewOptions): readonly Judged[] {
  const catalogues = new Map(options.grammars.map((grammar) => [grammar, startOf(grammar, options)]))
  return options.files.map((file) => {
    const path = `${options.folder}/${file.name}`
    const byPlace = new Map<string, ReviewFinding>()
    let last: Pick<Judged, 'before' | 'grammar' | 'statements'> | undefined
    for (const [grammar, catalogue] of catalogues) {
      for (const finding of findingsOf(file, grammar, catalogue, options)) {
        const reviewed = toReview(finding, path, grammar.major)
        const known = byPlace.get(idOf(reviewed))
        byPlace.set(
          idOf(reviewed),
          known === undefined ? reviewed : { ...known, versions: [...known.versions, grammar.major] },
        )
      }
      const before = copyCatalogue(catalogue)
      last = { before, grammar, statements: followed(grammar, catalogue, file.text ?? '') }
    }
    if (last === undefined) throw new Error('no grammar was given')
    return {
      file,
      path,
      declaration: readDeclaration(file.text ?? ''),
      findings: [...byPlace.values()],
      ...last,
    }
  })
}

function startOf(grammar: Grammar, { snapshot, earlier }: ReviewOptions): Catalogue {
  if (snapshot !== undefined) return snapshot(grammar)
  const catalogue = emptyCatalogue(false)
  for (const { text } of earlier) if (text !== undefined) followed(grammar, catalogue, text)
  settle(catalogue)
  // What the files never filled, the service did.
  for (const relation of catalogue.relations) relation.rows = undefined
  return catalogue
}

/** The statements of the file; the catalogue is then as after it, as far as the file can be read. */
function followed(grammar: Grammar, catalogue: Catalogue, sql: string): readonly string[] {
  const parsed = parseFile(grammar, sql)
  if (!parsed.ok) return []
  for (const { node, inner } of parsed.statements) {
    follow(catalogue, node)
    if ('DoStmt' in node) for (const one of inner ?? []) follow(catalogue, one)
  }
  return parsed.statements.map((statement) => statement.sql)
}

function findingsOf(
  { text, bytes }: ReviewFile,
  grammar: Grammar,
  catalogue: Catalogue,
  { transactions, newest }: ReviewOptions,
): readonly Finding[] {
  if (text === undefined) {
    const what = `${(bytes / 1e6).toFixed(1)} MB`
    return [{ rule: 'too-large', certainty: 'assumed', what, line: 1, column: 1 }]
  }
  return lint(grammar, text, {
    version: grammar.major,
    catalogue,
    inTransaction: transactions === 'file',
    timeouts: transactions === 'statement' ? 'runner' : 'file',
    journal: transactions === 'statement',
    newest,
  })
}

function toReview(finding: Finding, file: string, major: Major): ReviewFinding {
  const { danger, title, way } = rules[finding.rule]
  return {
    ...finding,
    danger,
    level: levelOf(danger),
    title,
    instead: finding.instead ?? way,
    versions: [major],
    file,
  }
}

function levelOf(danger: ReviewFinding['danger']): Level {
  if (danger === 'stalls') return 'warning'
  return danger === 'style' || danger === 'note' ? 'notice' : 'error'
}

function dangerOf(rule: ReviewFinding['rule']) {
  return rules[rule as Finding['rule']].danger
}

function idOf({ file, line, column, rule, what, certainty }: ReviewFinding): string {
  return JSON.stringify([file, line, column, rule, what, certainty])
}

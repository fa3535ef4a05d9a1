import { type Catalogue, copyCatalogue, follow, type Grammar, parseFile, rules } from '../hazards/index.ts'
import type { PhasedFile } from './claims.ts'
import { contractGate } from './contract-gate.ts'
import type { ReviewFinding } from './finding.ts'
import { derivePhase, isMilder } from './phases.ts'
import { notRestored } from './restored.ts'
import type { Judged, ReviewOptions } from './review.ts'
import { type ReviewRuleId, reviewRules } from './review-rules.ts'

interface Phased extends PhasedFile {
  readonly judged: Judged
}

type Found = (
  rule: ReviewRuleId,
  what: string,
  instead: string,
  more?: Partial<ReviewFinding>,
) => ReviewFinding

/** What is wrong with the phases of the files under review. */
export function phaseFindings(files: readonly Phased[], options: ReviewOptions): readonly ReviewFinding[] {
  const versions = options.grammars.map(({ major }) => major)
  const all = files.flatMap((one) => {
    const found: Found = (rule, what, instead, more = {}) => ({
      rule,
      danger: 'process',
      level: 'error',
      title: reviewRules[rule],
      certainty: 'unsafe',
      what,
      instead,
      versions,
      file: one.judged.path,
      line: 1,
      column: 1,
      ...more,
    })
    return [
      ...declared(one, found, options),
      ...(one.phase === 'contract' ? contract(one, found, options) : []),
    ]
  })
  return [...all, ...mixed(files, versions)]
}

function declared(
  { judged, declaration }: Phased,
  found: Found,
  options: ReviewOptions,
): readonly ReviewFinding[] {
  const faults = declaration.faults.map(({ line, what }) =>
    found(
      'declaration-unknown',
      what,
      '-- tuesday:phase expand | migrate | contract\n-- tuesday:pair pairs/0012_back.sql\n-- tuesday:unused-since r41',
      { line },
    ),
  )
  if (declaration.phase === undefined) return faults
  const waived = (finding: ReviewFinding) =>
    options.waivers.some(
      ({ file, rule, expires }) =>
        file === judged.file.name && rule === finding.rule && expires >= options.today,
    )
  const open = judged.findings.filter((finding) => !waived(finding))
  const derived = derivePhase(
    open.map(({ rule }) => rules[rule as keyof typeof rules].danger),
    judged.statements,
  )
  if (!isMilder(declaration.phase, derived)) return faults
  const because = open.find(({ danger }) => danger === 'breaks')
  return [
    ...faults,
    found(
      'phase-mismatch',
      `declared ${declaration.phase}, and it is ${derived}${because === undefined ? '' : `: ${because.rule}`}`,
      `-- tuesday:phase ${derived}`,
      because === undefined ? {} : { line: because.line, column: because.column },
    ),
  ]
}

function contract(one: Phased, found: Found, options: ReviewOptions): readonly ReviewFinding[] {
  const { declaration, file } = one
  const findings: ReviewFinding[] = []
  if (declaration.pair === undefined)
    findings.push(found('pair-missing', file, `-- tuesday:pair pairs/${file.replace(/\.sql$/, '_back.sql')}`))
  else findings.push(...paired(one, declaration.pair, found, options))
  const { unusedSince } = declaration
  if (unusedSince === undefined)
    return [...findings, found('unused-since-missing', file, '-- tuesday:unused-since r41')]
  if (options.regions === undefined)
    return [
      ...findings,
      found('contract-not-checked', file, 'Hand in what the regions run: input `regions`.', {
        level: 'warning',
        certainty: 'assumed',
      }),
    ]
  const answer = contractGate(unusedSince, options.regions)
  if (answer.verdict !== 'pass')
    findings.push(
      found(
        'contract-too-early',
        answer.why,
        `Wait until every region runs ${unusedSince} or a newer release.`,
        {
          certainty: answer.verdict === 'wait' ? 'unsafe' : 'assumed',
        },
      ),
    )
  return findings
}

/** Applied after the file, on paper: does the previous release find again what it had? */
function paired(
  { judged }: Phased,
  pair: string,
  found: Found,
  { pairs }: ReviewOptions,
): readonly ReviewFinding[] {
  const file = pairs.get(pair)
  const next = 'Write the forward migration that gives the previous release back what it needs.'
  if (file?.text === undefined) return [found('pair-not-found', pair, next)]
  const { grammar, before } = judged
  const after = copyCatalogue(before)
  for (const sql of [judged.file.text ?? '', file.text]) {
    const why = play(grammar, after, sql)
    if (why !== undefined) return [found('pair-fails', `${pair}: ${why}`, next)]
  }
  const missing = notRestored(before, after)
  return missing.length === 0
    ? []
    : [found('pair-incomplete', `${pair} leaves out ${missing.slice(0, 8).join(', ')}`, next)]
}

/** Undefined when it was read to its end. */
function play(grammar: Grammar, catalogue: Catalogue, sql: string): string | undefined {
  const parsed = parseFile(grammar, sql)
  if (!parsed.ok) return `line ${parsed.fault.line}: ${parsed.fault.message}`
  for (const { node } of parsed.statements) follow(catalogue, node)
  return undefined
}

function mixed(files: readonly Phased[], versions: ReviewFinding['versions']): readonly ReviewFinding[] {
  const others = files.filter(({ phase }) => phase !== 'contract').map(({ file }) => file)
  if (others.length === 0) return []
  return files
    .filter(({ phase }) => phase === 'contract')
    .map(({ judged, file }) => ({
      rule: 'phases-mixed',
      danger: 'process',
      level: 'error',
      title: reviewRules['phases-mixed'],
      certainty: 'unsafe',
      what: `${file} beside ${others.join(', ')}`,
      instead:
        'Merge the contract step by itself, once every region runs the release that no longer needs the old shape.',
      versions,
      file: judged.path,
      line: 1,
      column: 1,
    }))
}

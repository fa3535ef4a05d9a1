import { type FindingRun, toSarif } from '../../findings/index.ts'
import type { Location } from '../types.ts'
import type { CheckResult, Standing } from './check.ts'
import type { Judged } from './judge.ts'

/** More than these stand in the SARIF file only: an output is 1 MB. */
const mostFindings = 500

export const placeText = (place: Location | undefined): string =>
  place === undefined ? '' : place.line === undefined ? place.file : `${place.file}:${place.line}`

/** The machine's form of the answer: versioned, plain JSON. */
export function recordOf(result: CheckResult) {
  const { standings, judged, approvals } = result
  return {
    version: 1,
    state: result.state,
    commit: result.commit,
    ...(result.base === undefined ? {} : { base: result.base }),
    policy: result.policyFrom,
    standings: standings.map(({ contract, baseline, state, why, rollbackUnsafe }) => ({
      contract,
      against: baseline.name,
      role: baseline.role,
      commit: baseline.commit,
      ...(baseline.release === undefined ? {} : { release: baseline.release }),
      state,
      ...(why === undefined ? {} : { why }),
      rollbackUnsafe: [...rollbackUnsafe],
    })),
    findings: judged.slice(0, mostFindings).map(findingRecord),
    omitted: result.omitted + Math.max(0, judged.length - mostFindings),
    approvals: approvals.slice(0, 100).map(({ entry, state }) => ({
      fingerprint: entry.fingerprint,
      owner: entry.owner,
      approvedBy: entry['approved-by'],
      expires: entry.expires,
      state,
    })),
    ...(result.pact === undefined ? {} : { pact: result.pact.map((one) => ({ ...one })) }),
    notes: [...result.notes],
  }
}

function findingRecord({ finding, contract, against, state, why }: Judged) {
  const { base, revision, method, path } = finding
  return {
    id: finding.id,
    level: finding.level,
    state,
    why,
    contract,
    against: [...against],
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { path }),
    where: finding.where,
    message: finding.message,
    ...(base === undefined ? {} : { base: { ...base } }),
    ...(revision === undefined ? {} : { revision: { ...revision } }),
    fingerprint: finding.fingerprint,
  }
}

const severities = { error: 'high', warning: 'medium', info: 'low' } as const

/** What blocks and what is worth a look, for code scanning and for sast-gate; a run a contract. */
export function sarifOf(result: CheckResult): string {
  const contracts = [...new Set(result.standings.map(({ contract }) => contract))]
  const runs = contracts.map((contract): FindingRun => {
    const own = result.judged.filter((one) => one.contract === contract && one.state !== 'approved')
    return {
      tool: 'tuesday-contract-gate',
      category: `contract-gate/${contract}`,
      commit: result.commit,
      complete: result.state !== 'incomplete',
      findings: own
        .filter(({ finding }) => finding.level !== 'info')
        .map(({ finding, state }) => ({
          rule: finding.id,
          severity: state === 'blocking' ? severities[finding.level] : 'medium',
          message: messageOf(finding),
          ...locationOf(finding),
          fingerprints: { 'tuesday/v1': finding.fingerprint },
        })),
    }
  })
  return `${JSON.stringify(toSarif(runs), null, 1)}\n`
}

export function messageOf({ method, path, message, base }: Judged['finding']): string {
  const operation = [method, path].filter((part) => part !== undefined).join(' ')
  const before = base === undefined ? '' : ` Before: ${placeText(base)}.`
  return `${operation === '' ? '' : `${operation}: `}${message}.${before}`
}

/** Where it stands now; what is gone is shown where it would stand. */
function locationOf({ revision, base }: Judged['finding']) {
  const place = revision ?? base
  if (place === undefined) return {}
  return { location: { file: place.file, ...(place.line === undefined ? {} : { line: place.line }) } }
}

export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly more: number
}

const mostRows = 200

/** What the job summary shows, as tables of plain text. */
export function tablesOf(result: CheckResult): readonly Table[] {
  const { judged, standings, approvals } = result
  const of = (state: Judged['state']) => judged.filter((one) => one.state === state)
  const told = of('reported').filter(({ finding }) => finding.level !== 'info')
  const stale = approvals.filter(({ state }) => state !== 'used')
  return [
    table('Contracts by environment', standingHead, standings.map(standingRow)),
    table(
      'Pact',
      ['environment', 'answer', 'pacts', 'why'],
      (result.pact ?? []).map(({ environment, state, rows, why }) => [environment, state, String(rows), why]),
    ),
    table('Breaking', findingHead, of('blocking').map(findingRow)),
    table('Approved', findingHead, of('approved').map(findingRow)),
    table('Worth a look', findingHead, told.map(findingRow)),
    table(
      'Approvals without effect',
      ['fingerprint', 'state', 'owner', 'approved by', 'until'],
      stale.map(({ entry, state }) => [
        entry.fingerprint,
        state,
        entry.owner,
        entry['approved-by'],
        entry.expires,
      ]),
    ),
  ].filter(({ rows }) => rows.length > 0)
}

const standingHead = ['contract', 'against', 'version', 'state', 'going back']

function standingRow({ contract, baseline, state, why, rollbackUnsafe }: Standing): readonly string[] {
  const version = [baseline.release, baseline.commit.slice(0, 12)].filter((part) => part).join(' ')
  const role = ['base', 'serving'].includes(baseline.role) ? '' : ` (${baseline.role})`
  const back = rollbackUnsafe.length === 0 ? '' : `rollback-unsafe: ${rollbackUnsafe.slice(0, 3).join(', ')}`
  return [contract, `${baseline.name}${role}`, version, why === undefined ? state : `${state}: ${why}`, back]
}

const findingHead = ['rule', 'operation', 'what', 'now', 'before', 'against', 'why', 'fingerprint']

function findingRow({ finding, against, why }: Judged): readonly string[] {
  const { id, method = '', path = '', message, revision, base, fingerprint } = finding
  return [
    id,
    `${method} ${path}`.trim(),
    message,
    placeText(revision),
    placeText(base),
    against.join(', '),
    why,
    fingerprint,
  ]
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): Table {
  return { title, head, rows: rows.slice(0, mostRows), more: Math.max(0, rows.length - mostRows) }
}

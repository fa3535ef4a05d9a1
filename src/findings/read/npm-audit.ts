import { countOf, defined, type JsonMap, mapOf, mapsOf, sentence, textOf, textsOf } from '../json/access.ts'
import { purlName } from './osv.ts'
import { placeOf } from './place.ts'
import { outsideFlaw, toolErrorFlaw, unreadableFlaw } from './report-flaws.ts'
import { cweOf, severityOfScore, severityOfWord, unscored } from './severity.ts'
import type { Ground, ReadFinding, ReadRun, ReportSpec } from './types.ts'

/** `npm audit --json`, report version 2 (npm 7 and later). */
export function readNpmAudit(value: unknown, spec: ReportSpec, ground: Ground): ReadRun {
  const document = mapOf(value)
  const base = { tool: spec.tool, dependencies: true, findings: [] }
  // A registry without the advisory endpoint answers 405, and npm prints this instead of a report.
  const failed = mapOf(document?.error) ?? (document?.statusCode === undefined ? undefined : document)
  if (failed !== undefined) {
    const why = textOf(failed.summary) ?? textOf(failed.detail) ?? textOf(failed.message) ?? 'no reason given'
    return { ...base, flaws: [toolErrorFlaw(spec, why)] }
  }
  const packages = mapOf(document?.vulnerabilities)
  if (document?.auditReportVersion !== 2 || packages === undefined) {
    return { ...base, flaws: [unreadableFlaw(spec, 'it is not report version 2 of npm audit')] }
  }
  const lockfile = placeOf(spec.source ?? 'package-lock.json', ground)
  if (lockfile === 'outside') return { ...base, flaws: outsideFlaw(spec, [spec.source ?? '']) }
  const total = mapOf(mapOf(document.metadata)?.dependencies)?.total
  const findings = mapsOf(Object.values(packages)).flatMap((one) =>
    mapsOf(one.via).map((advisory) => advisoryFinding(one, advisory, lockfile.file)),
  )
  return {
    ...base,
    findings,
    sources: [lockfile.file],
    flaws: [],
    ...(typeof total === 'number' ? { scanned: countOf(total) ?? 0 } : {}),
  }
}

function advisoryFinding(entry: JsonMap, advisory: JsonMap, file: string): ReadFinding {
  const name = textOf(advisory.name) ?? textOf(entry.name) ?? 'unknown'
  const url = textOf(advisory.url)
  const rule =
    /GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}/.exec(url ?? '')?.[0] ?? `npm-${String(advisory.source)}`
  const score = mapOf(advisory.cvss)?.score
  const purl = `pkg:npm/${purlName('npm', name)}`
  const title = textOf(advisory.title) ?? rule
  const cwes = textsOf(advisory.cwe).flatMap((id) => cweOf(id) ?? [])
  const scored = typeof score === 'number' && score > 0 ? severityOfScore(score) : undefined
  return defined({
    rule,
    severity: severityOfWord(advisory.severity) ?? scored ?? unscored,
    message: sentence(`${name} ${textOf(advisory.range) ?? ''}: ${title}`),
    location: { file },
    cwes: cwes.length === 0 ? undefined : cwes,
    fingerprints: { 'packageAdvisory/v1': `${purl}|${rule}` },
    about: defined({ title: sentence(title, 200), helpUri: url }),
    package: { purl, name },
  })
}

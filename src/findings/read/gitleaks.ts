import { countOf, defined, type JsonMap, mapsOf, sentence, textOf } from '../json/access.ts'
import { placeOf } from './place.ts'
import { outsideFlaw, unreadableFlaw } from './report-flaws.ts'
import type { Ground, ReadFinding, ReadRun, ReportSpec } from './types.ts'

/**
 * `gitleaks … --report-format json`. `Secret` and `Match` are the secret itself and are never read. A finding of the
 * history names its commit, and commits do not change: together with the place that is its fingerprint. One of the
 * working tree is told by the hash of its line, as any other finding.
 */
export function readGitleaks(value: unknown, spec: ReportSpec, ground: Ground): ReadRun {
  const entries = mapsOf(value)
  const shaped = Array.isArray(value) && entries.length === value.length
  if (!shaped || entries.some((one) => textOf(one.RuleID) === undefined)) {
    return {
      tool: spec.tool,
      findings: [],
      flaws: [unreadableFlaw(spec, 'it is no list of leaks, as gitleaks writes it')],
    }
  }
  const outside: string[] = []
  const findings = entries.flatMap((entry) => {
    const file = textOf(entry.File) ?? ''
    const place = placeOf(file, ground)
    if (place !== 'outside') return [leak(entry, place.file)]
    outside.push(file)
    return []
  })
  return { tool: spec.tool, findings, flaws: outsideFlaw(spec, outside) }
}

function leak(entry: JsonMap, file: string): ReadFinding {
  const rule = textOf(entry.RuleID) ?? 'unknown'
  const commit = textOf(entry.Commit)
  const line = countOf(entry.StartLine)
  const what = textOf(entry.Description) ?? rule
  return defined({
    rule,
    // A leaked secret is used by whoever reads it first; gitleaks itself gives no severity.
    severity: 'critical' as const,
    message: sentence(
      commit === undefined ? what : `${what} In commit ${commit.slice(0, 12)}; revoke it, history keeps it.`,
    ),
    location: defined({ file, line, endLine: countOf(entry.EndLine) }),
    cwes: ['CWE-798'],
    historic: commit === undefined ? undefined : true,
    whole:
      commit === undefined
        ? undefined
        : { 'commitPlace/v1': `${commit}:${file}:${rule}:${line ?? 0}:${entry.StartColumn}` },
  })
}

import { defined, type JsonMap, mapsOf, sentence, textOf } from '../json/access.ts'
import { within } from './place.ts'
import { outsideFlaw, unreadableFlaw } from './report-flaws.ts'
import { severityOfWord, unscored } from './severity.ts'
import type { ReadFinding, ReadRun, ReportSpec } from './types.ts'

/** The output `vulnerable-changes` of actions/dependency-review-action, written to a file. */
export function readDependencyReview(value: unknown, spec: ReportSpec): ReadRun {
  const shaped =
    Array.isArray(value) && value.every((one) => mapsOf([one]).every((map) => textOf(map.change_type)))
  if (!Array.isArray(value) || !shaped || mapsOf(value).length !== value.length) {
    return {
      tool: spec.tool,
      findings: [],
      flaws: [unreadableFlaw(spec, 'it is no list of dependency changes')],
    }
  }
  const outside: string[] = []
  const findings = mapsOf(value)
    .filter((change) => change.change_type !== 'removed')
    .flatMap((change) => {
      const manifest = textOf(change.manifest) ?? ''
      const place = within(manifest.replace(/^\/+/, ''))
      if (place === 'outside') {
        outside.push(manifest)
        return []
      }
      return mapsOf(change.vulnerabilities).map((advisory) => changeFinding(change, advisory, place.file))
    })
  return { tool: spec.tool, findings, flaws: outsideFlaw(spec, outside) }
}

function changeFinding(change: JsonMap, advisory: JsonMap, file: string): ReadFinding {
  const rule = textOf(advisory.advisory_ghsa_id) ?? 'unknown'
  const name = textOf(change.name) ?? 'unknown'
  const version = textOf(change.version)
  const purl = (textOf(change.package_url) ?? `pkg:generic/${encodeURIComponent(name)}`).replace(
    /(?<=.)@[^/]*$/,
    '',
  )
  const title = textOf(advisory.advisory_summary) ?? rule
  return defined({
    rule,
    severity: severityOfWord(advisory.severity) ?? unscored,
    message: sentence(`${name} ${version ?? ''}: ${title}`),
    location: file === '' ? undefined : { file },
    fingerprints: { 'packageAdvisory/v1': `${purl}|${rule}` },
    about: defined({ title: sentence(title, 200), helpUri: textOf(advisory.advisory_url) }),
    package: defined({ purl, name, version }),
  })
}

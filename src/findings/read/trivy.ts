import { countOf, defined, type JsonMap, mapOf, mapsOf, sentence, textOf, textsOf } from '../json/access.ts'
import { within } from './place.ts'
import { outsideFlaw, unreadableFlaw } from './report-flaws.ts'
import { cweOf, severityOfWord, unscored } from './severity.ts'
import type { ReadFinding, ReadRun, ReportSpec } from './types.ts'

/** `trivy … --format json`: vulnerable packages, misconfigurations and secrets by target. */
export function readTrivy(value: unknown, spec: ReportSpec): ReadRun {
  const document = mapOf(value)
  const base = {
    tool: spec.tool,
    dependencies: document?.ArtifactType === 'filesystem' || document?.ArtifactType === 'repository',
  }
  if (document?.SchemaVersion !== 2) {
    return { ...base, findings: [], flaws: [unreadableFlaw(spec, 'it is not of schema version 2 of trivy')] }
  }
  const image = document.ArtifactType === 'container_image'
  const outside: string[] = []
  const sources: string[] = []
  const findings = mapsOf(document.Results).flatMap((result) => {
    const target = textOf(result.Target) ?? 'unknown'
    // Targets of an image are layers and distributions, not files of the repository.
    const place = image ? { file: '' } : within(target.replace(/^\/+/, ''))
    if (place === 'outside' || target.startsWith('../')) {
      outside.push(target)
      return []
    }
    if (!image) sources.push(place.file)
    const file = image ? undefined : place.file
    return [
      ...mapsOf(result.Vulnerabilities).map((one) => vulnerability(one, file, target)),
      ...mapsOf(result.Misconfigurations)
        .filter((one) => one.Status !== 'PASS' && one.Status !== 'EXCEPTION')
        .map((one) => misconfiguration(one, file)),
      ...mapsOf(result.Secrets).map((one) => secret(one, file)),
    ]
  })
  // Trivy leaves `Results` out when it recognised no file at all.
  const scanned = mapsOf(document.Results).length
  return { ...base, findings, scanned, sources, flaws: outsideFlaw(spec, outside) }
}

function vulnerability(one: JsonMap, file: string | undefined, target: string): ReadFinding {
  const rule = textOf(one.VulnerabilityID) ?? 'unknown'
  const name = textOf(one.PkgName) ?? 'unknown'
  const version = textOf(one.InstalledVersion)
  const purl = (textOf(mapOf(one.PkgIdentifier)?.PURL) ?? `pkg:generic/${encodeURIComponent(name)}`).replace(
    /[@?].*$/,
    '',
  )
  const fixed = textOf(one.FixedVersion)
  const title = textOf(one.Title) ?? textOf(one.Description) ?? rule
  const cwes = textsOf(one.CweIDs).flatMap((id) => cweOf(id) ?? [])
  return defined({
    rule,
    severity: severityOfWord(one.Severity) ?? unscored,
    message: sentence(
      `${name} ${version ?? ''}: ${title} (${fixed === undefined ? 'no fixed version is known' : `fixed in ${fixed}`})`,
    ),
    location: file === undefined ? undefined : { file },
    cwes: cwes.length === 0 ? undefined : cwes,
    // Of an image the distribution is part of the name (`app (debian 12.5)`), its point release is not.
    fingerprints: { 'packageAdvisory/v1': `${file ?? target.replace(/ \(.*$/, '')}|${purl}|${rule}` },
    about: defined({ title: sentence(title, 200), helpUri: textOf(one.PrimaryURL) }),
    package: defined({ purl, name, version }),
  })
}

function misconfiguration(one: JsonMap, file: string | undefined): ReadFinding {
  const cause = mapOf(one.CauseMetadata) ?? {}
  const title = textOf(one.Title) ?? 'misconfiguration'
  return defined({
    rule: textOf(one.AVDID) ?? textOf(one.ID) ?? 'unknown',
    severity: severityOfWord(one.Severity) ?? unscored,
    message: sentence(textOf(one.Message) ?? title),
    location: lines(file, cause),
    about: defined({ title: sentence(title, 200), helpUri: textOf(one.PrimaryURL) }),
  })
}

/** `Match` holds the secret or parts of it and is left out. */
function secret(one: JsonMap, file: string | undefined): ReadFinding {
  const title = textOf(one.Title) ?? 'secret'
  return defined({
    rule: textOf(one.RuleID) ?? 'secret',
    severity: severityOfWord(one.Severity) ?? unscored,
    message: sentence(`${title} in the source`),
    location: lines(file, one),
    cwes: ['CWE-798'],
  })
}

function lines(file: string | undefined, at: JsonMap) {
  if (file === undefined) return undefined
  return defined({ file, line: countOf(at.StartLine), endLine: countOf(at.EndLine) })
}

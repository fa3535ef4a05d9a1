import type { Flaw } from '../flaws.ts'
import { defined, type JsonMap, listOf, mapOf, mapsOf, sentence, textOf } from '../json/access.ts'
import { outsideFlaw, unreadableFlaw } from '../read/report-flaws.ts'
import type { Ground, ReadFinding, ReadRun, ReportSpec } from '../read/types.ts'
import { runFlaws } from './complete.ts'
import { resultPlace } from './location.ts'
import { cwesOf, levelOverrides, type Rules, rulesOf, severityOf } from './rules.ts'
import { commitPlace, findsSecrets, secretMessage } from './secrets.ts'
import type { SarifObject } from './write.ts'

/** SARIF 2.1.0 of any tool: one run each. What cannot be relied on stands in `flaws`. */
export function readSarif(
  value: unknown,
  spec: ReportSpec,
  ground: Ground,
): { readonly runs: readonly ReadRun[]; readonly flaws: readonly Flaw[] } {
  const log = mapOf(value)
  if (log === undefined) return { runs: [], flaws: [unreadableFlaw(spec, 'it is no JSON object')] }
  if (log.version !== '2.1.0') {
    const version = typeof log.version === 'string' ? sentence(log.version, 40) : 'none'
    const says = `${spec.path} is of SARIF version ${version}; 2.1.0 is read.`
    return {
      runs: [],
      flaws: [{ code: 'sarif-version', about: spec.tool, says, next: 'Let the tool write 2.1.0.' }],
    }
  }
  const runs = mapsOf(log.runs)
  if (runs.length === 0 || runs.length !== listOf(log.runs).length) {
    const says = `${spec.path} has no runs: a tool that looked and found nothing writes a run with an empty list.`
    return {
      runs: [],
      flaws: [{ code: 'no-runs', about: spec.tool, says, next: 'Look at the log of the scan.' }],
    }
  }
  return { runs: runs.map((run) => readRun(run, spec, ground)), flaws: [] }
}

function readRun(run: JsonMap, spec: ReportSpec, ground: Ground): ReadRun {
  const driver = mapOf(mapOf(run.tool)?.driver) ?? {}
  const tool = sentence(textOf(driver.name) ?? spec.tool, 100)
  const rules = rulesOf(run)
  const outside: string[] = []
  const findings = readResults(run, rules, ground, outside, findsSecrets(tool) || findsSecrets(spec.tool))
  const id = textOf(mapOf(run.automationDetails)?.id)
  // The category ends at the last slash; what follows names the single run (3.17.3).
  const category = id?.includes('/') ? id.slice(0, id.lastIndexOf('/')) : undefined
  const commit = mapsOf(run.versionControlProvenance)
    .map((one) => textOf(one.revisionId))
    .find((one) => one !== undefined)
  const artifacts = Array.isArray(run.artifacts) ? run.artifacts.length : undefined
  return {
    ...defined({
      tool,
      toolVersion: textOf(driver.semanticVersion) ?? textOf(driver.version),
      category: spec.category ?? (category === '' ? undefined : category),
      commit,
      rules: rules.ids.length === 0 ? undefined : rules.ids,
      scanned: artifacts,
    }),
    findings,
    raw: run as SarifObject,
    flaws: [...runFlaws(tool, run), ...outsideFlaw({ tool }, outside)],
  }
}

function readResults(
  run: JsonMap,
  rules: Rules,
  ground: Ground,
  outside: string[],
  secrets: boolean,
): readonly ReadFinding[] {
  const overrides = levelOverrides(run)
  const abouts = new Map<JsonMap, ReadFinding['about']>()
  const findings: ReadFinding[] = []
  for (const [index, one] of listOf(run.results).entries()) {
    const result = mapOf(one)
    if (result === undefined || !counts(result)) continue
    const { id, rule } = rules.find(result)
    const place = resultPlace(result, run, ground)
    if (place.outside !== undefined) {
      outside.push(place.outside)
      continue
    }
    if (rule !== undefined && !abouts.has(rule)) abouts.set(rule, aboutOf(rule))
    const override =
      overrides.get(id) ??
      (typeof result.ruleIndex === 'number' ? overrides.get(result.ruleIndex) : undefined)
    const cwes = cwesOf(result, rule)
    const about = rule === undefined ? undefined : abouts.get(rule)
    const own = secrets
      ? secretOf(result, id, place.location, about)
      : {
          severity: severityOf(result, rule, override),
          message: sentence(messageOf(result, rule) ?? id),
          snippet: place.snippet,
          cwes: cwes.length === 0 ? undefined : cwes,
          whole: stringsOf(result.fingerprints),
          fingerprints: stringsOf(result.partialFingerprints),
        }
    findings.push(
      defined({
        rule: id,
        ...defined(own),
        location: place.location,
        formerRules: rule === undefined ? undefined : formerOf(rule),
        suppressed: suppressedBy(result),
        suppressedUntil: suppressedUntil(result),
        firstSeen: textOf(mapOf(result.provenance)?.firstDetectionTimeUtc),
        about,
        index,
      }),
    )
  }
  return findings
}

/** Their SARIF has no severity at all, and a leaked secret is used by whoever reads it first. */
function secretOf(
  result: JsonMap,
  rule: string,
  location: ReadFinding['location'],
  about: ReadFinding['about'],
) {
  const commit = commitPlace(result, defined({ rule, location }))
  return {
    severity: 'critical' as const,
    message: sentence(secretMessage(rule, about?.title)),
    cwes: ['CWE-798'],
    historic: commit === undefined ? undefined : true,
    whole: commit === undefined ? undefined : { 'commitPlace/v1': commit },
  }
}

/** `pass`, `notApplicable` and `informational` hold nothing against the code; `absent` results are gone. */
function counts(result: JsonMap): boolean {
  const kind = result.kind ?? 'fail'
  return (kind === 'fail' || kind === 'review' || kind === 'open') && result.baselineState !== 'absent'
}

function messageOf(result: JsonMap, rule: JsonMap | undefined): string | undefined {
  const message = mapOf(result.message) ?? {}
  const named = typeof message.id === 'string' ? mapOf(mapOf(rule?.messageStrings)?.[message.id]) : undefined
  const text = textOf(message.text) ?? textOf(message.markdown) ?? textOf(named?.text)
  const args = listOf(message.arguments)
  return text?.replaceAll(/\{(\d{1,3})\}/g, (whole, at: string) => textOf(args[Number(at)]) ?? whole)
}

function aboutOf(rule: JsonMap): ReadFinding['about'] {
  const title = textOf(mapOf(rule.shortDescription)?.text) ?? textOf(rule.name)
  return defined({
    title: title === undefined ? undefined : sentence(title, 200),
    helpUri: textOf(rule.helpUri),
  })
}

function formerOf(rule: JsonMap): readonly string[] | undefined {
  const ids = listOf(rule.deprecatedIds).flatMap((id) => textOf(id) ?? [])
  return ids.length === 0 ? undefined : ids
}

function stringsOf(value: unknown): Readonly<Record<string, string>> | undefined {
  const entries = Object.entries(mapOf(value) ?? {}).filter(
    (pair): pair is [string, string] => textOf(pair[1]) !== undefined,
  )
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/** Suppressed when there are suppressions and none of them is under review or rejected (3.35.3). */
function suppressedBy(result: JsonMap): 'source' | 'tool' | undefined {
  const all = mapsOf(result.suppressions)
  if (all.length === 0 || all.some(({ status }) => status === 'underReview' || status === 'rejected'))
    return undefined
  return all.some(({ kind }) => kind === 'inSource') ? 'source' : 'tool'
}

/** No field of the standard; the SDK of Microsoft keeps the end of a suppression there. The first end counts. */
function suppressedUntil(result: JsonMap): string | undefined {
  const ends = mapsOf(result.suppressions).flatMap((one) => textOf(mapOf(one.properties)?.expiryUtc) ?? [])
  return ends.sort()[0]
}

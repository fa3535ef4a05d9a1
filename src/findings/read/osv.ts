import { defined, type JsonMap, listOf, mapOf, mapsOf, sentence, textOf, textsOf } from '../json/access.ts'
import type { Severity } from '../types.ts'
import { placeOf } from './place.ts'
import { outsideFlaw, unreadableFlaw } from './report-flaws.ts'
import { cweOf, severityOfScore, severityOfWord, unscored } from './severity.ts'
import type { Ground, ReadFinding, ReadRun, ReportSpec } from './types.ts'

/** JSON of osv-scanner 1 and 2: results -> packages -> groups of ids that mean one weakness. */
export function readOsv(value: unknown, spec: ReportSpec, ground: Ground): ReadRun {
  const document = mapOf(value)
  const base = { tool: spec.tool, dependencies: true }
  if (document === undefined || !Array.isArray(document.results)) {
    const flaw = unreadableFlaw(spec, 'it has no list `results`, as osv-scanner writes it')
    return { ...base, findings: [], flaws: [flaw] }
  }
  const outside: string[] = []
  const sources: string[] = []
  const findings = mapsOf(document.results).flatMap((result) => {
    const path = textOf(mapOf(result.source)?.path)
    if (path === undefined) return mapsOf(result.packages).flatMap((one) => packageFindings(one, undefined))
    const place = placeOf(path, ground)
    if (place === 'outside') {
      outside.push(path)
      return []
    }
    sources.push(place.file)
    return mapsOf(result.packages).flatMap((one) => packageFindings(one, place.file))
  })
  return { ...base, findings, sources, scanned: sources.length, flaws: outsideFlaw(spec, outside) }
}

function packageFindings(entry: JsonMap, file: string | undefined): readonly ReadFinding[] {
  const about = mapOf(entry.package) ?? {}
  const name = textOf(about.name) ?? 'unknown'
  const version = textOf(about.version)
  const ecosystem = textOf(about.ecosystem) ?? ''
  const purl = `pkg:${purlType(ecosystem)}/${purlName(ecosystem, name)}`
  const advisories = new Map<string, JsonMap>(
    mapsOf(entry.vulnerabilities).flatMap((one) => {
      const id = textOf(one.id)
      return id === undefined ? [] : [[id, one] as const]
    }),
  )
  return groupsOf(entry, advisories).map((group) => {
    // A group names its ids, and beside them what other databases call the same weakness.
    const ids = [...new Set([...textsOf(group.ids), ...textsOf(group.aliases)])]
    const known = ids.map((id) => advisories.get(id)).filter((one) => one !== undefined)
    const rule = preferred(ids)
    const fixed = [...new Set(known.flatMap((one) => fixedVersions(one, name)))]
    const summary = known
      .map((one) => textOf(one.summary) ?? textOf(one.details))
      .find((text) => text !== undefined)
    const cwes = known
      .flatMap((one) => textsOf(mapOf(one.database_specific)?.cwe_ids))
      .flatMap((id) => cweOf(id) ?? [])
    const fix = fixed.length === 0 ? 'no fixed version is known' : `fixed in ${fixed.slice(0, 5).join(', ')}`
    return defined({
      rule,
      severity: severityOfGroup(ids, group, known),
      message: sentence(`${name} ${version ?? ''}: ${summary ?? rule} (${fix})`),
      location: file === undefined ? undefined : { file },
      cwes: cwes.length === 0 ? undefined : [...new Set(cwes)],
      fingerprints: { 'packageAdvisory/v1': `${purl}|${rule}` },
      formerRules: ids.filter((id) => id !== rule),
      about: { title: sentence(summary ?? rule, 200), helpUri: `https://osv.dev/${rule}` },
      package: defined({ purl, name, version }),
    })
  })
}

/** Reports of older releases, and some plugins, have no groups: then each advisory stands alone. */
function groupsOf(entry: JsonMap, advisories: ReadonlyMap<string, JsonMap>): readonly JsonMap[] {
  const groups = mapsOf(entry.groups).filter((group) => textsOf(group.ids).length > 0)
  const grouped = new Set(groups.flatMap((group) => textsOf(group.ids)))
  const alone = [...advisories.keys()].filter((id) => !grouped.has(id)).map((id) => ({ ids: [id] }))
  return [...groups, ...alone]
}

/** The name that stays: a database adds its own id to a group later than the CVE or GHSA was there. */
function preferred(ids: readonly string[]): string {
  const order = ['CVE-', 'GHSA-', 'MAL-']
  for (const prefix of order) {
    const found = ids.filter((id) => id.startsWith(prefix)).sort()[0]
    if (found !== undefined) return found
  }
  return [...ids].sort()[0] ?? 'unknown'
}

function severityOfGroup(ids: readonly string[], group: JsonMap, known: readonly JsonMap[]): Severity {
  // Malware has no score, and there is nothing to weigh up about it.
  if (ids.some((id) => id.startsWith('MAL-'))) return 'critical'
  const score = textOf(group.max_severity)
  const scored = score === undefined ? undefined : severityOfScore(Number(score))
  const worded = known
    .map((one) => severityOfWord(mapOf(one.database_specific)?.severity))
    .find((one) => one !== undefined)
  return scored ?? worded ?? unscored
}

function fixedVersions(advisory: JsonMap, name: string): readonly string[] {
  return mapsOf(advisory.affected)
    .filter((affected) => textOf(mapOf(affected.package)?.name) === name)
    .flatMap((affected) => mapsOf(affected.ranges))
    .flatMap((range) => listOf(range.events))
    .flatMap((event) => textOf(mapOf(event)?.fixed) ?? [])
    .filter((version) => !/^[0-9a-f]{40}$/.test(version))
}

const purlTypes: Readonly<Record<string, string>> = {
  npm: 'npm',
  pypi: 'pypi',
  go: 'golang',
  maven: 'maven',
  'crates.io': 'cargo',
  rubygems: 'gem',
  nuget: 'nuget',
  packagist: 'composer',
  hex: 'hex',
  pub: 'pub',
}

/** Type of a package URL for an ecosystem of osv.dev (`Debian:12` -> `deb`). */
export function purlType(ecosystem: string): string {
  const name = (ecosystem.split(':')[0] ?? '').toLowerCase()
  if (name === 'debian' || name === 'ubuntu') return 'deb'
  if (name === 'alpine') return 'apk'
  return purlTypes[name] ?? (name.replaceAll(/[^a-z0-9.+-]/g, '') || 'generic')
}

export function purlName(ecosystem: string, name: string): string {
  const parts = ecosystem.toLowerCase() === 'maven' ? name.replace(':', '/') : name
  return parts.split('/').map(encodeURIComponent).join('/')
}

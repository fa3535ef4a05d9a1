import type { Identified } from '../identity/identify.ts'
import { lineHashName } from '../identity/identify.ts'
import { normalName } from '../sarif/names.ts'
import type { LineMap } from './lines.ts'
import { pairUp } from './pairs.ts'

/** `tool-upgrade`: the code stood there before, and another version or another rule of the tool sees it now. */
export type Newness = 'new' | 'tool-upgrade' | 'known'

export interface MatchRun {
  readonly tool: string
  readonly category?: string
  readonly toolVersion?: string
  readonly rules?: readonly string[]
  readonly findings: readonly Identified[]
}

export interface Matched {
  readonly finding: Identified
  readonly newness: Newness
  /** The finding of the baseline that it is. */
  readonly before?: Identified
}

/** Each finding of now, in order, with what it was in the baseline. */
export function matchFindings(
  now: readonly MatchRun[],
  then: readonly MatchRun[],
  lines: LineMap,
): ReadonlyMap<Identified, Matched> {
  const groupsThen = grouped(then)
  const result = new Map<Identified, Matched>()
  for (const [key, group] of grouped(now)) {
    const before = groupsThen.get(key)
    const pairs = pairGroup(group, before, lines)
    for (const finding of group.findings) {
      const was = pairs.get(finding)
      const newness = was === undefined ? newnessOf(finding, group, before, lines) : 'known'
      result.set(finding, { finding, newness, ...(was === undefined ? {} : { before: was }) })
    }
  }
  return result
}

interface Group {
  readonly findings: Identified[]
  readonly versions: Set<string>
  readonly rules: Set<string>
  /** False when a run does not say which rules it has. */
  rulesKnown: boolean
}

/** By tool and category: a finding of one is never that of another, even where rules have the same name. */
function grouped(runs: readonly MatchRun[]): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>()
  for (const run of runs) {
    const key = `${normalName(run.tool)}\0${run.category ?? ''}`
    const group = groups.get(key) ?? { findings: [], versions: new Set(), rules: new Set(), rulesKnown: true }
    group.findings.push(...run.findings)
    if (run.toolVersion !== undefined) group.versions.add(run.toolVersion)
    for (const rule of run.rules ?? []) group.rules.add(rule)
    if (run.rules === undefined) group.rulesKnown = false
    groups.set(key, group)
  }
  return groups
}

function newnessOf(finding: Identified, now: Group, then: Group | undefined, lines: LineMap): Newness {
  if (then === undefined || finding.location === undefined) return 'new'
  const sameVersion = [...now.versions].sort().join() === [...then.versions].sort().join()
  const ruleIsNew = then.rulesKnown && now.rules.has(finding.rule) && !then.rules.has(finding.rule)
  if (sameVersion && !ruleIsNew) return 'new'
  return lines.stood(finding.location.file, finding.location.line) === true ? 'tool-upgrade' : 'new'
}

/** How far a finding may have moved within its file, after its lines were mapped, without any hash to know it by. */
const nearby = 3

interface StepOptions {
  readonly within?: number
  readonly anywhere?: boolean
  readonly pair?: (then: Identified, now: Identified) => boolean
}

/** From strict to loose; whoever is paired is out of the later steps. */
function pairGroup(
  group: Group,
  before: Group | undefined,
  lines: LineMap,
): ReadonlyMap<Identified, Identified> {
  const pairs = new Map<Identified, Identified>()
  if (before === undefined) return pairs
  const then = new Set(before.findings)
  const now = new Set(group.findings)
  const renamed = renames([...group.findings, ...before.findings])
  const rule = (one: Identified) => renamed.get(one.rule) ?? one.rule
  const path = (one: Identified) => (one.location === undefined ? '' : lines.pathNow(one.location.file))
  const lineThen = ({ location }: Identified) =>
    location?.line === undefined ? Number.NaN : lines.lineNow(location.file, location.line)
  const lineNow = ({ location }: Identified) => location?.line ?? Number.NaN
  const step = (part: (one: Identified) => string | undefined, options: StepOptions = {}) => {
    if (then.size === 0 || now.size === 0) return
    const { within = Number.POSITIVE_INFINITY, anywhere = false, pair = () => true } = options
    const keyed = (file: (one: Identified) => string) => (one: Identified) => {
      const value = part(one)
      return value === undefined ? undefined : `${rule(one)}\0${anywhere ? '' : file(one)}\0${value}`
    }
    pairUp(
      { left: then, side: { key: keyed(path), line: lineThen } },
      { left: now, side: { key: keyed((one) => one.location?.file ?? ''), line: lineNow } },
      { within, pair },
      (left, right) => pairs.set(right, left),
    )
  }
  // A whole fingerprint is the tool's own identity: where it says the same, the path does not matter.
  const byNames = (kind: Kind, anywhere: boolean) => {
    for (const { name, version, key } of names([...then, ...now], kind)) {
      const pair = (left: Identified, right: Identified) => !higher(left, right, kind, name, version)
      step((one) => one[kind]?.[key], { anywhere, pair })
    }
  }
  byNames('whole', true)
  // The hash of a line reaches over the next ones: of a line and its copy right below, the copy has the hash of then.
  // What stands where it stood is the old one all the same.
  step((one) => one.code, { within: 0 })
  byNames('fingerprints', false)
  step((one) => one.code)
  // Another secret in the place of one is another secret, however alike the messages are.
  step((one) => (one.cwes?.includes('CWE-798') === true ? undefined : one.shape), { within: nearby })
  return pairs
}

/** A rule that was renamed says so on one side: both names are then that of now. */
function renames(findings: readonly Identified[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { rule, formerRules } of findings) {
    for (const former of formerRules ?? []) if (!found.has(rule)) found.set(former, rule)
  }
  return found
}

type Kind = 'whole' | 'fingerprints'

/** The column alone: a part of CodeQL's pair of fingerprints that tells nothing apart. */
const ignored = 'primaryLocationStartColumnFingerprint'

/** All names with their versions: the line hash first, the newest version of a name first. */
function names(findings: readonly Identified[], kind: Kind) {
  const keys = new Set(findings.flatMap((one) => Object.keys(one[kind] ?? {})))
  return [...keys]
    .filter((key) => !key.startsWith(ignored))
    .map((key) => ({ ...split(key), key }))
    .sort(
      (a, b) =>
        rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : a.name > b.name ? 1 : b.version - a.version),
    )
}

function rank(name: string): number {
  return name === lineHashName ? 0 : 1
}

/** `name/v2` -> name and 2; SARIF 3.5.4.2 compares the greatest version that both have. */
function split(key: string): { readonly name: string; readonly version: number } {
  const [, name = key, version] = /^(.*)\/v(\d+)$/.exec(key) ?? []
  return { name, version: version === undefined ? 0 : Number(version) }
}

function higher(left: Identified, right: Identified, kind: Kind, name: string, version: number): boolean {
  const rights = right[kind] ?? {}
  return Object.keys(left[kind] ?? {}).some((key) => {
    if (!(key in rights)) return false
    const other = split(key)
    return other.name === name && other.version > version
  })
}

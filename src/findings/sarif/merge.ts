import { gzipSync } from 'node:zlib'
import type { GateRun } from '../gate/gate.ts'
import { lineHashName } from '../identity/identify.ts'
import { listOf, mapOf } from '../json/access.ts'
import type { Judged } from '../policy/judge.ts'
import { normalName } from './names.ts'
import { findsSecrets } from './secrets.ts'
import { type SarifObject, type SarifValue, toSarif } from './write.ts'

/** Bounds of an upload to code scanning (GitHub Docs, "SARIF support for code scanning"). */
const runsPerFile = 20
const locationsPerResult = 1_000
const uploadBytes = 10 * 1024 * 1024

export interface MergedFile {
  readonly name: string
  readonly text: string
  /** Over what GitHub takes once it is compressed. */
  readonly tooLarge: boolean
}

/**
 * One log of all runs, apart from each other: GitHub refuses two runs of one tool and category in an upload, so each gets
 * a category of its own. Results keep what their tool wrote; state, suppressions and the line hash are added.
 */
export function mergedSarif(
  runs: readonly GateRun[],
  judged: readonly Judged[],
  hasBaseline: boolean,
): readonly MergedFile[] {
  const byFinding = new Map(judged.map((one) => [one.finding, one]))
  const ids = new Set<string>()
  const objects = runs.map((run) => {
    const id = freeId(ids, `${run.category ?? `tuesday/${normalName(run.tool)}`}`)
    // A scanner of secrets may quote the secret anywhere: of its report nothing is handed on as it stood there.
    const asWritten = run.raw !== undefined && !findsSecrets(run.tool) && !findsSecrets(run.spec.tool)
    const from = (asWritten ? original : rewritten)(run, byFinding, hasBaseline)
    return { ...from, automationDetails: { ...mapOf(from.automationDetails), id: `${id}/` } } as SarifObject
  })
  const files: MergedFile[] = []
  for (let from = 0; from < objects.length || from === 0; from += runsPerFile) {
    const log = { ...toSarif([]), runs: objects.slice(from, from + runsPerFile) }
    const text = JSON.stringify(log)
    const name = from === 0 ? 'findings.sarif' : `findings-${from / runsPerFile + 1}.sarif`
    files.push({ name, text, tooLarge: gzipSync(text, { level: 1 }).length > uploadBytes })
  }
  return files
}

function freeId(taken: Set<string>, wanted: string): string {
  let id = wanted
  for (let count = 2; taken.has(id); count += 1) id = `${wanted}-${count}`
  taken.add(id)
  return id
}

function original(run: GateRun, judged: ReadonlyMap<unknown, Judged>, hasBaseline: boolean): SarifObject {
  const byIndex = new Map(run.findings.map((finding) => [finding.index, finding]))
  const results = listOf(run.raw?.results).map((one, index) => {
    const finding = byIndex.get(index)
    const result = mapOf(one) ?? {}
    const hash = finding?.fingerprints?.[lineHashName]
    return {
      ...result,
      locations: listOf(result.locations).slice(0, locationsPerResult),
      ...(hash === undefined
        ? {}
        : { partialFingerprints: { [lineHashName]: `${hash}:1`, ...mapOf(result.partialFingerprints) } }),
      ...stateOf(
        finding === undefined ? undefined : judged.get(finding),
        hasBaseline,
        listOf(result.suppressions),
      ),
    } as SarifObject
  })
  return { ...run.raw, results }
}

function rewritten(run: GateRun, judged: ReadonlyMap<unknown, Judged>, hasBaseline: boolean): SarifObject {
  const [written = {}] = toSarif([run]).runs
  const results = listOf(written.results).map((result, index) => {
    const finding = run.findings[index]
    const given =
      finding?.suppressed === undefined
        ? []
        : [{ kind: finding.suppressed === 'source' ? 'inSource' : 'external' }]
    const state = stateOf(finding === undefined ? undefined : judged.get(finding), hasBaseline, given)
    return { ...mapOf(result), ...state } as SarifObject
  })
  return { ...written, results }
}

/** All results carry a baselineState, or none does (3.27.24). */
function stateOf(
  judged: Judged | undefined,
  hasBaseline: boolean,
  given: readonly unknown[],
): Record<string, SarifValue> {
  const own = judged?.suppression
  const entry = own && {
    kind: 'external',
    status: 'accepted',
    justification: own.reason,
    properties: { owner: own.owner, expiryUtc: `${own.expires}T23:59:59Z` },
  }
  const suppressions = [...given, ...(entry === undefined ? [] : [entry])] as readonly SarifValue[]
  return {
    ...(hasBaseline
      ? { baselineState: judged === undefined || judged.newness === 'known' ? 'unchanged' : 'new' }
      : {}),
    ...(suppressions.length === 0 ? {} : { suppressions }),
  }
}

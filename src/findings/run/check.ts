import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { err, ok, type Result } from '../../release/index.ts'
import { type BaselineRun, writeBaseline } from '../gate/baseline.ts'
import { decideFindings, type GateAnswer, type GateRun } from '../gate/gate.ts'
import { grownFlaws } from '../gate/grown.ts'
import { identify } from '../identity/identify.ts'
import { noSource, type SourceView, viewOf } from '../identity/source.ts'
import { noLineMap } from '../match/lines.ts'
import { readPolicy } from '../policy/read.ts'
import { defaultPolicy, type Policy } from '../policy/schema.ts'
import { within } from '../read/place.ts'
import type { ReportSpec } from '../read/types.ts'
import { mergedSarif } from '../sarif/merge.ts'
import { baselineOf } from './before.ts'
import { baseMissing, pathOutside } from './faults.ts'
import { folderSource } from './files.ts'
import { type GitContext, hasCommit, headOf, lineMapFrom, writeFilesOf } from './git.ts'
import { policyText } from './policy-file.ts'
import { readReports } from './reports.ts'

export interface CheckRequest {
  readonly reports: readonly ReportSpec[]
  /** Reports of the same scanners on the commit that the change goes to. */
  readonly baseReports: readonly ReportSpec[]
  /** A baseline that an earlier run of this gate has written. */
  readonly baselineFile?: string
  readonly requireTools: readonly string[]
  readonly policyFile: string
  /** True lets the change bring its own policy: for trying one out. */
  readonly policyFromHead: boolean
  /** The commit that the change goes to; without it the checkout is the reviewed state. */
  readonly base?: string
  /** Other names of the judged commit. */
  readonly judged: readonly string[]
  /** Folder that stood for the checkout where the scan ran. */
  readonly sourceRoot?: string
  readonly temp: string
  readonly today: Date
}

export interface CheckResult {
  readonly answer: GateAnswer
  readonly commit: string
  readonly base?: string
  readonly hasBaseline: boolean
  readonly policyFrom: string
  /** Things to know that change no verdict. */
  readonly notes: readonly string[]
  /** Folder for an upload to code scanning. */
  readonly sarifFolder: string
  readonly baselineOut: string
}

/** Reads everything, decides, and writes the merged SARIF and the next baseline into the temporary folder. */
export async function checkFindings(
  context: GitContext,
  request: CheckRequest,
): Promise<Result<CheckResult>> {
  const head = await headOf(context)
  if (!head.ok) return head
  const { base } = request
  if (base !== undefined && !(await hasCommit(context, base))) return err(baseMissing(base))
  const policy = await policyOf(context, request, head.value.commit)
  if (!policy.ok) return policy

  const roots = [context.folder, ...(request.sourceRoot === undefined ? [] : [request.sourceRoot])]
  const places = { workspace: context.folder, temp: request.temp, ground: { roots } }
  const now = readReports(request.reports, places)
  if (!now.ok) return now
  const before = await baselineOf(context, request, places)
  if (!before.ok) return before
  const { baseline, proposed, flaws, notes } = before.value

  const out = await mkdtemp(join(request.temp, 'sast-gate-'))
  const from = baseline?.commit ?? base
  const reachable = from !== undefined && (from === base || (await hasCommit(context, from)))
  const thenFiles = filesOf([...(baseline?.runs ?? []), ...before.value.runs])
  const thenView =
    reachable && before.value.runs.length > 0 ? await viewAt(context, from, thenFiles, out) : noSource
  const source = viewOf(folderSource(context.folder))
  const runs = now.value.runs.map((run): GateRun => ({ ...run, findings: identify(run, source) }))
  const thenRuns: readonly BaselineRun[] | undefined =
    baseline === undefined && before.value.runs.length === 0
      ? undefined
      : [
          ...(baseline?.runs ?? []),
          ...before.value.runs.map((run) => ({ ...run, findings: identify(run, thenView) })),
        ]
  const lines = reachable
    ? await lineMapFrom(context, from, new Set([...thenFiles, ...filesOf(runs)]))
    : noLineMap

  const grown = proposed === undefined ? [] : grownFlaws(baseline?.runs ?? [], proposed.runs, lines)
  const answer = decideFindings({
    specs: request.reports,
    runs,
    flaws: [...now.value.flaws, ...flaws, ...grown],
    ...(thenRuns === undefined ? {} : { baseline: thenRuns }),
    requireTools: request.requireTools,
    commits: [head.value.commit, ...request.judged],
    tree: head.value.tree,
    lines,
    policy: policy.value.policy,
    today: request.today,
  })
  const written = await writeResults(
    out,
    answer,
    runs,
    head.value.commit,
    thenRuns !== undefined,
    request.today,
  )
  return ok({
    answer,
    commit: head.value.commit,
    ...(base === undefined ? {} : { base }),
    hasBaseline: thenRuns !== undefined,
    policyFrom: policy.value.from,
    notes: [...policy.value.notes, ...notes, ...written.notes],
    sarifFolder: written.sarifFolder,
    baselineOut: written.baselineOut,
  })
}

async function policyOf(
  context: GitContext,
  { policyFile, policyFromHead, base }: CheckRequest,
  head: string,
): Promise<Result<{ readonly policy: Policy; readonly from: string; readonly notes: readonly string[] }>> {
  const place = within(policyFile.replaceAll('\\', '/'))
  if (place === 'outside' || policyFile.startsWith('/')) return err(pathOutside(policyFile))
  const file = posix.normalize(place.file)
  const read = await policyText(context, { file, fromHead: policyFromHead, base, head })
  const { text, commit, notes } = read
  if (text === undefined) {
    const from = `no ${file} in ${commit.slice(0, 12)}: new findings that are high or critical block`
    return ok({ policy: defaultPolicy, from, notes })
  }
  const policy = readPolicy(text, file)
  return policy.ok ? ok({ policy: policy.value, from: `${file} of ${commit.slice(0, 12)}`, notes }) : policy
}

async function viewAt(
  context: GitContext,
  commit: string,
  files: ReadonlySet<string>,
  out: string,
): Promise<SourceView> {
  const folder = join(out, 'base')
  await mkdir(folder, { recursive: true })
  const there = await writeFilesOf(context, commit, [...files], folder)
  if (!there) return noSource
  return viewOf(folderSource(folder))
}

function filesOf(
  runs: readonly { readonly findings: readonly { readonly location?: { readonly file: string } }[] }[],
) {
  return new Set(runs.flatMap(({ findings }) => findings.flatMap(({ location }) => location?.file ?? [])))
}

async function writeResults(
  out: string,
  answer: GateAnswer,
  runs: readonly GateRun[],
  commit: string,
  hasBaseline: boolean,
  today: Date,
) {
  const sarifFolder = join(out, 'sarif')
  await mkdir(sarifFolder, { recursive: true })
  const files = mergedSarif(runs, answer.judged, hasBaseline)
  for (const { name, text } of files) await writeFile(join(sarifFolder, name), text)
  const seen = new Map(answer.judged.map((one) => [one.finding, one.firstSeen]))
  const baselineOut = join(out, 'findings-baseline.json')
  await writeFile(
    baselineOut,
    writeBaseline(commit, runs, (one) => seen.get(one) ?? today.toISOString()),
  )
  await rm(join(out, 'base'), { recursive: true, force: true })
  const large = files.filter(({ tooLarge }) => tooLarge).map(({ name }) => name)
  const notes =
    large.length === 0 ? [] : [`${large.join(', ')}: over the 10 MB that GitHub takes of an upload.`]
  return { sarifFolder, baselineOut, notes }
}

import { posix } from 'node:path'
import { type GitContext, hasCommit, headOf, policyText } from '../../findings/index.ts'
import { err, type Fault, ok, type Result } from '../../release/index.ts'
import { type FileReader, folderReader } from '../files.ts'
import type { PactAnswer } from '../pact/ask.ts'
import { commitReader, forkPoint, hasFile } from './commit-reader.ts'
import type { Deployed } from './deployed.ts'
import { baseMissing, swapped } from './faults.ts'
import { type ApprovalUse, type Baseline, createJudge, type Judged, merged, policyFor } from './judge.ts'
import { type Contract, openContract } from './kinds.ts'
import { defaultGatePolicy, type GatePolicy, readGatePolicy } from './policy.ts'
import type { ContractSpec } from './specs.ts'

export interface CheckRequest {
  readonly contracts: readonly ContractSpec[]
  /** The commit that the change goes to; without it only what is deployed is compared with. */
  readonly base?: string
  /** What the ledger says is running; without it only the base is compared with. */
  readonly deployed?: Deployed
  readonly allowNew: boolean
  readonly policyFile: string
  readonly policyFromHead: boolean
  readonly today: Date
  /** Folder for files of this run. */
  readonly temp: string
}

/** How a contract stands to one baseline. `missing` and `unreadable` leave it unknown. */
export interface Standing {
  readonly contract: string
  readonly baseline: Baseline
  readonly state: 'same' | 'compatible' | 'breaking' | 'new' | 'missing' | 'unreadable'
  readonly why?: string
  /** Ids of what going back to this version would break for who has begun to use the new one. */
  readonly rollbackUnsafe: readonly string[]
}

export interface CheckResult {
  readonly state:
    | 'compatible'
    | 'new'
    | 'breaking'
    | 'incomplete'
    | 'new-not-allowed'
    | 'pact-refused'
    | 'pact-unknown'
  readonly commit: string
  readonly base?: string
  readonly standings: readonly Standing[]
  readonly judged: readonly Judged[]
  readonly omitted: number
  readonly approvals: readonly ApprovalUse[]
  readonly policyFrom: string
  readonly notes: readonly string[]
  /** What a Pact Broker says, by environment; absent where none was asked. */
  readonly pact?: readonly PactAnswer[]
}

/** Reads every version that counts, compares, and decides. Nothing of the change decides on itself. */
export async function checkContracts(
  context: GitContext,
  request: CheckRequest,
): Promise<Result<CheckResult>> {
  const head = await headOf(context)
  if (!head.ok) return head
  const { commit } = head.value
  const { base } = request
  if (base !== undefined && !(await hasCommit(context, base))) return err(baseMissing(base))
  const fork = base === undefined ? undefined : await forkPoint(context, base)
  if (fork !== undefined && !fork.ok) return fork
  if (fork?.value.swapped === true) return err(swapped(base ?? '', commit))
  const policy = await policyOf(context, request, commit)
  if (!policy.ok) return policy
  const baselines = baselinesOf(fork?.value.commit, request.deployed)
  const judge = createJudge(policy.value.policy, request.today)
  const findings: Judged[] = []
  const standings: Standing[] = []
  const notes = new Set(policy.value.notes)
  let omitted = 0
  const checkout = folderReader(context.folder)
  const tools = { ...context, temp: request.temp }
  for (const spec of request.contracts) {
    const revision = await openContract(spec.kind, spec.path, checkout)
    if (!revision.ok) return revision
    const opened = createOpener(context, spec)
    for (const baseline of baselines) {
      const before = await opened(baseline.commit)
      const standing = { contract: spec.path, baseline, rollbackUnsafe: [] } as const
      if (before.kind === 'fault') {
        if (before.fault.blame === 'ours') return err(before.fault)
        standings.push({ ...standing, state: before.state, why: before.fault.cause })
        continue
      }
      if (before.kind === 'none') {
        standings.push({ ...standing, state: 'new' })
        continue
      }
      const by = policyFor(policy.value.policy, baseline.name, request.today)
      const compared = await before.contract.to(revision.value, by, tools)
      if (!compared.ok) return compared
      const back = baseline.role === 'base' ? undefined : await revision.value.to(before.contract, by, tools)
      if (back !== undefined && !back.ok) return back
      omitted += compared.value.omitted
      if (compared.value.swapped !== undefined) notes.add(`${spec.path}: ${compared.value.swapped}.`)
      const judged = compared.value.findings.map((finding) => judge.judge(finding, spec.path, baseline))
      findings.push(...judged)
      const blocking = judged.some(({ state }) => state === 'blocking')
      standings.push({
        contract: spec.path,
        baseline,
        state: blocking ? 'breaking' : compared.value.findings.length === 0 ? 'same' : 'compatible',
        rollbackUnsafe: unsafe(back?.value.findings ?? []),
      })
    }
  }
  for (const { environment, why } of request.deployed?.unknown ?? [])
    standings.push(...unknownStandings(request.contracts, environment, why))
  for (const environment of request.deployed?.empty ?? [])
    standings.push(...emptyStandings(request.contracts, environment))
  return ok({
    state: stateOf(standings, request.allowNew, policy.value.policy),
    commit,
    ...(base === undefined ? {} : { base }),
    standings,
    judged: merged(findings),
    omitted,
    approvals: judge.uses(),
    policyFrom: policy.value.from,
    notes: [...notes],
  })
}

function baselinesOf(fork: string | undefined, deployed: Deployed | undefined): readonly Baseline[] {
  const own: Baseline[] = fork === undefined ? [] : [{ name: 'base', role: 'base', commit: fork }]
  const running = (deployed?.versions ?? []).map(({ environment, role, commit, release }): Baseline => {
    return { name: environment, role, commit, release }
  })
  return [...own, ...running]
}

type Opened =
  | { readonly kind: 'contract'; readonly contract: Contract }
  | { readonly kind: 'none' }
  | { readonly kind: 'fault'; readonly state: 'missing' | 'unreadable'; readonly fault: Fault }

/** Reads a contract at a commit, each commit once: regions mostly run the same one. */
function createOpener(context: GitContext, spec: ContractSpec): (commit: string) => Promise<Opened> {
  const known = new Map<string, Promise<Opened>>()
  const open = async (commit: string): Promise<Opened> => {
    if (!(await hasCommit(context, commit))) {
      return { kind: 'fault', state: 'missing', fault: baseMissing(commit) }
    }
    for (const path of [spec.path, ...(spec.was === undefined ? [] : [spec.was])]) {
      if (!(await hasFile(context, commit, path))) continue
      const reader: FileReader = commitReader(context, commit)
      const opened = await openContract(spec.kind, path, reader)
      if (opened.ok) return { kind: 'contract', contract: opened.value }
      return { kind: 'fault', state: 'unreadable', fault: opened.fault }
    }
    return { kind: 'none' }
  }
  return (commit) => {
    const found = known.get(commit) ?? open(commit)
    known.set(commit, found)
    return found
  }
}

function unknownStandings(
  specs: readonly ContractSpec[],
  environment: string,
  why: string,
): readonly Standing[] {
  const baseline: Baseline = { name: environment, role: 'serving', commit: '' }
  return specs.map(({ path }) => ({ contract: path, baseline, state: 'missing', why, rollbackUnsafe: [] }))
}

function emptyStandings(specs: readonly ContractSpec[], environment: string): readonly Standing[] {
  const baseline: Baseline = { name: environment, role: 'serving', commit: '' }
  const why = 'nothing was ever deployed there'
  return specs.map(({ path }) => ({ contract: path, baseline, state: 'new', why, rollbackUnsafe: [] }))
}

/** Breaking is certain and comes first; what is not known is no pass; a first contract has to be allowed. */
function stateOf(
  standings: readonly Standing[],
  allowNew: boolean,
  policy: GatePolicy,
): CheckResult['state'] {
  const has = (...states: readonly Standing['state'][]): boolean =>
    standings.some(({ state }) => states.includes(state))
  const unsafe =
    policy.rollback === 'fail' && standings.some(({ rollbackUnsafe }) => rollbackUnsafe.length > 0)
  if (has('breaking') || unsafe) return 'breaking'
  if (has('missing', 'unreadable') || standings.length === 0) return 'incomplete'
  if (has('new')) return allowNew ? 'new' : 'new-not-allowed'
  return 'compatible'
}

function unsafe(findings: readonly { readonly id: string; readonly level: string }[]): readonly string[] {
  return [...new Set(findings.filter(({ level }) => level === 'error').map(({ id }) => id))].slice(0, 20)
}

async function policyOf(
  context: GitContext,
  { policyFile, policyFromHead, base }: CheckRequest,
  head: string,
): Promise<
  Result<{ readonly policy: GatePolicy; readonly from: string; readonly notes: readonly string[] }>
> {
  const file = posix.normalize(policyFile)
  const read = await policyText(context, { file, fromHead: policyFromHead, base, head })
  const { text, commit, notes } = read
  if (text === undefined) {
    return ok({ policy: defaultGatePolicy, from: `no ${file} in ${commit.slice(0, 12)}: defaults`, notes })
  }
  const policy = readGatePolicy(text, file)
  return policy.ok ? ok({ policy: policy.value, from: `${file} of ${commit.slice(0, 12)}`, notes }) : policy
}

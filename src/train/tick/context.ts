import type { Config, Environment, WorkloadConfig } from '../../config/index.ts'
import { type FileChange, type GitOpsRepo, readPins } from '../../gitops/index.ts'
import {
  appendEvents,
  type Ledger,
  type NewEvent,
  type Pins,
  readLedger,
  sha256,
} from '../../ledger/index.ts'
import {
  type Clock,
  type CommitSha,
  type Digest,
  err,
  type Fault,
  ok,
  type RegionFacts,
  type Result,
} from '../../release/index.ts'
import type { PinChange } from '../decision.ts'
import { fleetPaths } from './fleet.ts'
import { pinFiles } from './pin-files.ts'

/** Chart and values of one commit of the service repository, as changes of an environment's folder. */
export type ConfigFiles = (
  environment: Environment,
  commit: CommitSha,
  present: ReadonlyMap<string, string>,
  signal: AbortSignal,
) => Promise<Result<readonly FileChange[]>>

/** Whether an image proves where it came from, and is served where this environment pulls it from. */
export type ImageGate = (
  image: { readonly digest: Digest; readonly commit: CommitSha; readonly environment: string },
  signal: AbortSignal,
) => Promise<Result<void>>

/** Everything a tick touches comes in here; no other code of the train reads or writes the world. */
export interface TickContext {
  readonly config: Config
  readonly repo: GitOpsRepo
  readonly clock: Clock
  /** Who runs this, and whether `clock` is the machine's, checked, or one of a simulation. */
  readonly author: { readonly actor: string; readonly run: string; readonly clock: 'machine' | 'simulated' }
  readonly configFiles: ConfigFiles
  /** Asked before each pin forward; absent: the policy asks for nothing. */
  readonly imageGate?: ImageGate
  readonly signal: AbortSignal
}

/** The part of a cluster that `adopt`, `stage` and `observe` need. Facts that could not be read are absent in them. */
export interface ClusterPort {
  observe(environment: Environment, signal: AbortSignal): Promise<RegionFacts>
  /** Asks Argo CD to look at Git now. */
  refresh(environment: Environment, signal: AbortSignal): Promise<Result<void>>
  /** Gives a digest all traffic of a Rollout without a canary: only where no production traffic is. */
  promote(
    environment: Environment,
    workload: WorkloadConfig,
    digest: Digest,
    signal: AbortSignal,
  ): Promise<Result<void>>
}

export interface Wanted {
  readonly events: readonly NewEvent[]
  readonly pins?: readonly PinChange[]
}

export interface Committed<T> {
  readonly decided: T
  /** As it stands after this run. */
  readonly ledger: Ledger
  /** Absent when there was nothing to write. */
  readonly commit?: CommitSha
}

const tries = 5
/** The ledger may be a little ahead: it was written by another machine. */
const behindMs = 5 * 60_000

/**
 * Read, decide, commit on what was read. When somebody else was faster the decision is thrown away and made
 * anew from what they left; it is never rebased, because its reasons may be gone.
 */
export async function commitDecision<T extends Wanted>(
  context: TickContext,
  decide: (ledger: Ledger, now: Date) => Promise<Result<T>>,
): Promise<Result<Committed<T>>> {
  const { repo, config, clock, author, signal } = context
  const paths = pathsOf(config)
  for (let attempt = 1; attempt <= tries; attempt++) {
    signal.throwIfAborted()
    const read = await readLedger(repo, config.service, paths, signal)
    if (!read.ok) return read
    const ledger = read.value
    const now = clock.now()
    const wrong = clockFault(ledger, now, author.clock)
    if (wrong !== undefined) return err(wrong)
    const decided = await decide(ledger, now)
    if (!decided.ok) return decided
    if (decided.value.events.length === 0) return ok({ decided: decided.value, ledger })
    const files = await allPinFiles(context, ledger, decided.value.pins ?? [])
    if (!files.ok) return files
    if (files.value !== 'moved') {
      const append = { events: decided.value.events, author: { at: now, ...author }, files: files.value }
      const outcome = await appendEvents(repo, ledger, append, signal)
      if (!outcome.ok) return outcome
      if (outcome.value.kind === 'committed') {
        return ok({ decided: decided.value, ledger: outcome.value.ledger, commit: outcome.value.commit })
      }
    }
    if (attempt < tries) await clock.sleep(backoffMs(author.run, ledger.snapshot.head, attempt), signal)
  }
  return err({
    blame: 'world',
    reason: 'ledger-conflict',
    cause: `Another commit came first in each of ${tries} tries; nothing was written.`,
    likely: 'Many services share the GitOps branch and commit at this moment.',
    next: 'Run it again; the next tick decides anew.',
  })
}

/** What a decision looks at in the GitOps repository besides the ledger, all of one commit. */
export function pathsOf(config: Config): readonly string[] {
  const pins = Object.values(config.environments).map((e) => e.gitops.pins)
  return [...pins, ...fleetPaths(config.train.notBeside ?? [])]
}

/** Spread without a random source, so that a run can be repeated: different runs wait differently long. */
function backoffMs(run: string, head: string, attempt: number): number {
  const spread = Number.parseInt(sha256(`${run} ${head} ${attempt}`).slice(0, 8), 16) / 0xffffffff
  return Math.round(100 * 2 ** attempt * (0.5 + spread))
}

function clockFault({ state }: Ledger, now: Date, kind: 'machine' | 'simulated'): Fault | undefined {
  if (state.clock !== undefined && state.clock !== kind) {
    return {
      blame: 'user',
      reason: 'ledger-clock-differs',
      cause: `This ledger was begun with a ${state.clock} clock, this run has a ${kind} one.`,
      likely: 'A rehearsal and real releases share one GitOps branch.',
      next: 'Use a branch of its own for rehearsals.',
    }
  }
  if (state.lastAt !== undefined && now.getTime() < Date.parse(state.lastAt) - behindMs) {
    return {
      blame: 'world',
      reason: 'clock-skewed',
      cause: `It is ${now.toISOString()} here, but the ledger ends at ${state.lastAt}.`,
      likely: 'The clock of this machine, or of the one that wrote last, is wrong.',
      next: 'Correct the clock; nothing was written.',
    }
  }
  return undefined
}

async function allPinFiles(
  context: TickContext,
  ledger: Ledger,
  changes: readonly PinChange[],
): Promise<Result<readonly FileChange[] | 'moved'>> {
  const files: FileChange[] = []
  for (const change of changes) {
    const one = await pinFiles(context, ledger, change)
    if (!one.ok) return one
    if (one.value === 'moved') return ok('moved')
    files.push(...one.value)
  }
  return ok(files)
}

/** The pins of an environment at the head that the ledger was read from; absent = no file, or not readable. */
export function pinsAt(ledger: Ledger, environment: Environment): Pins | undefined {
  const text = ledger.snapshot.files.get(environment.gitops.pins)
  const pins = text === undefined ? undefined : readPins(text, environment.gitops.pins)
  if (pins === undefined || !pins.ok) return undefined
  const workloads: Record<string, Digest> = Object.fromEntries(pins.value.digests)
  return { configSha: pins.value.configSha, workloads }
}

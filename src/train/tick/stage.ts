import { type Environment, environment } from '../../config/index.ts'
import { type ReleaseState, regionOf, releaseOf, type SchemaClaims } from '../../ledger/index.ts'
import {
  type CommitSha,
  type Digest,
  err,
  type Fault,
  type GateResult,
  ok,
  type RegionFacts,
  type Result,
} from '../../release/index.ts'
import type { PinChange } from '../decision.ts'
import { pinDifference } from '../drift.ts'
import { carried } from '../gates.ts'
import * as people from '../people.ts'
import { serving } from '../serving.ts'
import { unreadable } from './adopt.ts'
import {
  type ClusterPort,
  type Committed,
  commitDecision,
  pinsAt,
  type TickContext,
  type Wanted,
} from './context.ts'
import { join } from './next.ts'

export interface StageWish {
  readonly environment: string
  readonly digest: Digest
  readonly configSha: CommitSha
  readonly sourceSha: CommitSha
  readonly author: string
  readonly incident?: NonNullable<ReleaseState['incident']>
  /** What the release says of the schema; absent without migrations. */
  readonly claims?: SchemaClaims
  /** How long to wait for staging to serve it; 0 = look once. */
  readonly waitMs: number
}

export interface Staged extends Wanted {
  readonly id: string
  readonly why: string
  /** `pass` once every workload of staging serves the digest. */
  readonly proof: GateResult
}

/** Argo CD needs a moment or some minutes: looked for often at first, then once a second. */
const firstLookMs = 100
const lookMs = 1_000

/** Pins staging and proves the digest there. Again for the same artifact: goes on where it was. */
export async function stage(
  context: TickContext,
  cluster: ClusterPort,
  wish: StageWish,
): Promise<Result<Committed<Staged>>> {
  const { config, clock, signal } = context
  const found = environment(config, wish.environment)
  if (!found.ok) return found
  if (found.value.production) return err(isProduction(found.value))
  const image = { digest: wish.digest, commit: wish.sourceSha, environment: found.value.name }
  const proven = await context.imageGate?.(image, signal)
  if (proven?.ok === false) return proven
  const before = await cluster.observe(found.value, signal)
  const dark = unreadable(found.value, before)
  if (dark !== undefined) return err(dark)
  const pinned = await pin(context, found.value, wish)
  if (!pinned.ok) return pinned
  const { id } = pinned.value.decided
  const refreshed = await cluster.refresh(found.value, signal)
  if (!refreshed.ok) return refreshed
  const deadline = clock.now().getTime() + wish.waitMs
  let revision = before.application?.revision
  for (let pauseMs = firstLookMs; ; pauseMs = Math.min(2 * pauseMs, lookMs)) {
    const facts = await cluster.observe(found.value, signal)
    const last = clock.now().getTime() + pauseMs > deadline
    const carries = facts.application?.revision !== revision
    // Git has the last word, but a cluster that shows the old state on the commit of before needs none.
    if (last || carries || shows(context, pinned.value, found.value, facts)) {
      const proven = await prove(context, found.value, id, facts)
      if (!proven.ok || last || proven.value.decided.proof.verdict === 'pass') return proven
      revision = facts.application?.revision
    }
    const moved = await promotePaused(context, cluster, found.value, wish.digest, facts)
    if (!moved.ok && moved.fault.blame === 'user') return moved
    await clock.sleep(pauseMs, signal)
  }
}

/** Whether everything but the history of Git says that staging serves what it was pinned to. */
function shows(
  { config }: TickContext,
  { ledger }: Committed<Pinned>,
  { name }: Environment,
  facts: RegionFacts,
): boolean {
  const pins = regionOf(ledger.state, name)?.pins
  const workloads = config.workloads.map((w) => w.name)
  return pins !== undefined && serving(facts, { pins, workloads, carriesPin: true }).verdict === 'pass'
}

/** The chart's pauses are there for production; nobody judges a canary on staging. */
async function promotePaused(
  { config, signal }: TickContext,
  cluster: ClusterPort,
  staging: Environment,
  digest: Digest,
  facts: RegionFacts,
): Promise<Result<void>> {
  for (const workload of config.workloads) {
    const seen = facts.workloads?.find((w) => w.name === workload.name)
    if (seen?.kind !== 'Rollout' || seen.state !== 'paused' || seen.desired !== digest) continue
    const done = await cluster.promote(staging, workload, digest, signal)
    if (!done.ok) return done
  }
  return ok(undefined)
}

type Pinned = Wanted & { readonly id: string; readonly pins: readonly PinChange[] }

function pin(
  context: TickContext,
  staging: Environment,
  wish: StageWish,
): Promise<Result<Committed<Pinned>>> {
  return commitDecision(context, async (ledger) => {
    const { name } = staging
    const known = regionOf(ledger.state, name)?.pins
    const drift = known && pinDifference(name, known, pinsAt(ledger, staging))
    if (drift !== undefined) return err(drifted(drift))
    const staged = people.stage(ledger.state, context.config, wish, {
      region: name,
      head: ledger.snapshot.head,
    })
    if (!staged.ok) return staged
    const { events, id, pins } = staged.value
    return ok({ events, id, pins: pins === undefined ? [] : [{ region: name, pins }] })
  })
}

/** Writes down what one look proves. */
async function prove(
  context: TickContext,
  staging: Environment,
  id: string,
  facts: RegionFacts,
): Promise<Result<Committed<Staged>>> {
  const { config } = context
  const { name } = staging
  return commitDecision(context, async (ledger) => {
    const region = regionOf(ledger.state, name)
    const release = releaseOf(ledger.state, id)
    if (region?.pins === undefined || release === undefined || `r${ledger.state.releaseCount}` !== id) {
      return err(overtaken(id))
    }
    const view = (await join(context, ledger, { regions: new Map([[name, facts]]) })).regions.get(name)
    const workloads = config.workloads.map((w) => w.name)
    const proof = serving(facts, { pins: region.pins, workloads, carriesPin: carried(region, view) })
    const fresh = proof.verdict === 'pass' && release.stagingVerifiedAt === undefined
    const why =
      proof.verdict === 'pass' ? `${name} serves ${id}` : `${name} does not serve ${id} yet: ${proof.why}`
    const verified = { type: 'staging-verified', region: name, release: id } as const
    return ok({ events: fresh ? [verified] : [], id, why, proof })
  })
}

function isProduction({ name }: Environment): Fault {
  return {
    blame: 'user',
    reason: 'environment-unknown',
    cause: `${name} is a region of production; a release is staged where \`production\` is false.`,
    next: 'Name the staging environment of tuesday.yaml.',
  }
}

export function drifted(drift: string): Fault {
  return {
    blame: 'user',
    reason: 'pin-drift',
    cause: `${drift}.`,
    likely: 'Somebody committed to the pins file by hand, or an image automation did.',
    next: 'Revert that commit, or adopt what serves; nothing was overwritten.',
  }
}

function overtaken(id: string): Fault {
  return {
    blame: 'user',
    reason: 'not-staged',
    cause: `A newer release took the place of ${id} on staging.`,
    likely: 'Another run staged at the same time.',
    next: 'Go on with the newer release, or stage this one again.',
  }
}

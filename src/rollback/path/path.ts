import type { LiveState, Pod } from '../../cluster/index.ts'
import { isReady, viewOf } from '../../cluster/index.ts'
import { type Ask, armOf, type Case, type CaseName, caseOf } from './case.ts'

/**
 * `apply` puts the template of the target's ReplicaSet back past Git; `pin` is the commit and the refresh of Argo CD;
 * `promote-full` follows once the controller has observed the old template (before that it is lost or wiped).
 */
export type Move = 'abort' | 'unpause' | 'apply' | 'pin' | 'promote-full' | 'prove'

export interface Path {
  readonly case: Case
  readonly moves: readonly Move[]
  /** From the start to all traffic on the target. */
  readonly seconds: number
  /** Each pod of the old release that has to start first is limited by its own start. */
  readonly limit: string
}

/** Measured on real controllers: an API write acts within this, and a pin through Argo CD within that. */
const DIRECT_SECONDS = 1
const PINNED_SECONDS = 4

/** An abort moves no traffic after a cut-over, and none while stable pods have to be started first. */
const aborted: readonly CaseName[] = ['canary-routed', 'canary-pods', 'preview']
const nothingToDo: readonly CaseName[] = ['served']

/** The sequence that works in the state that stands. Pure. */
export function pathOf(live: LiveState, ask: Ask): Path {
  const found = caseOf(live, ask)
  const { name } = found
  const moves: Move[] = []
  if (aborts(live, ask, name)) moves.push('abort')
  // A paused canary is not scaled even when it is aborted; a paused old template is not rolled out.
  if (live.pausedByPerson && name !== 'served') moves.push('unpause')
  if (!ask.healed && armOf(live, ask.target) !== undefined && live.specDigest === ask.bad) moves.push('apply')
  moves.push('pin')
  if (viewOf(live) !== undefined && !nothingToDo.includes(name) && walks(live, ask, name))
    moves.push('promote-full')
  moves.push('prove')
  const pods = startsOf(live, ask, name)
  const first = moves.includes('apply') || moves.includes('abort') ? DIRECT_SECONDS : PINNED_SECONDS
  const start = podSeconds(live)
  const seconds = name === 'served' ? 0 : Math.ceil(first + pods.rounds * start)
  return { case: found, moves, seconds, limit: limitOf(name, pods.rounds, start, ask) }
}

export function aborts(live: LiveState, { bad }: Ask, name: CaseName): boolean {
  return aborted.includes(name) && live.specDigest === bad
}

/** A template that was stable just now skips the steps by itself (a quick revert), all others walk them. */
function walks(live: LiveState, { target }: Ask, name: CaseName): boolean {
  // The first release of a Rollout runs no steps.
  if (viewOf(live) === undefined || name === 'first') return false
  if (name === 'on-its-way') return live.inFlight
  if (live.inFlight && live.old?.digest === target) return false
  return !(live.kind === 'canary' && live.rollbackWindow > 0 && name === 'promoted-warm')
}

/** How many times pods have to start one after the other before all traffic can be on the target. */
function startsOf(live: LiveState, { target }: Ask, name: CaseName): { readonly rounds: number } {
  if (name === 'served' || name === 'preview' || name === 'canary-routed') return { rounds: 0 }
  const arm = armOf(live, target)
  const missing = Math.max(0, live.replicas - (arm?.ready ?? 0))
  if (missing === 0) return { rounds: 0 }
  if (live.kind === 'blue-green' || (live.kind === 'canary' && live.router !== 'none')) return { rounds: 1 }
  const spare = count(live.surge.maxUnavailable, live.replicas, Math.floor)
  // What may be missing is taken away at once; the traffic is then on the old pods that stand.
  if (live.kind === 'canary' && spare > 0 && live.inFlight) return { rounds: 0 }
  const step = Math.max(1, spare + count(live.surge.maxSurge, live.replicas, Math.ceil))
  return { rounds: Math.ceil(missing / step) }
}

export function count(value: number | string, replicas: number, round: (n: number) => number): number {
  if (typeof value === 'number') return value
  const percent = Number.parseFloat(value)
  return Number.isFinite(percent) ? round((replicas * percent) / 100) : 0
}

/** A pod that lost its readiness and found it again shows that as its start; none is believed to take longer. */
const LONGEST_START_SECONDS = 600

/** How long the pods that stand now took to start, from creation to readiness: the median. */
export function podSeconds(live: LiveState): number {
  const starts = live.pods
    .filter(isReady)
    .map(startOf)
    .filter((seconds) => seconds <= LONGEST_START_SECONDS)
    .toSorted((a, b) => a - b)
  return starts[Math.floor(starts.length / 2)] ?? 0
}

function startOf({ metadata, status }: Pod): number {
  const ready = status?.conditions?.find((each) => each.type === 'Ready')?.lastTransitionTime
  const seconds = (Date.parse(ready ?? '') - Date.parse(metadata.creationTimestamp ?? '')) / 1000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0
}

function limitOf(name: CaseName, rounds: number, start: number, { healed }: Ask): string {
  if (name === 'served') return 'nothing'
  if (name === 'flagger') return 'the analysis of Flagger, which walks back by its own weights'
  if (name === 'gone') return `${healed ? 'Git and Argo CD' : 'Git'}, then the start of every old pod`
  if (rounds > 0)
    return `the start of old pods: ${rounds} x ${start.toFixed(0)} s as measured on those that stand`
  if (aborted.includes(name)) return 'the controller'
  return healed ? 'Git and Argo CD' : 'the controller'
}

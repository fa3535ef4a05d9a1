import {
  type Kube,
  type LiveState,
  nudgeAbort,
  nudgePromoteFull,
  nudgeUnpause,
  readLiveState,
  until,
  viewOf,
  type WorkloadRef,
  writeTemplate,
} from '../../cluster/index.ts'
import { type Clock, err, type Fault, ok, type Result, shortDigest } from '../../release/index.ts'
import { type Ask, armOf, shareOf } from './case.ts'
import { type Next, nextMove, type Pinned, type Sent } from './next.ts'
import type { Move } from './path.ts'

export interface SettleContext {
  readonly kube: Kube
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told of every write, before the run goes on. */
  readonly note: (text: string) => void
}

export interface SettleOptions {
  /** Asked at every look: whether Argo CD heals is read while the first ones are taken. */
  readonly ask: () => Ask
  /** Told of the state that stood, before anything is written. */
  readonly found: (live: LiveState, ask: Ask) => void
  /** Read at every look: the pin is written and carried while this goes on. */
  readonly pinned: () => Pinned
  /** Bound until the target serves. */
  readonly withinMs: number
  /** The target has to serve for this long without a break. */
  readonly steadyMs: number
}

export interface Settled {
  /** From the start until the target served, and did from then on. */
  readonly seconds: number
  /** From the start until the bad digest had no traffic, where an abort was sent. */
  readonly abortSeconds?: number
  readonly sent: readonly Move[]
}

/** A cluster that answers nothing for this long is given up, so that the regions after it get their turn. */
const SILENT_MS = 15_000

/**
 * While a stable pod behind a router is not ready the weight flaps 6-8 times a second, one sixth of the time on the
 * bad side: one good look proves nothing.
 */
const STEADY_UNREADY_MS = 1_500

type Step = Result<true>

/** Looks, lets `nextMove` say what the state asks for, writes that, and looks again until the target serves. */
export async function settle(
  context: SettleContext,
  namespace: string,
  workload: WorkloadRef,
  options: SettleOptions,
): Promise<Result<Settled>> {
  const { kube, clock, signal } = context
  const start = clock.now().getTime()
  const sent: Partial<Record<Move, { at: number; times: number }>> = {}
  const order: Move[] = []
  let servedSince: number | undefined
  let abortedAt: number | undefined
  let answeredAt = start
  let last = 'nothing was read yet'
  let looks = 0

  const outcome = await until<Step>({ clock, signal, withinMs: options.withinMs, everyMs: 100 }, async () => {
    const read = await readLiveState(kube, namespace, workload, signal)
    const now = clock.now().getTime()
    if (!read.ok) {
      last = read.fault.cause
      return read.fault.blame === 'user' || now - answeredAt >= SILENT_MS ? err(read.fault) : undefined
    }
    answeredAt = now
    const live = read.value
    const ask = options.ask()
    if (looks++ === 0) options.found(live, ask)
    if (sent.abort !== undefined && shareOf(live, ask.bad) === 0) abortedAt ??= now
    const next = nextMove(live, ask, sent, options.pinned(), now)
    if (next.do === 'served') {
      servedSince ??= now
      return now - servedSince >= steadyOf(live, options.steadyMs) ? ok(true) : undefined
    }
    servedSince = undefined
    last = saying(live, next)
    if (next.do === 'wait')
      return options.pinned().refused === true && stuck(live, ask) ? err(left(last)) : undefined
    const written = await write(context, namespace, workload, live, next.do, ask, sent)
    const at = clock.now().getTime()
    // A changed object is read again at once; everything else waits for its effect.
    if (written === 'changed') return undefined
    sent[next.do] = { at, times: (sent[next.do]?.times ?? 0) + 1 }
    if (written !== 'done') {
      last = written.cause
      return written.blame === 'user' && next.do !== 'apply' ? err(written) : undefined
    }
    order.push(next.do)
    context.note(`${workload.name}: ${words[next.do]} after ${((at - start) / 1000).toFixed(1)} s`)
    return undefined
  })
  if (outcome === undefined) return err(notServed(workload.name, options.ask(), last))
  if (!outcome.ok) return outcome
  const since = ((servedSince ?? start) - start) / 1000
  return ok({
    seconds: since,
    sent: order,
    ...(abortedAt === undefined ? {} : { abortSeconds: Math.max(1, abortedAt - start) / 1000 }),
  })
}

const words: Readonly<Record<Exclude<Move, 'pin' | 'prove'>, string>> = {
  abort: 'aborted',
  unpause: 'spec.paused taken away',
  apply: 'the old template applied',
  'promote-full': 'full promotion sent',
}

async function write(
  { kube, signal }: SettleContext,
  namespace: string,
  workload: WorkloadRef,
  live: LiveState,
  move: Exclude<Move, 'pin' | 'prove'>,
  ask: Ask,
  sent: Sent,
): Promise<'done' | 'changed' | Fault> {
  const target = { namespace, ...workload }
  const before = sent[move]?.times ?? 0
  const arm = armOf(live, ask.target)
  const answer = await {
    abort: () => nudgeAbort({ kube, signal }, target, before),
    'promote-full': () => nudgePromoteFull({ kube, signal }, target, before),
    unpause: () => nudgeUnpause({ kube, signal }, target),
    apply: () => (arm === undefined ? undefined : writeTemplate({ kube, signal }, target, arm.replicaSet)),
  }[move]()
  if (answer === undefined) return 'changed'
  if (answer.ok) return 'done'
  return answer.fault.status === 409 || answer.fault.status === 422 ? 'changed' : answer.fault
}

function steadyOf(live: LiveState, steadyMs: number): number {
  const routed = live.kind === 'canary' && live.router !== 'none'
  const unready = live.fresh?.complete === false
  return routed && unready ? Math.max(steadyMs, STEADY_UNREADY_MS) : steadyMs
}

/** Nothing that this run may still write would help: what an abort could do is done. */
function stuck(live: LiveState, ask: Ask): boolean {
  const view = viewOf(live)
  const abortPending =
    view !== undefined && view.abortedAt === undefined && live.inFlight && shareOf(live, ask.bad) > 0
  return ask.healed && live.specDigest !== ask.target && !abortPending
}

function saying(live: LiveState, next: Next): string {
  const shares = live.routed.served.map(
    ({ digest, share }) => `${shortDigest(digest)} ${Math.round(share * 100)} %`,
  )
  const dark = live.routed.dark > 0 ? [`nothing ${Math.round(live.routed.dark * 100)} %`] : []
  const why = next.do === 'wait' ? next.why : next.do
  return `${live.name} serves ${[...shares, ...dark].join(', ') || 'nothing'} (${why})`
}

function left(last: string): Fault {
  return {
    blame: 'world',
    reason: 'rollback-not-proved',
    cause: last,
    likely: 'Git refused the pin, and with self-heal on nothing else would stay.',
    next: 'Make the pin possible, or switch self-heal of the Application off, then run the rollback again.',
  }
}

function notServed(name: string, { target }: Ask, last: string): Fault {
  return {
    blame: 'world',
    reason: 'serving-not-proved',
    cause: `${name} does not serve ${shortDigest(target)} at 100 %: ${last}.`,
    likely: 'Old pods do not become ready, or the controller or Argo CD is down.',
    next: 'Look at the pods of the old ReplicaSet and at the Application, then run the rollback again.',
  }
}

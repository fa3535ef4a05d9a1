import { err, type Fault, type Fetch, ok, type Result, shortDigest } from '../../release/index.ts'
import type { LiveFlagger } from '../live.ts'
import { readLiveState } from '../live.ts'
import type { AbortOptions } from './abort.ts'
import { type MoveContext, type Moved, type MoveFault, type RolloutTarget, sendLog } from './move.ts'
import { until } from './until.ts'

/** The gate behind the hook `type: rollback` of a Canary, as Flagger's load tester has it at /rollback/. */
export interface FlaggerGate {
  /** From now on the hook says: roll back. */
  open(canary: string, namespace: string, signal: AbortSignal): Promise<Result<true>>
  close(canary: string, namespace: string, signal: AbortSignal): Promise<Result<true>>
}

const ANSWER_WITHIN_MS = 10_000

/** `url` is what stands before `/open` and `/close`, e.g. https://gates.example.com/rollback. */
export function httpFlaggerGate(fetch: Fetch, url: string): FlaggerGate {
  const post = async (what: string, canary: string, namespace: string, signal: AbortSignal) => {
    const to = `${url.replace(/\/$/, '')}/${what}`
    try {
      const answer = await fetch(to, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: canary, namespace }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      })
      await answer.body?.cancel()
      return answer.ok ? ok(true as const) : err(refused(to, `answered ${answer.status}`))
    } catch (error) {
      signal.throwIfAborted()
      return err(refused(to, error instanceof Error ? error.message : String(error)))
    }
  }
  return {
    open: (canary, namespace, signal) => post('open', canary, namespace, signal),
    close: (canary, namespace, signal) => post('close', canary, namespace, signal),
  }
}

/** The first look of a Canary after the hook was opened, and two that may fail. */
const LOOKS = 3

/**
 * Stops a canary of Flagger by its documented way: the rollback hook, which Flagger asks at each look of its analysis.
 * Nothing of the cluster is written. The hook is closed again in any case: left open, it would end the next release too.
 */
export async function stopFlagger(
  context: MoveContext & { readonly gate: FlaggerGate },
  target: RolloutTarget,
  { digest, withinMs }: AbortOptions,
): Promise<Result<Moved, MoveFault>> {
  const { kube, clock, signal, gate } = context
  const { namespace, name, container } = target
  const read = async (): Promise<Result<LiveFlagger, Fault>> => {
    const live = await readLiveState(kube, namespace, { name, container, kind: 'Deployment' }, signal)
    if (!live.ok) return err(live.fault)
    return live.value.kind === 'flagger' ? ok(live.value) : err(notStoppable(name, 'has no Canary any more'))
  }
  const first = await read()
  if (!first.ok) return err(first.fault)
  const { canary, phase, stoppable, specDigest, intervalMs } = first.value
  if (specDigest !== digest) return err(superseded(name, shortDigest(digest)))
  if (!stoppable) return err(notStoppable(name, `is in phase ${phase}`))

  const log = sendLog(clock)
  try {
    let opened: Fault | undefined
    const bound = withinMs ?? LOOKS * intervalMs + 30_000
    const everyMs = 500
    const ended = await until<Result<string, Fault>>(
      { clock, signal, withinMs: bound, everyMs },
      async () => {
        const live = await read()
        if (!live.ok) return live.fault.blame === 'world' ? undefined : err(live.fault)
        if (live.value.specDigest !== digest) return err(superseded(name, shortDigest(digest)))
        if (live.value.phase === 'Failed' && log.sent.length > 0) {
          return ok(`Flagger has failed the canary; ${shortDigest(digest)} serves ${live.value.weight} %`)
        }
        if (!live.value.stoppable) return err(notStoppable(name, `went on to phase ${live.value.phase}`))
        // The gate of the load tester is kept in memory: after a restart it is shut again.
        if (log.sent.length === 0 || log.seconds() * 1_000 >= log.sent.length * intervalMs) {
          const answer = await gate.open(canary, namespace, signal)
          if (answer.ok) log.note('rollback hook opened')
          opened = answer.ok ? undefined : answer.fault
        }
        return opened === undefined ? undefined : err(opened)
      },
    )
    if (ended === undefined) return err({ ...notEffective(name, log.sent.length), sent: log.sent })
    return ended.ok
      ? ok({ sent: log.sent, seconds: log.seconds(), seen: ended.value })
      : err({ ...ended.fault, sent: log.sent })
  } finally {
    // With a signal of its own: a cancelled job closes it as well. A gate that is away now keeps nothing open.
    if (log.sent.length > 0) await gate.close(canary, namespace, AbortSignal.timeout(ANSWER_WITHIN_MS))
  }
}

function refused(url: string, why: string): Fault {
  return {
    blame: 'world',
    reason: 'flagger-gate-refused',
    cause: `${url} ${why}.`,
    likely:
      'The address is not that of the gate behind the rollback hook, or this runner has no route to it.',
    next: 'Compare `flagger-rollback-url` with the webhook of type `rollback` in the Canary.',
  }
}

function notStoppable(name: string, what: string): Fault {
  return {
    blame: 'world',
    reason: 'flagger-not-stopped',
    cause: `The Canary of ${name} ${what}: Flagger asks its rollback hook only while it analyses.`,
    next: 'Run the rollback action: it pins the last verified digest.',
  }
}

function superseded(name: string, digest: string): Fault {
  return {
    blame: 'world',
    reason: 'rollout-superseded',
    cause: `Deployment ${name} does not ask for ${digest} any more.`,
    next: 'Read it again and decide anew.',
  }
}

function notEffective(name: string, opened: number): Fault {
  return {
    blame: 'world',
    reason: 'flagger-stop-not-effective',
    cause: `The rollback hook of the Canary of ${name} was opened ${opened} times, and Flagger has not failed it.`,
    likely: 'The hook of the Canary asks another gate, or Flagger is down.',
    next: 'Look at the events of the Canary; pin the last verified digest with the rollback action.',
  }
}

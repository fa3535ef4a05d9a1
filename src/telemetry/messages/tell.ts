import type { ReceiverConfig } from '../../config/index.ts'
import type { GitOpsMarks } from '../../gitops/index.ts'
import type { LedgerEvent } from '../../ledger/index.ts'
import type { CommitSha, Fault, Fetch, Result } from '../../release/index.ts'
import { fault } from './ask.ts'
import { type Message, messagesOf } from './message.ts'
import { openReceiver, type Surroundings } from './open.ts'
import type { Board } from './receivers/receiver.ts'

export interface Telling extends Surroundings {
  readonly receivers: readonly ReceiverConfig[]
  readonly service: string
  readonly events: readonly LedgerEvent[]
  /** Page of this run: where nothing is known of what was told, what it has written is told and nothing before. */
  readonly run: string
  readonly head: CommitSha
  readonly board: Board
  readonly marks: GitOpsMarks
  readonly fetch: Fetch
  readonly signal: AbortSignal
}

export interface Told {
  readonly receiver: string
  readonly messages: number
  readonly fault?: Fault
}

/** All of it, when a receiver answers slowly: what is left is told by the next run. */
const boundMs = 5_000
/** A receiver that was away for longer than this many messages is told the newest of them. */
const most = 50

/**
 * Tells every receiver what it was not told yet. How far each of them is stands in a mark of the GitOps repository, so
 * what a killed run left is told by the next one. Nothing here fails a run or holds it up: faults are told and kept.
 */
export async function tell(telling: Telling): Promise<readonly Told[]> {
  const { receivers, service, marks, signal } = telling
  if (receivers.length === 0) return []
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(boundMs)])
  const prefix = `told/${service}/`
  const read = await quietly(() => marks.marks(prefix, bounded))
  if (!read.ok) return receivers.map(({ name }) => ({ receiver: name, messages: 0, fault: read.fault }))
  const all = messagesOf(telling.events)
  return Promise.all(
    receivers.map((config) => {
      const mine = read.value.filter((mark) => mark.startsWith(`${prefix}${config.name}/`))
      return tellOne(config, mine, all, telling, bounded)
    }),
  )
}

async function tellOne(
  config: ReceiverConfig,
  mine: readonly string[],
  all: readonly Message[],
  telling: Telling,
  signal: AbortSignal,
): Promise<Told> {
  const { events, run, service, head, board, marks, fetch } = telling
  const { name } = config
  const newest = events.length
  const own = events.findIndex((event) => event.run === run)
  const reached = mine.length > 0 ? Math.max(...mine.map(numberOf)) : own < 0 ? newest : own
  if (reached >= newest) return { receiver: name, messages: 0 }
  const opened = openReceiver(config, telling)
  if (!opened.ok) return { receiver: name, messages: 0, fault: opened.fault }
  const receiver = opened.value
  if (receiver === undefined) return { receiver: name, messages: 0 }
  const waiting = all.filter(({ id }) => numberOf(id) > reached).slice(-most)
  let done = 0
  let failed: Fault | undefined
  for (const message of waiting) {
    const sent = await quietly(() => receiver(message, board, { fetch, signal }))
    if (!sent.ok) {
      failed = sent.fault
      break
    }
    done += 1
  }
  const last = failed === undefined ? newest : numberOf(waiting[done]?.id ?? '') - 1
  if (last > reached || mine.length === 0) {
    const mark = `told/${service}/${name}/${last}`
    const set = await quietly(() =>
      marks.setMark({ name: mark, at: head, drop: mine.filter((each) => each !== mark) }, signal),
    )
    if (!set.ok) failed ??= set.fault
  }
  return { receiver: name, messages: done, ...(failed === undefined ? {} : { fault: failed }) }
}

function numberOf(id: string): number {
  return Number(id.slice(id.lastIndexOf('/') + 1))
}

/** The bound of all of it ends a request by an exception; that is a fault like any other here. */
async function quietly<T>(step: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await step()
  } catch (error) {
    if (!(error instanceof Error) || !['TimeoutError', 'AbortError'].includes(error.name)) throw error
    return { ok: false, fault: fault('receiver-unreachable', 'notify', 'the time for telling was over') }
  }
}

import { type Clock, err, type Fault, type Fetch, formatDuration, ok, type Result } from '../release/index.ts'
import { clockNotAllowed, isLocal } from './local.ts'

/** More than this from a server's clock, and "one region a day" or a bake could be wrong by it. */
const skewMs = 60_000

export interface CheckedClock {
  readonly clock: Clock
  readonly kind: 'machine' | 'simulated'
}

export interface ClockQuestion {
  readonly machine: Clock
  /** The input `now`. */
  readonly now: string | undefined
  /** What the GitOps repository is reached by. */
  readonly endpoint: string
  readonly apiUrl: string
  /** What else has to be on this machine for another clock. Clusters are looked at when they are opened. */
  readonly others: readonly string[]
  /** A stop by a person and a way back are written by any clock. */
  readonly mustCheck: boolean
  readonly serverDate: (url: string) => Promise<Date | undefined>
}

/**
 * The machine's clock, held against the Date header of the server that the commit goes to; or another one,
 * only where no endpoint is outside of this machine.
 */
export async function checkedClock(question: ClockQuestion): Promise<Result<CheckedClock>> {
  const { machine, now, endpoint, apiUrl, others, mustCheck, serverDate: ask } = question
  if (now !== undefined) {
    const outside = [endpoint, ...others].find((each) => !isLocal(each))
    if (outside !== undefined) return err(clockNotAllowed(outside))
    return ok({ clock: shifted(machine, new Date(now)), kind: 'simulated' })
  }
  if (!mustCheck) return ok({ clock: machine, kind: 'machine' })
  const overHttp = /^https?:/.test(endpoint)
  // A repository on this machine has no other clock than this machine's.
  if (!overHttp && isLocal(endpoint)) return ok({ clock: machine, kind: 'machine' })
  const server = overHttp ? endpoint : apiUrl
  const date = await ask(server)
  if (date === undefined) return err(unchecked(server))
  const apart = Math.abs(machine.now().getTime() - date.getTime())
  return apart > skewMs ? err(skewed(server, apart)) : ok({ clock: machine, kind: 'machine' })
}

/** Begins at `start` and runs on at the machine's speed, so that waits have an end. */
function shifted(machine: Clock, start: Date): Clock {
  const offset = start.getTime() - machine.now().getTime()
  return {
    now: () => new Date(machine.now().getTime() + offset),
    sleep: (ms, signal) => machine.sleep(ms, signal),
  }
}

/** What a server says the time is, by its Date header; undefined when it does not answer. */
export async function serverDate(url: string, fetch: Fetch, signal: AbortSignal): Promise<Date | undefined> {
  try {
    const bound = AbortSignal.any([signal, AbortSignal.timeout(10_000)])
    const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: bound })
    const date = Date.parse(response.headers.get('date') ?? '')
    return Number.isNaN(date) ? undefined : new Date(date)
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

function unchecked(server: string): Fault {
  return {
    blame: 'world',
    reason: 'clock-unchecked',
    cause: `${server} did not say what time it is, so this machine's clock could not be checked.`,
    likely: 'The server cannot be reached from this runner.',
    next: 'Run it again when the server answers; nothing was written.',
  }
}

function skewed(server: string, apart: number): Fault {
  return {
    blame: 'world',
    reason: 'clock-skewed',
    cause: `The clock of this machine is ${formatDuration(Math.round(apart / 1000) * 1000)} away from that of ${server}.`,
    likely: 'The runner does not synchronise its clock.',
    next: 'Correct the clock of the runner; nothing was written.',
  }
}

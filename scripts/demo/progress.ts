import type { Expectation, RunningStep, Tick } from '../../testkit/workflows/index.ts'

export interface Progress {
  line(text: string): void
  title(text: string): void
  /** A line of the log of a step; most of them say nothing that is new. */
  gate(step: RunningStep, line: string): void
  tick(tick: Tick): void
  /** The train's clock; a new day is told. */
  clock(now: Date): void
  checked(expectations: readonly Expectation[]): readonly Expectation[]
  done(good: boolean, checks: number, page: string): void
}

export function header(missing: string | undefined): readonly string[] {
  return [
    'Tuesday demo: two releases of examples/delivery-service, carried by the shipped bundles of the actions.',
    'Git, GitHub, Kubernetes with Argo, Prometheus and the registry are stand-ins on this machine; the image is an',
    'OCI layout assembled from the sources; minutes of a canary are seconds, days between regions are skipped.',
    missing === undefined ? 'The database is a real PostgreSQL 16.' : `Step migrate is skipped: ${missing}.`,
  ]
}

export function progress(say: (line: string) => void, start: number): Progress {
  const line = (text: string) => say(`${seconds(performance.now() - start)}  ${text}`)
  let day = ''
  return {
    line,
    title: (text) => say(`\n${text}`),
    gate({ action, inputs }, text) {
      const shown = action === 'canary-gate' ? gateLine(text) : undefined
      if (shown !== undefined) line(`${(inputs.environment ?? '').padEnd(8)} ${shown}`)
    },
    tick(tick) {
      const shown = tickLine(tick)
      if (shown !== undefined) line(shown)
    },
    clock(now) {
      const today = dayOf(now)
      if (today !== day) line(`-- ${today} in New York --`)
      day = today
    },
    checked(expectations) {
      for (const { expects, fault } of expectations)
        if (fault !== undefined) line(`NOT as expected: ${expects}: ${fault}`)
      const good = expectations.filter(({ fault }) => fault === undefined).length
      line(`${good} of ${expectations.length} expectations hold`)
      return expectations
    },
    done(good, checks, page) {
      const took = ((performance.now() - start) / 1000).toFixed(0)
      say(
        `\n${good ? `All ${checks} expectations hold` : 'Something is not as expected'} after ${took} s. Report: ${page}`,
      )
    },
  }
}

/** What a person follows of the gate's log: a weight with its evidence, and how it ended. */
export function gateLine(text: string): string | undefined {
  const [, weight, what, why] = /^[0-9a-f]{12} at (\d+) %: (promote|abort): (.*)$/.exec(text) ?? []
  if (what !== undefined)
    return `${`${weight} %`.padStart(5)}  ${what === 'abort' ? 'ABORT' : 'go on'}: ${why}`
  const aborted = /^Note: (Aborted in .*)$/.exec(text)?.[1]
  return aborted === undefined ? undefined : `       ${aborted}`
}

/** One line for a tick that moved something, or that the train waits on. */
export function tickLine({ step, region, verdict, reason, message, work }: Tick): string | undefined {
  const where = region.padEnd(8)
  // The steps of other actions are told by the conductor.
  if (work !== undefined) return undefined
  if (step === 'pin') return `${where} pinned in Git, in one commit with its ledger line`
  if (step === 'bake') return verdict === 'pass' ? `${where} live on every workload, baking` : undefined
  if (reason === 'not-served' || reason === 'facts-missing') return undefined
  return `${reason}: ${message}`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1).padStart(5)} s`
}

function dayOf(now: Date): string {
  const zone = { timeZone: 'America/New_York' } as const
  return now.toLocaleString('en-GB', { ...zone, weekday: 'short', day: 'numeric', month: 'short' })
}

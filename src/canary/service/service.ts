import { type Fault, ok, type ReasonCode, type Result } from '../../release/index.ts'
import { noSeries } from '../samples/faults.ts'
import type { Prometheus } from '../samples/prometheus.ts'
import { budgetLeft, burnRules, eventsOf, firing, type Window } from './rules.ts'

/** The SLO of the service, its selectors filled in and without pods: what users see, whichever version answers. */
export interface ServiceSlo {
  /** Name of the metric that is judged by it. */
  readonly metric: string
  readonly total: string
  readonly bad: string
  /** As a part of one, e.g. 0.999. */
  readonly target: number
  readonly periodMs: number
}

/** Whether the service as a whole lets a step be taken. Anything but `quiet` holds; it never aborts by itself. */
export interface ServiceState {
  readonly state: 'quiet' | 'burning' | 'spent' | 'blind'
  readonly reason: ReasonCode
  readonly why: string
  /** Requests of the SLO period: what the cap on the canary's own spend is a part of. */
  readonly periodEvents?: number
  readonly budgetLeft?: number
}

/**
 * B0 and B3 of the reference: budget left, and the burn rules of the whole service; `all` asks the two ticket rules as
 * well. At a small weight these cannot see a bad canary (5 % of the traffic have to fail by a third), so they judge
 * nobody: a service in trouble is no place to take a step in.
 */
export async function readService(
  server: Prometheus,
  slo: ServiceSlo,
  all: boolean,
  signal: AbortSignal,
): Promise<ServiceState> {
  const rules = burnRules(slo.periodMs).filter(({ pages }) => all || pages)
  const spans = [...new Set([slo.periodMs, ...rules.flatMap(({ longMs, shortMs }) => [longMs, shortMs])])]
  const read = await Promise.all(spans.map((ms) => readWindow(server, slo, ms, signal)))
  const windows = new Map<number, Window>()
  for (const [at, ms] of spans.entries()) {
    const window = read[at]
    if (window === undefined) continue
    if (!window.ok) return blind(window.fault)
    if (window.value !== undefined) windows.set(ms, window.value)
  }
  const period = windows.get(slo.periodMs)
  // Five minutes without a sample of any pod: nobody knows how the service is.
  if (period === undefined || !windows.has(5 * 60_000)) return blind(noSeries(server.host, slo.total))
  const periodEvents = eventsOf(windows, slo.periodMs)
  const left = budgetLeft(periodEvents, period.e, slo.target)
  const facts = { periodEvents, budgetLeft: left }
  const percent = `${Number((100 * left).toPrecision(3))} %`
  if (left <= 0) {
    const why = `the error budget of ${Math.round(slo.periodMs / 86_400_000)} days is spent (${percent} left), so releases are frozen`
    return { state: 'spent', reason: 'canary-budget-spent', why, ...facts }
  }
  const fires = firing(rules, (ms) => windows.get(ms) ?? { n: 0, e: 0 }, slo.target)
  if (fires !== undefined) {
    const why = `${fires}, and the canary is not shown to be the cause`
    return { state: 'burning', reason: 'canary-service-burning', why, ...facts }
  }
  return { state: 'quiet', reason: 'canary-good', why: `${percent} of the error budget left`, ...facts }
}

async function readWindow(
  server: Prometheus,
  { total, bad }: ServiceSlo,
  ms: number,
  signal: AbortSignal,
): Promise<Result<Window | undefined>> {
  const [all, wrong] = await Promise.all([
    server.increase(total, ms / 1000, signal),
    server.increase(bad, ms / 1000, signal),
  ])
  if (!all.ok) return all
  if (!wrong.ok) return wrong
  // No bad request has no series; no request at all is another matter.
  return ok(all.value === undefined ? undefined : { n: all.value, e: wrong.value ?? 0 })
}

const blind = ({ reason, cause }: Fault): ServiceState => ({ state: 'blind', reason, why: cause })

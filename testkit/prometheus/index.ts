import {
  type CommonOptions,
  type HttpRequest,
  type LoggedRequest,
  type Reply,
  realClock,
  startServer,
} from '../http/index.ts'
import { formatNumber, parseExposition, parseNumber } from './exposition.ts'
import { parseSelector } from './selector.ts'
import { createSeries, identity, increase, instant, range } from './series.ts'

export { formatNumber, parseExposition, parseNumber } from './exposition.ts'
export { parseSelector } from './selector.ts'

export interface ScrapeTarget {
  readonly url: string
  readonly intervalMs: number
  /** Label `job`; default `testkit`. */
  readonly job?: string
  /** Labels of the target win over the server's own (`honor_labels` of a scrape configuration). */
  readonly honorLabels?: boolean
}

export interface PrometheusOptions extends CommonOptions {
  readonly scrape?: readonly ScrapeTarget[]
}

export interface PrometheusStandIn {
  readonly url: string
  readonly requests: readonly LoggedRequest[]
  /** Writes one sample; `labels.__name__` is the metric. Undefined ends the series. */
  append(labels: Readonly<Record<string, string>>, value: number | undefined, at?: Date): void
  scrapeNow(): Promise<void>
  close(): Promise<void>
}

/** Prometheus as the canary gate asks it: raw range selectors, instant selectors and `sum(increase(…))`, no other PromQL. */
export async function startPrometheus(options: PrometheusOptions = {}): Promise<PrometheusStandIn> {
  const clock = options.clock ?? realClock
  const store = createSeries()
  const targets = (options.scrape ?? []).map((target) => scraper(target))
  const stops: (() => void)[] = []
  let closed = false

  function scraper(target: ScrapeTarget) {
    const url = new URL(target.url)
    const base = { instance: url.host, job: target.job ?? 'testkit' }
    let known = new Map<string, Record<string, string>>()
    return {
      intervalMs: target.intervalMs,
      async scrape(): Promise<void> {
        const at = clock.now().getTime()
        const seen = new Map<string, Record<string, string>>()
        let up = 1
        try {
          const response = await fetch(url, { signal: AbortSignal.timeout(10_000) })
          if (!response.ok) throw new Error(`status ${response.status}`)
          for (const sample of parseExposition(await response.text())) {
            const own =
              target.honorLabels === true ? { ...base, ...sample.labels } : exported(sample.labels, base)
            const labels = { ...own, __name__: sample.name }
            seen.set(identity(labels), labels)
            store.append(labels, sample.at ?? at, sample.value)
          }
        } catch {
          up = 0
          seen.clear()
        }
        // A series that is no longer exposed ends at this scrape; so do all when the target is down.
        for (const [key, labels] of known) if (!seen.has(key)) store.append(labels, at, undefined)
        known = seen
        store.append({ ...base, __name__: 'up' }, at, up)
      },
    }
  }
  const every = (target: ReturnType<typeof scraper>) => {
    const cancel = clock.after(target.intervalMs, () => {
      if (closed) return
      target.scrape().finally(() => {
        if (!closed) every(target)
      })
    })
    stops.push(cancel)
    if (stops.length > targets.length) stops.shift()
  }
  for (const target of targets) every(target)

  const query = (request: HttpRequest): Reply => {
    const form = new URLSearchParams(request.method === 'POST' ? request.body.toString('utf8') : '')
    const parameter = (name: string) => form.get(name) ?? request.query.get(name) ?? undefined
    const time = parseTime(parameter('time'), clock.now())
    if (time === undefined) {
      return badData(`invalid parameter "time": cannot parse "${parameter('time')}" to a valid timestamp`)
    }
    const asked = parameter('query') ?? ''
    const counter = /^sum\(increase\((.*)\)\)$/s.exec(asked.trim())?.[1]
    const parsed = parseSelector(counter ?? asked)
    if (parsed.kind === 'error') return badData(`invalid parameter "query": ${parsed.message}`)
    if (parsed.kind === 'unsupported') return unknown(`the expression ${parsed.what}`)
    const pair = ({ at, value }: { readonly at: number; readonly value: number }) => [
      at / 1000,
      formatNumber(value),
    ]
    const { selector } = parsed
    if (counter !== undefined) {
      if (selector.rangeMs === undefined)
        return badData('expected type range vector in call to function "increase"')
      const grown = increase(store, selector, time)
      const result = grown === undefined ? [] : [{ metric: {}, value: pair({ at: time, value: grown }) }]
      return { status: 200, body: { status: 'success', data: { resultType: 'vector', result } } }
    }
    const data =
      selector.rangeMs === undefined
        ? {
            resultType: 'vector',
            result: instant(store, selector, time).map(({ labels, points }) => ({
              metric: labels,
              value: pair({ at: time, value: points[0]?.value ?? Number.NaN }),
            })),
          }
        : {
            resultType: 'matrix',
            result: range(store, selector, time).map(({ labels, points }) => ({
              metric: labels,
              values: points.map(pair),
            })),
          }
    return { status: 200, body: { status: 'success', data } }
  }

  const handle = (request: HttpRequest): Reply => {
    if (request.path === '/-/ready') return { status: 200, body: 'Prometheus Server is Ready.\n' }
    if (request.path === '/-/healthy') return { status: 200, body: 'Prometheus Server is Healthy.\n' }
    if (request.path === '/api/v1/status/buildinfo') {
      return {
        status: 200,
        body: {
          status: 'success',
          data: { version: '0.0.0-testkit', revision: '', branch: '', goVersion: '' },
        },
      }
    }
    const reads = request.method === 'GET' || request.method === 'POST'
    return reads && request.path === '/api/v1/query'
      ? query(request)
      : unknown(`${request.method} ${request.path}`)
  }

  const server = await startServer({
    ...options,
    clock,
    handle,
    onDefect: (error) => ({
      status: 500,
      body: { status: 'error', errorType: 'internal', error: String(error) },
    }),
  })
  return {
    url: server.url,
    requests: server.requests,
    append: (labels, value, at) => store.append(labels, (at ?? clock.now()).getTime(), value),
    scrapeNow: async () => {
      await Promise.all(targets.map((target) => target.scrape()))
    },
    async close() {
      closed = true
      for (const stop of stops) stop()
      await server.close()
    },
  }
}

/** A label that the target sets itself is kept under `exported_…` when the server's own has its name. */
function exported(
  labels: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const out: Record<string, string> = { ...own }
  for (const [name, value] of Object.entries(labels))
    out[own[name] === undefined ? name : `exported_${name}`] = value
  return out
}

const badData = (error: string): Reply => ({
  status: 400,
  body: { status: 'error', errorType: 'bad_data', error },
})

const unknown = (what: string): Reply => ({
  status: 501,
  body: { status: 'error', errorType: 'not_implemented', error: `testkit/prometheus does not know ${what}` },
})

/** Seconds since 1970, with a fraction, or RFC 3339; the present when nothing is asked for. In milliseconds. */
function parseTime(text: string | undefined, now: Date): number | undefined {
  if (text === undefined || text === '') return now.getTime()
  const seconds = parseNumber(text)
  if (seconds !== undefined) return Math.round(seconds * 1000)
  const date = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : date
}

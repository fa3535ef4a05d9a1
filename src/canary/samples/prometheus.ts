import { type Clock, err, type Fault, type Fetch, ok, type Result } from '../../release/index.ts'

export interface PrometheusOptions {
  readonly url: string
  readonly fetch: Fetch
  readonly clock: Clock
  readonly token?: string
  readonly basic?: { readonly user: string; readonly password: string }
  /** Sent with every request, such as the tenant (X-Scope-OrgID) of Mimir. */
  readonly headers?: Readonly<Record<string, string>>
  /** Bound of one request; default 10 s. */
  readonly timeoutMs?: number
}

export interface Sample {
  /** Milliseconds of the scrape, by the clock of Prometheus. */
  readonly at: number
  readonly value: number
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly samples: readonly Sample[]
  /** Set instead of samples where the series is a native histogram. */
  readonly histograms?: readonly HistogramSample[]
}

/** One scrape of a native histogram; only buckets with something in them are there. */
export interface HistogramSample {
  readonly at: number
  readonly count: number
  readonly buckets: readonly {
    readonly from: number
    readonly to: number
    readonly count: number
  }[]
}

export interface RawAnswer {
  readonly series: readonly Series[]
  /** What the server says the time is; absent when it sends no Date header. */
  readonly serverNow?: Date
}

/** A server of the Prometheus HTTP API. Only raw samples are asked for: see docs/canary.md for why. */
export interface Prometheus {
  readonly host: string
  /** The stored scrapes of the last `seconds` (before `until`) of every series that the selector matches. */
  raw(selector: string, seconds: number, signal: AbortSignal, until?: Date): Promise<Result<RawAnswer>>
  /**
   * What a counter has grown by in the last `seconds`, over all its series, as the server reckons it: extrapolated, a
   * fraction, and without the first value of a new series. For windows too long to read raw, where that is little.
   * Undefined: no series has two samples in it.
   */
  increase(selector: string, seconds: number, signal: AbortSignal): Promise<Result<number | undefined>>
}

const ATTEMPTS = 3
const BACKOFF_MS = 300

export function prometheus(options: PrometheusOptions): Prometheus {
  const base = options.url.replace(/\/+$/, '')
  const { host } = new URL(base)

  async function ask(
    url: string,
    signal: AbortSignal,
  ): Promise<Result<{ text: string; date: string | null }>> {
    let fault: Fault | undefined
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await options.clock.sleep(BACKOFF_MS * attempt, signal)
      try {
        const response = await options.fetch(url, {
          headers: { ...options.headers, accept: 'application/json', ...authorization(options) },
          signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs ?? 10_000)]),
        })
        const text = await response.text()
        if (response.ok) return ok({ text, date: response.headers.get('date') })
        fault = refused(host, response.status, text)
        if (response.status < 500 && response.status !== 429) return err(fault)
      } catch (error) {
        signal.throwIfAborted()
        fault = unreachable(host, error)
      }
    }
    return err(fault ?? unreachable(host, 'no attempt was made'))
  }

  return {
    host,
    async increase(selector, seconds, signal) {
      const query = `sum(increase(${selector}[${Math.max(1, Math.ceil(seconds))}s]))`
      const answer = await ask(`${base}/api/v1/query?${new URLSearchParams({ query })}`, signal)
      return answer.ok ? readScalar(answer.value.text, host, query) : answer
    },
    async raw(selector, seconds, signal, until) {
      const query = `${selector}[${Math.max(1, Math.ceil(seconds))}s]`
      const time = until === undefined ? {} : { time: String(until.getTime() / 1000) }
      const answer = await ask(`${base}/api/v1/query?${new URLSearchParams({ query, ...time })}`, signal)
      if (!answer.ok) return answer
      const series = readMatrix(answer.value.text, host, query)
      if (!series.ok) return series
      const date = Date.parse(answer.value.date ?? '')
      return ok({ series: series.value, ...(Number.isNaN(date) ? {} : { serverNow: new Date(date) }) })
    },
  }
}

function authorization({ token, basic }: PrometheusOptions): { authorization?: string } {
  if (token !== undefined) return { authorization: `Bearer ${token}` }
  if (basic === undefined) return {}
  const pair = Buffer.from(`${basic.user}:${basic.password}`, 'utf8').toString('base64')
  return { authorization: `Basic ${pair}` }
}

interface Wire {
  readonly status?: string
  readonly warnings?: readonly string[]
  readonly data?: {
    readonly resultType?: string
    readonly result?: readonly {
      readonly metric?: unknown
      readonly value?: readonly unknown[]
      readonly values?: readonly (readonly unknown[])[]
      readonly histograms?: readonly (readonly unknown[])[]
    }[]
  }
}

type WireResults = NonNullable<NonNullable<Wire['data']>['result']>

function readResults(
  text: string,
  host: string,
  query: string,
  type: 'matrix' | 'vector',
): Result<WireResults> {
  let wire: Wire
  try {
    wire = JSON.parse(text) as Wire
  } catch {
    return err(unreadable(host, query, 'it is not JSON'))
  }
  if (wire?.status !== 'success' || wire.data?.resultType !== type || !Array.isArray(wire.data.result)) {
    const wanted = type === 'matrix' ? 'raw samples' : 'a vector'
    return err(
      unreadable(
        host,
        query,
        `it is a ${wire?.data?.resultType ?? wire?.status ?? 'nothing'}, not ${wanted}`,
      ),
    )
  }
  // Thanos and Mimir answer 200 with a part of the data and say so here; a part counts as none.
  if (wire.warnings !== undefined && wire.warnings.length > 0) {
    return err(unreadable(host, query, `it is incomplete (${wire.warnings.join('; ').slice(0, 200)})`))
  }
  return ok(wire.data.result)
}

function readScalar(text: string, host: string, query: string): Result<number | undefined> {
  const results = readResults(text, host, query, 'vector')
  if (!results.ok) return results
  const [first, ...rest] = results.value
  if (first === undefined) return ok(undefined)
  const value = toNumber(first.value?.[1])
  if (rest.length > 0 || !Number.isFinite(value) || value < 0) {
    return err(unreadable(host, query, `it holds ${JSON.stringify(first.value)}, which is no count`))
  }
  return ok(value)
}

function readMatrix(text: string, host: string, query: string): Result<readonly Series[]> {
  const results = readResults(text, host, query, 'matrix')
  if (!results.ok) return results
  const series: Series[] = []
  for (const each of results.value) {
    const labels = each.metric as Readonly<Record<string, string>>
    const samples: Sample[] = []
    for (const [at, value] of each.values ?? []) {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
      if (typeof at !== 'number' || !Number.isFinite(number) || number < 0) {
        return err(
          unreadable(
            host,
            query,
            `${describe(labels)} has the value ${JSON.stringify(value)}, which no counter has`,
          ),
        )
      }
      samples.push({ at: Math.round(at * 1000), value: number })
    }
    const histograms: (HistogramSample | undefined)[] | undefined = each.histograms?.map(readHistogram)
    if (histograms?.some((one) => one === undefined)) {
      return err(unreadable(host, query, `${describe(labels)} holds a native histogram that is none`))
    }
    const whole = histograms?.filter((one) => one !== undefined)
    series.push({ labels, samples, ...(whole === undefined ? {} : { histograms: whole }) })
  }
  return ok(series)
}

interface WireHistogram {
  readonly count?: unknown
  readonly buckets?: readonly (readonly unknown[])[]
}

/** `[seconds, {count, sum, buckets: [[rule, from, to, count], ...]}]`, numbers as texts. */
function readHistogram([at, value]: readonly unknown[]): HistogramSample | undefined {
  const { count, buckets = [] } = (value ?? {}) as WireHistogram
  const read = buckets.map(([, from, to, n]) => ({
    from: toNumber(from),
    to: toNumber(to),
    count: toNumber(n),
  }))
  const numbers = [toNumber(count), ...read.flatMap((each) => [each.count, each.from, each.to])]
  if (typeof at !== 'number' || numbers.some(Number.isNaN)) return undefined
  return { at: Math.round(at * 1000), count: toNumber(count), buckets: read }
}

/** Go writes infinity as `+Inf`; the outermost bucket of a histogram with custom bounds ends there. */
function toNumber(text: unknown): number {
  return typeof text === 'string' && text !== '' ? Number(text.replace(/Inf$/, 'Infinity')) : Number.NaN
}

export function describe(labels: Readonly<Record<string, string>>): string {
  const { __name__: name = '', ...rest } = labels
  return `${name}{${Object.entries(rest)
    .map(([key, value]) => `${key}="${value}"`)
    .join(',')}}`
}

function unreachable(host: string, error: unknown): Fault {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
  return {
    blame: 'world',
    reason: 'prometheus-unreachable',
    cause: `Prometheus at ${host} did not answer: ${cause}.`,
    likely: 'The server is restarting, or this runner has no route to it.',
    next: 'Check the address under `prometheus` in tuesday.yaml from this runner; the canary stays where it is.',
  }
}

function refused(host: string, status: number, text: string): Fault {
  const said = /"error"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text.slice(0, 200)
  const credentials = status === 401 || status === 403
  return {
    blame: status >= 500 || status === 429 ? 'world' : 'user',
    reason: status >= 500 || status === 429 ? 'prometheus-unreachable' : 'prometheus-refused',
    cause: `Prometheus at ${host} answered ${status}: ${said.replace(/\s+/g, ' ').trim()}.`,
    ...(credentials ? { likely: 'The token is missing, has run out, or is for another tenant.' } : {}),
    next: credentials
      ? 'Set `token-env` under `prometheus` in tuesday.yaml and hand that variable to the job.'
      : 'Try the selector of tuesday.yaml in the Prometheus page of this region.',
  }
}

function unreadable(host: string, query: string, why: string): Fault {
  return {
    blame: 'world',
    reason: 'prometheus-answer-unreadable',
    cause: `The answer of Prometheus at ${host} to ${query} cannot be used: ${why}.`,
    likely: 'The address is that of another service, or the metric is not a counter.',
    next: 'Try the selector in the Prometheus page of this region; the canary stays where it is.',
  }
}

import type { Clock, Fetch } from '../../release/index.ts'

/** One question to a Pact Broker: may this version of this service go to this environment? */
export interface PactQuestion {
  readonly broker: string
  readonly token?: string
  readonly pacticipant: string
  readonly version: string
  readonly environment: string
  /** Consumers that must have a row in the answer: an answer about nobody is no answer. */
  readonly requireConsumers: readonly string[]
  /** Rows that must have been considered at least, when consumers are not named. */
  readonly leastRows: number
  /** How long an unknown answer is asked again, and how often. */
  readonly pollMs: number
  readonly timeoutMs: number
}

export interface PactAnswer {
  readonly environment: string
  readonly state: 'deployable' | 'not-deployable' | 'unknown'
  readonly why: string
  readonly rows: number
}

export interface PactTools {
  /** With its own time-out and bounded retries of 429, 502, 503 and 504. */
  readonly fetch: Fetch
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** A server that answers with a defect is asked this often in all. */
const tries = 3

/**
 * `GET /can-i-deploy`. The broker says `deployable: true` also when it considered no row at all, and `null` while a
 * verification is missing: the first is refused, the second is asked again until the time is over, and then fails.
 */
export async function canIDeploy(question: PactQuestion, tools: PactTools): Promise<PactAnswer> {
  const { environment, timeoutMs, pollMs } = question
  const until = tools.clock.now().getTime() + timeoutMs
  let failures = 0
  for (;;) {
    const answer = await askOnce(question, tools)
    tools.signal.throwIfAborted()
    if (answer.kind === 'answer' && answer.state !== 'unknown') return { environment, ...answer }
    const left = until - tools.clock.now().getTime()
    if (answer.kind === 'failed') {
      failures += 1
      if (answer.final || failures >= tries)
        return { environment, state: 'unknown', why: answer.why, rows: 0 }
    }
    if (left <= 0) {
      const why = `${answer.why}; it was asked for ${Math.round(timeoutMs / 1000)} s`
      return { environment, state: 'unknown', why, rows: answer.kind === 'answer' ? answer.rows : 0 }
    }
    await tools.clock.sleep(Math.min(pollMs, left), tools.signal)
  }
}

type Asked =
  | {
      readonly kind: 'answer'
      readonly state: PactAnswer['state']
      readonly why: string
      readonly rows: number
    }
  /** `final`: another try cannot give another answer. */
  | { readonly kind: 'failed'; readonly why: string; readonly final: boolean }

async function askOnce(question: PactQuestion, { fetch, signal }: PactTools): Promise<Asked> {
  const { broker, token, pacticipant, version, environment } = question
  const url = new URL(`${broker.replace(/\/+$/, '')}/can-i-deploy`)
  for (const [name, value] of Object.entries({ pacticipant, version, environment })) {
    url.searchParams.set(name, value)
  }
  let body: unknown
  try {
    const headers = {
      accept: 'application/hal+json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    }
    // A redirect would carry the token on.
    const response = await fetch(url, { headers, signal, redirect: 'error' })
    const text = await response.text()
    if (!response.ok) {
      const why = `the broker answered ${response.status}${said(text)}`
      return { kind: 'failed', why, final: response.status < 500 && response.status !== 429 }
    }
    body = JSON.parse(text)
  } catch (error) {
    signal.throwIfAborted()
    const why =
      error instanceof SyntaxError
        ? 'the broker answered with what is no JSON'
        : `the broker cannot be asked: ${messageOf(error)}`
    return { kind: 'failed', why, final: error instanceof SyntaxError }
  }
  return judge(body, question)
}

function judge(body: unknown, { requireConsumers, leastRows }: PactQuestion): Asked {
  const summary = field(body, 'summary')
  const deployable = field(summary, 'deployable')
  const matrix = field(body, 'matrix')
  if (!Array.isArray(matrix) || (typeof deployable !== 'boolean' && deployable !== null)) {
    return { kind: 'failed', why: 'the broker answered in another form than can-i-deploy has', final: true }
  }
  const rows = matrix.length
  const reason = String(field(summary, 'reason') ?? 'it gives no reason').slice(0, 500)
  if (deployable === false) return { kind: 'answer', state: 'not-deployable', why: reason, rows }
  if (deployable === null) return { kind: 'answer', state: 'unknown', why: reason, rows }
  const consumers = new Set(matrix.map((row) => String(field(field(row, 'consumer'), 'name') ?? '')))
  const missing = requireConsumers.filter((name) => !consumers.has(name))
  if (missing.length > 0) {
    return {
      kind: 'answer',
      state: 'not-deployable',
      why: `no pact of ${missing.join(', ')} was considered`,
      rows,
    }
  }
  if (rows < leastRows) {
    const why = `the broker considered ${rows} pact(s), and ${leastRows} are asked for`
    return { kind: 'answer', state: 'not-deployable', why, rows }
  }
  return { kind: 'answer', state: 'deployable', why: reason, rows }
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined
}

const said = (text: string): string => (text.trim() === '' ? '' : `: ${text.trim().slice(0, 200)}`)

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}

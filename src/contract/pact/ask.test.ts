import { createServer, type IncomingMessage, type Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { boundedFetch, systemClock } from '../../system/index.ts'
import { canIDeploy, type PactQuestion } from './ask.ts'

/** What the server answers, one after the other; the last one again and again. */
type Answer = { readonly status?: number; readonly body?: unknown; readonly location?: string } | 'hang up'

let server: Server
let broker: string
let answers: Answer[]
let asked: IncomingMessage[]

beforeEach(async () => {
  asked = []
  server = createServer((request, response) => {
    asked.push(request)
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    if (answer === undefined || answer === 'hang up') {
      request.socket.destroy()
      return
    }
    const { status = 200, body, location } = answer
    response.writeHead(status, location === undefined ? {} : { location })
    response.end(typeof body === 'string' ? body : JSON.stringify(body ?? {}))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  broker = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/` : ''
})
afterEach(() => new Promise((done) => server.close(done)))

const row = (consumer: string) => ({ consumer: { name: consumer }, provider: { name: 'orders' } })
const answer = (deployable: boolean | null, ...consumers: readonly string[]) => ({
  body: { summary: { deployable, reason: `deployable is ${deployable}` }, matrix: consumers.map(row) },
})

function ask(
  given: readonly Answer[],
  more: Partial<PactQuestion> = {},
  stop = new AbortController().signal,
) {
  answers = [...given]
  const question: PactQuestion = {
    broker,
    pacticipant: 'orders',
    version: 'a'.repeat(40),
    environment: 'prod-us',
    requireConsumers: [],
    leastRows: 1,
    pollMs: 5,
    timeoutMs: 60,
    ...more,
  }
  return canIDeploy(question, { fetch: boundedFetch({ retries: 0 }), clock: systemClock(), signal: stop })
}

describe('an answer of the broker', () => {
  it.each([
    ['yes, with a row', [answer(true, 'shop')], {}, 'deployable', 1],
    ['yes, about nobody', [answer(true)], {}, 'not-deployable', 1],
    ['yes, about nobody, which is allowed', [answer(true)], { leastRows: 0 }, 'deployable', 1],
    [
      'yes, without a consumer that must be there',
      [answer(true, 'shop')],
      { requireConsumers: ['shop', 'app'] },
      'not-deployable',
      1,
    ],
    [
      'yes, with all that must be there',
      [answer(true, 'shop', 'app')],
      { requireConsumers: ['shop', 'app'] },
      'deployable',
      1,
    ],
    ['no', [answer(false, 'shop')], {}, 'not-deployable', 1],
    [
      'unknown, then yes',
      [answer(null, 'shop'), answer(null, 'shop'), answer(true, 'shop')],
      {},
      'deployable',
      3,
    ],
    ['unknown, then no', [answer(null, 'shop'), answer(false, 'shop')], {}, 'not-deployable', 2],
    ['401', [{ status: 401, body: 'who are you' }], {}, 'unknown', 1],
    ['404', [{ status: 404 }], {}, 'unknown', 1],
    ['500 twice, then yes', [{ status: 500 }, { status: 500 }, answer(true, 'shop')], {}, 'deployable', 3],
    ['500 for ever', [{ status: 500 }], { timeoutMs: 10_000 }, 'unknown', 3],
    ['a connection that breaks, then yes', ['hang up', answer(true, 'shop')], {}, 'deployable', 2],
    ['no JSON', [{ body: '{"summary":' }], {}, 'unknown', 1],
    ['another form', [{ body: { summary: { deployable: 'yes' }, matrix: [] } }], {}, 'unknown', 1],
    ['no matrix', [{ body: { summary: { deployable: true } } }], {}, 'unknown', 1],
    [
      'a redirect elsewhere',
      [{ status: 302, location: 'http://127.0.0.1:9/' }],
      { timeoutMs: 10 },
      'unknown',
      3,
    ],
  ] as const)('%s', async (what, given, more, state, times) => {
    const answered = await ask(given, more)
    expect(answered).toMatchObject({ environment: 'prod-us', state, why: expect.any(String) })
    if (!what.startsWith('a redirect')) expect(asked).toHaveLength(times)
  })

  it('that stays unknown is asked again until the time is over, and is no pass', async () => {
    const answered = await ask([answer(null, 'shop')])
    expect(answered.state).toBe('unknown')
    expect(asked.length).toBeGreaterThan(1)
    expect(answered.why).toContain('asked for')
  })
})

describe('a question', () => {
  it('names service, version and environment, and carries the token in its header only', async () => {
    await ask([answer(true, 'shop')], { token: 's3cret', environment: 'prod eu&x=1' })
    const [request] = asked
    const url = new URL(request?.url ?? '', broker)
    expect(url.pathname).toBe('/can-i-deploy')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      pacticipant: 'orders',
      version: 'a'.repeat(40),
      environment: 'prod eu&x=1',
    })
    expect(request?.headers.authorization).toBe('Bearer s3cret')
    expect(request?.url).not.toContain('s3cret')
  })

  it('is given up when the run is cancelled', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(new Error('cancelled')), 30)
    await expect(ask([answer(null, 'shop')], { timeoutMs: 60_000 }, controller.signal)).rejects.toThrow(
      'cancelled',
    )
  })
})

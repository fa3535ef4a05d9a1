import { describe, expect, it } from 'vitest'
import type { Clock, Fetch } from '../release/index.ts'
import { type GitHubClientOptions, gitHubClient } from './client.ts'

const signal = new AbortController().signal
type Answer = { status?: number; headers?: Record<string, string>; body?: unknown } | Error

/** A server as the port `Fetch` sees it: one answer after the other, and what was asked. */
function scripted(answers: readonly Answer[], options: Partial<GitHubClientOptions> = {}) {
  const asked: { url: string; method: string; authorization: string | null; body: unknown }[] = []
  const pauses: number[] = []
  const fetch: Fetch = async (input, init) => {
    const request = new Request(input as string, { ...init, signal: null })
    const body = init?.body === undefined || init.body === null ? undefined : JSON.parse(String(init.body))
    asked.push({
      url: request.url,
      method: request.method,
      authorization: request.headers.get('authorization'),
      body,
    })
    const answer = answers[asked.length - 1]
    if (answer === undefined) throw new Error(`request ${asked.length} was not expected`)
    if (answer instanceof Error) throw answer
    const { status = 200, headers = {}, body: content = {} } = answer
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    return new Response(text, {
      status,
      headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    })
  }
  const clock: Clock = {
    now: () => new Date('2026-11-24T09:00:00Z'),
    async sleep(ms, abort) {
      abort.throwIfAborted()
      pauses.push(ms)
    },
  }
  const client = gitHubClient({
    apiUrl: 'https://ghe.example.com/api/v3/',
    token: async () => 'ghs_one',
    fetch,
    clock,
    ...options,
  })
  return { client, asked, pauses }
}

const ref = 'GET /repos/{owner}/{repo}/git/ref/{ref}'
const params = { owner: 'acme', repo: 'x y', ref: 'heads/main' }

describe('a request to GitHub', () => {
  it('fills the route, carries the token, and gives status and data', async () => {
    const { client, asked } = scripted([{ body: { object: { sha: 'a' } } }])
    const answer = await client.rest(ref, params, signal)
    expect(answer).toMatchObject({ ok: true, value: { status: 200, data: { object: { sha: 'a' } } } })
    expect(asked).toEqual([
      {
        url: 'https://ghe.example.com/api/v3/repos/acme/x%20y/git/ref/heads%2Fmain',
        method: 'GET',
        authorization: 'Bearer ghs_one',
        body: undefined,
      },
    ])
  })

  it('is sent again after a disturbance when it reads', async () => {
    const { client, pauses } = scripted([new TypeError('fetch failed'), { status: 503 }, { body: [] }])
    expect(await client.rest(ref, params, signal)).toMatchObject({ ok: true })
    expect(pauses).toEqual([500, 1000])
  })

  it('is sent once when it writes, and says that it may have been done', async () => {
    const { client, asked } = scripted([
      { status: 502, body: 'bad gateway', headers: { 'content-type': 'text/html' } },
    ])
    const answer = await client.rest('POST /repos/{owner}/{repo}/git/refs', { ...params, sha: 'a' }, signal)
    expect(answer).toMatchObject({
      ok: false,
      fault: { reason: 'network-unreachable', ambiguous: true, status: 502, blame: 'world' },
    })
    expect(asked).toHaveLength(1)
  })

  it('waits as long as GitHub asks, for a write too', async () => {
    const { client, pauses } = scripted([
      { status: 403, headers: { 'retry-after': '9' }, body: { message: 'secondary rate limit' } },
      { status: 201 },
    ])
    expect(await client.rest('POST /repos/{owner}/{repo}/git/refs', params, signal)).toMatchObject({
      ok: true,
    })
    expect(pauses).toEqual([9000])
  })

  it('says until when it is limited, rather than wait for an hour', async () => {
    const reset = String(Date.parse('2026-11-24T09:30:00Z') / 1000)
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }
    const { client, pauses } = scripted([
      { status: 403, headers, body: { message: 'API rate limit exceeded' } },
    ])
    const answer = await client.rest(ref, params, signal)
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'github-rate-limited', ambiguous: false } })
    expect(answer.ok ? '' : answer.fault.next).toContain('2026-11-24T09:30:01.000Z')
    expect(pauses).toEqual([])
  })

  it.each([
    [401, 'credentials-expired'],
    [403, 'permission-denied'],
    [404, 'github-missing'],
    [409, 'github-refused'],
    [422, 'github-refused'],
  ])('answers %i as %s, with the words of GitHub', async (status, reason) => {
    const { client, asked } = scripted([{ status, body: { message: 'the words' } }])
    const answer = await client.rest(ref, params, signal)
    expect(answer).toMatchObject({ ok: false, fault: { reason, status, blame: 'user', ambiguous: false } })
    expect(answer.ok ? '' : answer.fault.cause).toContain('the words')
    expect(asked).toHaveLength(1)
  })

  it('asks for the token anew when it was refused, and only once', async () => {
    const tokens = ['old', 'new', 'new', 'newer', 'newest']
    const token = async () => tokens.shift() ?? 'none'
    const { client, asked } = scripted([{ status: 401 }, { status: 401 }], { token })
    expect(await client.rest(ref, params, signal)).toMatchObject({
      ok: false,
      fault: { reason: 'credentials-expired' },
    })
    expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer new'])
  })

  it('stops at once when it is cancelled, also while it waits', async () => {
    const abort = new AbortController()
    const { client } = scripted([{ status: 429 }], {
      clock: {
        now: () => new Date(0),
        async sleep(_, inner) {
          abort.abort(new Error('SIGTERM'))
          inner.throwIfAborted()
        },
      },
    })
    expect(await client.rest(ref, params, abort.signal)).toMatchObject({
      ok: false,
      fault: { reason: 'cancelled' },
    })
    expect(await client.rest(ref, params, abort.signal)).toMatchObject({
      ok: false,
      fault: { reason: 'cancelled' },
    })
  })

  it('ends when there is no answer within the bound', async () => {
    const fetch: Fetch = (_, init) =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)),
      )
    const { client } = scripted([], { fetch, timeoutMs: 5 })
    const answer = await client.rest('POST /x', {}, signal)
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'network-unreachable', ambiguous: true } })
  })

  it('never shows the token in a fault', async () => {
    for (const answer of [new TypeError('fetch failed'), { status: 404 }, { status: 500 }]) {
      const { client } = scripted([answer, answer, answer, answer])
      expect(JSON.stringify(await client.rest(ref, params, signal))).not.toContain('ghs_one')
    }
  })
})

describe('GraphQL', () => {
  it('stands beside /api/v3 on an Enterprise Server, and gives the data', async () => {
    const { client, asked } = scripted([{ body: { data: { viewer: { login: 'bot' } } } }])
    const answer = await client.graphql('query ($a: Int) { viewer { login } }', { a: 1 }, signal)
    expect(answer).toEqual({ ok: true, value: { viewer: { login: 'bot' } } })
    expect(asked[0]).toMatchObject({
      url: 'https://ghe.example.com/api/graphql',
      method: 'POST',
      body: { query: 'query ($a: Int) { viewer { login } }', variables: { a: 1 } },
    })
  })

  it('takes an error in an answer of status 200 for a fault, with its type', async () => {
    const { client } = scripted([
      {
        body: {
          data: { x: null },
          errors: [{ type: 'STALE_DATA', message: 'Expected branch to point to "a"' }],
        },
      },
    ])
    const answer = await client.graphql('mutation { createCommitOnBranch }', {}, signal)
    expect(answer).toMatchObject({
      ok: false,
      fault: { graphql: 'STALE_DATA', reason: 'github-refused', ambiguous: false },
    })
    expect(answer.ok ? '' : answer.fault.cause).toContain('Expected branch to point to')
  })

  it.each([
    ['NOT_FOUND', 'x', 'github-missing'],
    ['FORBIDDEN', 'x', 'permission-denied'],
    ['UNPROCESSABLE', 'Changes must be made through a pull request.', 'gitops-rejected'],
    ['UNPROCESSABLE', 'A path was requested for deletion', 'github-refused'],
  ])('%s (%s) is %s', async (type, message, reason) => {
    const { client } = scripted([{ body: { errors: [{ type, message }] } }])
    expect(await client.graphql('mutation { x }', {}, signal)).toMatchObject({ ok: false, fault: { reason } })
  })

  it('waits when it is limited with status 200', async () => {
    const { client, pauses } = scripted([
      { body: { errors: [{ type: 'RATE_LIMITED', message: 'limit' }] } },
      { body: { data: {} } },
    ])
    expect(await client.graphql('mutation { x }', {}, signal)).toEqual({ ok: true, value: {} })
    expect(pauses).toEqual([60_000])
  })

  it.each([['<html>login</html>'], [[]], ['{"neither":1}'], ['null']])(
    'does not take %j for an answer',
    async (body) => {
      const { client } = scripted([{ body }])
      expect(await client.graphql('query { x }', {}, signal)).toMatchObject({
        ok: false,
        fault: { reason: 'github-answer-unreadable' },
      })
    },
  )
})

describe('pages', () => {
  const list = 'GET /repos/{owner}/{repo}/deployments'
  const link = (page: number) => ({
    link: `<https://ghe.example.com/api/v3/repos/acme/x/deployments?page=${page}>; rel="next"`,
  })

  it('are read to the end, each with its retries', async () => {
    const { client, asked } = scripted([{ body: [1, 2], headers: link(2) }, { status: 502 }, { body: [3] }])
    expect(await client.paginate(list, { owner: 'acme', repo: 'x' }, signal, { limit: 10 })).toEqual({
      ok: true,
      value: [1, 2, 3],
    })
    expect(asked[0]?.url).toContain('per_page=100')
    expect(asked[2]?.url).toContain('page=2')
  })

  it('beyond the limit are a fault, not a shorter list', async () => {
    const { client } = scripted([
      { body: [1, 2], headers: link(2) },
      { body: [3, 4], headers: link(3) },
    ])
    expect(await client.paginate(list, { owner: 'acme', repo: 'x' }, signal, { limit: 3 })).toMatchObject({
      ok: false,
    })
  })
})

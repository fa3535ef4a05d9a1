import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Attempt, nextAttempt, retryLimits } from './retry.ts'

const now = new Date('2026-11-24T09:00:00Z')
const seconds = (date: Date) => String(date.getTime() / 1000)
const inSeconds = (n: number) => new Date(now.getTime() + n * 1000)
const base: Attempt = { method: 'GET', number: 1, now }

describe('what follows a failed request', () => {
  it.each<[string, Partial<Attempt>, unknown]>([
    ['a broken read', {}, { kind: 'retry', afterMs: 500 }],
    ['a broken read, the third time', { number: 3 }, { kind: 'retry', afterMs: 2000 }],
    ['a broken read, the last time', { number: 4 }, { kind: 'give-up' }],
    ['a broken write', { method: 'POST' }, { kind: 'give-up' }],
    ['a read that meets 502', { status: 502 }, { kind: 'retry', afterMs: 500 }],
    ['a write that meets 502', { method: 'POST', status: 502 }, { kind: 'give-up' }],
    ['a route that is not there', { status: 501 }, { kind: 'give-up' }],
    ['404', { status: 404 }, { kind: 'give-up' }],
    ['422', { method: 'POST', status: 422 }, { kind: 'give-up' }],
    [
      '403 for a missing right',
      { status: 403, words: 'Resource not accessible by integration' },
      { kind: 'give-up' },
    ],
    [
      'retry-after, for a write too',
      { method: 'POST', status: 403, headers: { 'retry-after': '7' } },
      { kind: 'retry', afterMs: 7000 },
    ],
    [
      'a secondary limit without a time',
      { status: 403, words: 'You have exceeded a secondary rate limit.' },
      { kind: 'retry', afterMs: 60_000 },
    ],
    ['429 without a time', { status: 429 }, { kind: 'retry', afterMs: 60_000 }],
    [
      'an empty budget that is soon full',
      { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': seconds(inSeconds(30)) } },
      { kind: 'retry', afterMs: 31_000 },
    ],
    [
      'an empty budget by the clock of the server, not of the runner',
      {
        status: 429,
        headers: {
          'x-ratelimit-remaining': 0,
          'x-ratelimit-reset': seconds(inSeconds(3630)),
          date: inSeconds(3600).toUTCString(),
        },
      },
      { kind: 'retry', afterMs: 31_000 },
    ],
    [
      'an empty budget for a long time',
      {
        status: 403,
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': seconds(inSeconds(1800)) },
      },
      { kind: 'give-up', limitedUntil: inSeconds(1801) },
    ],
    [
      'a limit of GraphQL',
      { method: 'POST', status: 200, words: 'RATE_LIMITED' },
      { kind: 'retry', afterMs: 60_000 },
    ],
    ['a limit, the last time', { status: 429, number: 4 }, { kind: 'give-up', limitedUntil: inSeconds(60) }],
  ])('%s', (_, attempt, wanted) => {
    expect(nextAttempt({ ...base, ...attempt })).toMatchObject(wanted as object)
  })

  it('is always bounded, and never a second write after an answer that may have been lost', () => {
    const header = fc.option(fc.oneof(fc.integer().map(String), fc.string()), { nil: undefined })
    const attempts = fc.record({
      method: fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE'),
      status: fc.constantFrom(undefined, 200, 401, 403, 404, 422, 429, 500, 502, 503),
      headers: fc.record({
        'retry-after': header,
        'x-ratelimit-remaining': header,
        'x-ratelimit-reset': header,
        date: header,
      }),
      words: fc.constantFrom('', 'secondary rate limit', 'API rate limit exceeded', 'RATE_LIMITED'),
      number: fc.integer({ min: 1, max: 6 }),
    })
    fc.assert(
      fc.property(attempts, ({ status, ...rest }) => {
        const next = nextAttempt({ ...rest, now, ...(status === undefined ? {} : { status }) })
        if (next.kind === 'give-up') return
        expect(rest.number).toBeLessThan(retryLimits.attempts)
        expect(next.afterMs).toBeGreaterThanOrEqual(0)
        expect(next.afterMs).toBeLessThanOrEqual(retryLimits.longestPauseMs)
        if (rest.method !== 'GET') expect([200, 403, 429]).toContain(status)
      }),
    )
  })
})

import { expect, test } from 'vitest'
import { nextBatch, pauseFor } from './throttle.ts'

test.each([
  ['the wished pause', { tookMs: 100, wal: 1_000 }, 200],
  ['as long as its WAL has to be spread over', { tookMs: 500, wal: 3_000_000 }, 2_500],
  ['never longer than a minute', { tookMs: 0, wal: 1e12 }, 60_000],
  ['the wished one after a failover set the position back', { tookMs: 10, wal: -5_000_000 }, 200],
])('the pause is %s', (_, batch, expected) => {
  expect(pauseFor(batch, { pauseMs: 200, maxWal: 1_000_000 })).toBe(expected)
})

test.each([
  ['halves after a repeated attempt', 100, { tookMs: 100, again: true }, 50],
  ['halves after a slow one', 100, { tookMs: 1_500, again: false }, 50],
  ['never goes below one row', 1, { tookMs: 1_500, again: true }, 1],
  ['grows back, and not beyond what was asked for', 600, { tookMs: 50, again: false }, 1_000],
  ['stays where it is in between', 600, { tookMs: 500, again: false }, 600],
])('a batch %s', (_, rows, batch, expected) => {
  expect(nextBatch(rows, 1_000, batch)).toBe(expected)
})

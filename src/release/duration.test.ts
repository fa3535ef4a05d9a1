import fc from 'fast-check'
import { expect, test } from 'vitest'
import { durationPattern, formatDuration, longestDurationMs, parseDuration } from './duration.ts'

test.each([
  ['0s', 0],
  ['100ms', 100],
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['20h', 72_000_000],
  ['2d', 172_800_000],
  ['366d', longestDurationMs],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each([
  ['', 'nothing'],
  ['30', 'no unit'],
  ['m', 'no number'],
  ['1.5h', 'a fraction'],
  ['1h30m', 'two units'],
  ['-5m', 'a sign'],
  ['+5m', 'a sign'],
  ['05m', 'a leading zero'],
  ['5 m', 'a space'],
  ['5m\n', 'a line end'],
  ['5M', 'a capital unit'],
  ['1w', 'an unknown unit'],
  ['1e3s', 'an exponent'],
  ['٣m', 'digits of another script'],
  ['367d', 'more than a year'],
  ['99999999999999s', 'more digits than fit'],
])('%j is refused: %s', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})

test('what is formatted reads back as the same time, in the shortest exact form', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: longestDurationMs }), (ms) => {
      const text = formatDuration(ms)
      expect(text).toMatch(new RegExp(durationPattern))
      expect(parseDuration(text)).toBe(ms)
    }),
  )
  expect([0, 999, 90_000, 1_800_000, 86_400_000, -5, 1.9].map(formatDuration)).toEqual([
    '0ms',
    '999ms',
    '90s',
    '30m',
    '1d',
    '0ms',
    '1ms',
  ])
})

test('no text is read unless the pattern for editors allows it', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), (text) => {
      if (parseDuration(text) !== undefined) expect(text).toMatch(new RegExp(durationPattern))
    }),
  )
})

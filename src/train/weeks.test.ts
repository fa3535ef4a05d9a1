import { expect, it } from 'vitest'
import { simulate } from './testing/weeks.ts'

const run = simulate(1)
const told = run.entries.map(
  ({ at, region, what }) => `${at.toISOString().slice(0, 10)} ${region ?? ''} ${what}`,
)

it('keeps every invariant and the calendar over ten weeks of a service in four regions', () => {
  expect(run.broken).toEqual([])
  expect(run.ticks).toBeGreaterThan(5_000)
  expect(run.missed).toBeGreaterThan(500)
})

it('brings every train to an end, and the two bad releases back', () => {
  const ended = (outcome: string) => told.filter((line) => line.endsWith(` ${outcome}`)).length
  expect(ended('rolled-back')).toBe(2)
  expect(ended('preempted')).toBe(1)
  expect(ended('done')).toBeGreaterThanOrEqual(3)
  expect(run.state.halt).toBeUndefined()
  expect(run.state.vetoed).toHaveLength(2)
})

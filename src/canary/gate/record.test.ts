import { describe, expect, it } from 'vitest'
import type { Look } from '../judge/types.ts'
import { timeline } from './record.ts'

const start = 1_800_000_000_000
const blockMs = 15_000
const counts = { nc: 10, ec: 1, ns: 200, es: 2 }
const look = (block: number, over: Partial<Look> = {}): Look =>
  ({ block, ln: block / 10, limit: 4.6, metrics: [{ name: 'errors', counts }], ...over }) as unknown as Look
const looks = (count: number) => Array.from({ length: count }, (_, i) => look(i + 1))

describe('the timeline of a canary', () => {
  it('has a point a block, with the weight that stood at its end', () => {
    const weights = [
      { at: start, weight: 5 },
      { at: start + 2 * blockMs, weight: 25 },
    ]
    const points = timeline(looks(3), start, blockMs, weights)
    expect(points.map(({ seconds, weight }) => [seconds, weight])).toEqual([
      [15, 5],
      [30, 25],
      [45, 25],
    ])
    expect(points[0]).toEqual({ block: 1, seconds: 15, weight: 5, lnE: 0.1, metrics: { errors: counts } })
  })

  it('has weight 0 before the first promotion was seen, and no figure where there is no evidence', () => {
    const [point] = timeline([look(1, { ln: Number.NEGATIVE_INFINITY })], start, blockMs, [])
    expect(point).toMatchObject({ weight: 0, lnE: null })
  })

  it('is thinned out to what a chart can show, and keeps first, last and alarm', () => {
    const all = looks(2001).map((each) =>
      each.block === 778 ? { ...each, alarm: {} as NonNullable<Look['alarm']> } : each,
    )
    const blocks = timeline(all, start, blockMs, []).map(({ block }) => block)
    expect(blocks.length).toBeLessThanOrEqual(242)
    expect(blocks).toEqual(expect.arrayContaining([1, 778, 2001]))
    expect(blocks).toEqual([...new Set(blocks)].toSorted((a, b) => a - b))
  })

  it('is empty without a look', () => {
    expect(timeline([], start, blockMs, [])).toEqual([])
  })
})

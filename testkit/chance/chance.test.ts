import { describe, expect, it } from 'vitest'
import { chance } from './index.ts'

const DRAWS = 20_000

function moments(draw: () => number): { mean: number; variance: number } {
  let sum = 0
  let squares = 0
  for (let i = 0; i < DRAWS; i++) {
    const value = draw()
    sum += value
    squares += value * value
  }
  const mean = sum / DRAWS
  return { mean, variance: squares / DRAWS - mean * mean }
}

describe('seeded draws', () => {
  it.each([0.02, 0.9, 4, 12, 900, 17_100])('of a Poisson of mean %d have its mean and variance', (mean) => {
    const found = moments(() => chance5.poisson(mean))
    const error = 5 * Math.sqrt(mean / DRAWS)
    expect(Math.abs(found.mean - mean)).toBeLessThan(error)
    expect(found.variance / mean).toBeGreaterThan(0.9)
    expect(found.variance / mean).toBeLessThan(1.1)
  })

  it.each([
    [500, 0.001],
    [40, 0.3],
    [40, 0.8],
  ])('of a binomial %d, %d have its mean and variance', (n, p) => {
    const found = moments(() => chance5.binomial(n, p))
    const variance = n * p * (1 - p)
    expect(Math.abs(found.mean - n * p)).toBeLessThan(5 * Math.sqrt(variance / DRAWS))
    expect(found.variance / variance).toBeGreaterThan(0.9)
    expect(found.variance / variance).toBeLessThan(1.1)
  })

  it('are the same for the same seed, and others for another', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, chance(seed).next)
    expect(draw(3)).toEqual(draw(3))
    expect(draw(3)).not.toEqual(draw(4))
  })
})

const chance5 = chance(5)

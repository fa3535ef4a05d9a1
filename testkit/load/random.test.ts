import { describe, expect, it } from 'vitest'
import { logNormal, poisson, random } from './random.ts'

describe('random numbers', () => {
  it('fill the unit interval evenly', () => {
    const next = random('even')
    const bins = Array.from({ length: 20 }, () => 0)
    for (let i = 0; i < 20_000; i++) {
      const bin = Math.floor(next() * 20)
      bins[bin] = (bins[bin] ?? 0) + 1
    }
    // Chi-square with 19 degrees of freedom is below 43.8 in 99.9 % of all seeds.
    expect(bins.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0)).toBeLessThan(43.8)
  })

  it.each([0, 0.3, 5, 29.9, 30, 75, 2000])('Poisson of mean %d has that mean and variance', (mean) => {
    const next = random(`poisson ${mean}`)
    const draws = Array.from({ length: 4000 }, () => poisson(next, mean))
    const average = draws.reduce((a, b) => a + b, 0) / draws.length
    const variance = draws.reduce((sum, n) => sum + (n - average) ** 2, 0) / (draws.length - 1)
    expect(Math.abs(average - mean)).toBeLessThanOrEqual(4 * Math.sqrt(mean / draws.length))
    // The variance of a sample variance is about (2 mean^2 + mean) / n.
    expect(Math.abs(variance - mean)).toBeLessThanOrEqual(
      4 * Math.sqrt((2 * mean ** 2 + mean) / draws.length),
    )
  })

  it('draws latencies around the median', () => {
    const next = random('latency')
    const draws = Array.from({ length: 10_001 }, () => logNormal(next, 0.02, 0.35)).sort((a, b) => a - b)
    expect(draws[5000]).toBeCloseTo(0.02, 3)
    expect((draws[9500] ?? 0) / 0.02).toBeCloseTo(Math.exp(1.645 * 0.35), 1)
    expect(logNormal(next, 0.02, 0)).toBe(0.02)
  })
})

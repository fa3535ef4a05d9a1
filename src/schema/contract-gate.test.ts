import { expect, test } from 'vitest'
import { contractGate, type RegionRelease, readRegions } from './contract-gate.ts'

const at = (...releases: (string | undefined)[]): readonly RegionRelease[] =>
  releases.map((release, index) => ({ region: `region-${index}`, release }))

test.each<[readonly RegionRelease[], string]>([
  [at('r41', 'r50'), 'pass'],
  [at('r41', 'r40'), 'wait'],
  [at('r9', 'r100'), 'wait'],
  [at('r41', undefined), 'unknown'],
  [at('r41', 'canary'), 'unknown'],
  [[], 'unknown'],
])('regions %j: %s', (regions, verdict) => {
  expect(contractGate('r41', regions).verdict).toBe(verdict)
})

test('facts of another form are refused', () => {
  expect(readRegions([{ region: 'a', release: 'r1' }])).toEqual({
    ok: true,
    value: at('r1').map((one) => ({ ...one, region: 'a' })),
  })
  for (const value of [{}, [{}], [{ region: 1 }], [null], 'r1']) expect(readRegions(value).ok).toBe(false)
})

import { expect, it } from 'vitest'
import { modelConfig } from './testing/model-config.ts'
import { rules } from './testing/moves.ts'
import { mutants } from './testing/mutants.ts'
import { walks } from './testing/walk.ts'

const config = modelConfig(['us', 'eu', 'ap', 'me'])
const bounds = { releases: 4, states: 0, hotfix: true, slowTicks: true }

it('keeps every invariant on walks at random through four regions and four releases', () => {
  const walked = walks(config, rules, bounds, { count: 200, length: 160, seed: 6 })
  expect(walked.broken).toBeUndefined()
  expect(walked.steps).toBeGreaterThan(5_000)
}, 60_000)

it('shrinks what it finds to a way that a person can follow', () => {
  const mutant = mutants.find((m) => m.name === 'a halt is not looked at')
  const walked = walks(config, { ...rules, ...mutant?.change }, bounds, { count: 2_000, length: 80, seed: 1 })
  expect(walked.broken?.invariant).toContain(mutant?.breaks)
  expect(walked.broken?.path.length).toBeLessThan(12)
}, 60_000)

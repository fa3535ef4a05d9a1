import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

const words = ['environment', 'dry-run', 'config', 'bake', 'lock-timeout']

test.each([
  ['enviroment', 'environment'],
  ['environmnet', 'environment'],
  ['dryRun', 'dry-run'],
  ['DRY_RUN', 'dry-run'],
  ['confg', 'config'],
  ['bkae', 'bake'],
  ['lockTimeout', 'lock-timeout'],
  ['banana', undefined],
  ['', undefined],
])('%j is near to %j', (typed, meant) => {
  expect(nearest(typed, words)).toBe(meant)
})

test('a word is nearest to itself, and only a candidate is ever answered', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (typed, others) => {
      const found = nearest(typed, others)
      if (found !== undefined) expect(others).toContain(found)
      if (/[a-z]/.test(typed) && typed.length < 100) expect(nearest(typed, [typed])).toBe(typed)
    }),
  )
})

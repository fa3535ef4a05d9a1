import { expect, test } from 'vitest'
import { failedStep } from './failure.ts'

test('BuildKit: the step is found among others that ran at the same time', () => {
  const log = [
    '#7 [build 2/4] COPY . .',
    '#8 [other 2/2] RUN sleep 1',
    '#9 [build 3/4] RUN npm ci',
    '#8 0.2 other work',
    ...Array.from({ length: 40 }, (_, index) => `#9 ${index}.0 line ${index}`),
    '#9 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
    '------',
    'ERROR: failed to solve',
  ]
  const { step, tail } = failedStep(log)
  expect(step).toBe('[build 3/4] RUN npm ci')
  expect(tail).toHaveLength(30)
  expect(tail.at(-1)).toMatch(/^ERROR: process/)
  expect(tail.join()).not.toMatch(/other work/)
})

test('buildah: the last step that began is the one that failed', () => {
  expect(
    failedStep([
      'STEP 1/3: FROM scratch',
      'STEP 2/3: COPY a /a',
      'STEP 3/3: RUN false',
      '',
      'error building at STEP "RUN false"',
    ]),
  ).toEqual({ step: 'STEP 3/3: RUN false', tail: ['error building at STEP "RUN false"'] })
  expect(failedStep(['[2/2] STEP 1/2: FROM x', 'no such image'])).toEqual({
    step: '[2/2] STEP 1/2: FROM x',
    tail: ['no such image'],
  })
})

test('a builder that failed before its first step', () => {
  expect(failedStep(['permission denied'])).toEqual({ tail: ['permission denied'] })
  expect(failedStep([])).toEqual({ tail: [] })
})

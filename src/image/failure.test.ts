import { expect, test } from 'vitest'
import { buildFailed, failedStep } from './failure.ts'

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

const log = (...lines: readonly string[]) => ['STEP 1/2: FROM x', 'STEP 2/2: RUN make', ...lines]

test.each([
  ['gcc: not found', 'build-failed', 'user'],
  ['write /usr/lib/x.so: no space left on device', 'disk-full', 'world'],
  ['mkdir /var/tmp/b: disk quota exceeded', 'disk-full', 'world'],
  ['exec container process `/bin/sh`: Exec format error', 'platform-not-emulated', 'user'],
] as const)('a build that ends with "%s" is %s', (line, reason, blame) => {
  const fault = buildFailed('buildah', { code: 1, lines: log(line) }, 1_000)
  expect(fault).toMatchObject({ reason, blame })
  expect(fault.cause).toContain('STEP 2/2: RUN make')
  expect(fault.cause).toContain(line)
})

test('a build that takes too long says how far it came', () => {
  const fault = buildFailed('buildah', { code: 1, lines: log('waiting'), late: true }, 90_000)
  expect(fault).toMatchObject({ reason: 'build-timeout' })
  expect(fault.cause).toMatch(/1m30s|90s/)
  expect(fault.cause).toMatch(/RUN make[\s\S]*waiting/)
})

test('no more than the last 30 lines are told', () => {
  const many = Array.from({ length: 500 }, (_, index) => `line ${index}`)
  expect(buildFailed('podman', { code: 2, lines: log(...many) }, 1_000).cause.split('\n')).toHaveLength(31)
})

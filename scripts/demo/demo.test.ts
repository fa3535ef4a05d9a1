import { describe, expect, test } from 'vitest'
import type { BundleRun } from '../../testkit/runner/index.ts'
import type { Tick } from '../../testkit/workflows/index.ts'
import { evidenceOf } from './evidence.ts'
import { gateLine, tickLine } from './progress.ts'

describe('a line of the log of the canary gate', () => {
  test.each([
    [
      'aae6aaa043c3 at 5 %: promote: 2s at 5 %; errors: canary 1 of 1059',
      '  5 %  go on: 2s at 5 %; errors: canary 1 of 1059',
    ],
    ['94ad70fdcd7a at 50 %: abort: errors: canary 81 of 1496', ' 50 %  ABORT: errors: canary 81 of 1496'],
    ['Note: Aborted in 0.3 s: 94ad70fdcd7a serves 0 %.', '       Aborted in 0.3 s: 94ad70fdcd7a serves 0 %.'],
  ])('%s is shown', (line, shown) => expect(gateLine(line)).toBe(shown))

  test.each([
    'aae6aaa043c3 at 5 %: moving to 25 %',
    '::notice::Aborted in 0.3 s',
    'Promoted in 0.1 s: step 2 of 6.',
    '',
  ])('%j is noise', (line) => expect(gateLine(line)).toBeUndefined())
})

describe('a tick', () => {
  const tick = (part: Partial<Tick>): Tick => ({
    step: 'none',
    region: '',
    verdict: 'wait',
    reason: 'window-closed',
    message: 'prod-eu: closed now',
    ...part,
  })
  test.each<[string, Partial<Tick>, string | undefined]>([
    ['that waits says why', {}, 'window-closed: prod-eu: closed now'],
    [
      'that pins names the region',
      { step: 'pin', region: 'prod-us', verdict: 'pass' },
      'prod-us  pinned in Git',
    ],
    ['that only looks again is no event', { reason: 'not-served' }, undefined],
    ['that bakes on is no event', { step: 'bake', region: 'prod-us', reason: 'baking' }, undefined],
  ])('%s', (_, part, shown) => {
    const line = tickLine(tick(part))
    if (shown === undefined) expect(line).toBeUndefined()
    else expect(line).toContain(shown)
  })
})

describe('evidence for the page', () => {
  const run = (data: unknown): Pick<BundleRun, 'result' | 'outputs'> => ({
    result: { message: 'delivery-api: aborted', data },
    outputs: { verdict: 'fail' },
  })

  test('is dated from the start of the canary, in the counts of both arms', () => {
    const counts = { nc: 100, ec: 5, ns: 1900, es: 1 }
    const timeline = [{ seconds: 2, weight: 5, lnE: 1.5, metrics: { errors: counts } }]
    const start = '2026-11-17T14:00:00.000Z'
    expect(evidenceOf('prod-us', 'r2', run({ start, limit: 4.6, timeline }))).toEqual({
      limit: 4.6,
      region: 'prod-us',
      release: 'r2',
      ending: 'delivery-api: aborted',
      good: false,
      points: [
        {
          at: '2026-11-17T14:00:02.000Z',
          weight: 5,
          lnE: 1.5,
          canary: { requests: 100, bad: 5 },
          stable: { requests: 1900, bad: 1 },
        },
      ],
    })
  })

  test.each([undefined, {}, { timeline: [{ seconds: 1, weight: 5, metrics: {} }] }])(
    'is empty where the gate saw no canary (%j)',
    (data) => expect(evidenceOf('prod-us', 'r2', run(data)).points).toEqual([]),
  )
})

import { describe, expect, it } from 'vitest'
import { type RolloutView, viewRollout } from '../../cluster/index.ts'
import type { Digest } from '../../release/index.ts'
import type { Judgement } from '../judge/verdict.ts'
import { decide, type Policy, type Situation } from './decide.ts'
import { checkSteps } from './steps.ts'

const now = new Date('2026-11-17T10:00:00Z')
const at = (seconds: number) => new Date(now.getTime() + seconds * 1000)
const ours = `sha256:${'b'.repeat(64)}` as Digest
const other = `sha256:${'c'.repeat(64)}` as Digest
const steps = [{ setWeight: 5 }, { pause: {} }, { setWeight: 25 }, { pause: {} }]

/** In flight, in the pause at 5 % since ten minutes. */
const paused: RolloutView = viewRollout(
  {
    metadata: { name: 'api', generation: 2, resourceVersion: '7' },
    spec: {
      template: { spec: { containers: [{ name: 'api', image: `registry.example.com/api@${ours}` }] } },
      strategy: { canary: { steps } },
    },
    status: {
      observedGeneration: '2',
      phase: 'Paused',
      currentPodHash: 'new',
      stableRS: 'old',
      currentStepIndex: 1,
      controllerPause: true,
      pauseConditions: [{ reason: 'CanaryPauseStep', startTime: at(-600).toISOString() }],
    },
  },
  'api',
)
const judged = (verdict: Judgement['verdict'], reason: Judgement['reason']): Judgement => ({
  verdict,
  reason,
  why: 'figures',
  block: 9,
  looks: [],
  sufficiency: [],
})
const good = judged('promote', 'canary-good')
const few = judged('inconclusive', 'canary-too-few-requests')
const policy: Policy = { digest: ours, holdsMs: { 5: 300_000, 25: 300_000 }, inconclusive: 'hold' }
const base: Situation = {
  now,
  view: paused,
  identified: true,
  seenBefore: true,
  notStartedUntil: at(60),
  servesAll: false,
  promoted: false,
  initial: false,
  judgement: good,
}
const view = (change: Partial<RolloutView>): Pick<Situation, 'view'> => ({ view: { ...paused, ...change } })
const { judgement: _, ...noJudgement } = base
const blind = { blame: 'world', reason: 'prometheus-unreachable', cause: 'no answer', next: 'look' } as const

describe('the next move', () => {
  it.each<[string, Situation, object]>([
    ['promotes after the hold on good evidence', base, { do: 'promote', stepIndex: 1 }],
    [
      'waits for the hold to end',
      { ...base, now: at(-400) },
      { do: 'wait', reason: 'canary-holding', until: at(-300) },
    ],
    [
      'aborts at once on an alarm, hold or not',
      { ...base, now: at(-599), judgement: judged('abort', 'canary-worse') },
      { do: 'abort', reason: 'canary-worse' },
    ],
    [
      'aborts on an alarm while the weight is moving',
      {
        ...base,
        ...view({ phase: 'progressing', pauseReason: 'x' }),
        judgement: judged('abort', 'canary-failing'),
      },
      { do: 'abort' },
    ],
    [
      'holds when it is blind, never passes',
      { ...noJudgement, blind },
      { do: 'wait', reason: 'prometheus-unreachable' },
    ],
    [
      'holds when it is blind now, whatever it saw before',
      { ...base, blind },
      { do: 'wait', reason: 'prometheus-unreachable' },
    ],
    ['holds without any sample', noJudgement, { do: 'wait', reason: 'canary-blind' }],
    [
      'holds on one bad pod',
      { ...base, judgement: judged('hold', 'canary-one-pod') },
      { do: 'wait', reason: 'canary-one-pod' },
    ],
    [
      'extends a step once when it cannot know',
      { ...base, now: at(-200), judgement: few },
      { do: 'wait', until: at(0) },
    ],
    [
      'holds on when it still cannot know',
      { ...base, judgement: few },
      { do: 'wait', reason: 'canary-too-few-requests' },
    ],
    [
      'leaves a pause of a person alone',
      { ...base, ...view({ pausedByPerson: true }) },
      { do: 'wait', reason: 'canary-paused-by-person' },
    ],
    [
      'leaves a pause of an analysis alone',
      { ...base, ...view({ pauseReason: 'InconclusiveAnalysisRun' }) },
      { do: 'wait', reason: 'canary-holding' },
    ],
    [
      'sends a lost promotion again',
      { ...base, ...view({ unpausing: true }), unpausingSince: at(-3) },
      { do: 'promote', stepIndex: 1 },
    ],
    [
      'gives the controller time for a promotion',
      { ...base, ...view({ unpausing: true }), unpausingSince: at(-1) },
      { do: 'wait' },
    ],
    [
      'aborts pods that crash for a minute',
      { ...base, brokenSince: at(-61) },
      { do: 'abort', reason: 'canary-not-ready' },
    ],
    ['gives crashing pods a minute', { ...base, now: at(-400), brokenSince: at(-430) }, { do: 'wait' }],
    [
      'stops when another image took its place',
      { ...base, ...view({ specDigest: other }) },
      { do: 'stop', verdict: 'fail', reason: 'canary-superseded' },
    ],
    [
      'waits for its image to arrive',
      { ...base, ...view({ specDigest: other }), seenBefore: false },
      { do: 'wait', reason: 'canary-not-started' },
    ],
    [
      'gives up waiting for its image',
      { ...base, ...view({ specDigest: other }), seenBefore: false, now: at(61) },
      { do: 'stop', verdict: 'unknown', reason: 'canary-not-started' },
    ],
    [
      'does not believe a spec that was not observed',
      { ...base, identified: false, judgement: judged('abort', 'canary-worse') },
      { do: 'wait', reason: 'canary-not-started' },
    ],
    [
      'stops on an abort by someone',
      { ...base, ...view({ abortedAt: at(-5) }) },
      { do: 'stop', verdict: 'fail', reason: 'canary-aborted' },
    ],
    [
      'gives a refused spec time to be corrected',
      { ...base, ...view({ invalidSpec: 'weights' }), invalidSince: at(-5), now: at(-400) },
      { do: 'wait' },
    ],
    [
      'stops on a refused spec',
      { ...base, ...view({ invalidSpec: 'weights' }), invalidSince: at(-30) },
      { do: 'stop', reason: 'canary-invalid-spec' },
    ],
    [
      'ends well when all traffic is on it',
      { ...base, ...view({ inFlight: false, phase: 'healthy' }), servesAll: true, promoted: true },
      { do: 'stop', verdict: 'pass', reason: 'canary-promoted' },
    ],
    [
      'says when nothing was in flight',
      { ...base, ...view({ inFlight: false, phase: 'healthy' }), servesAll: true },
      { do: 'stop', verdict: 'pass', reason: 'canary-already-promoted' },
    ],
    [
      'says when there was nothing to compare with',
      { ...base, ...view({ inFlight: false, phase: 'healthy' }), servesAll: true, initial: true },
      { do: 'stop', verdict: 'pass', reason: 'canary-initial-deploy' },
    ],
    [
      'believes routes and not phases',
      { ...base, ...view({ inFlight: false, phase: 'healthy' }) },
      { do: 'wait', reason: 'canary-holding' },
    ],
  ])('%s', (_name, situation, action) => {
    expect(decide(policy, situation)).toMatchObject(action)
  })

  it.each([
    ['promote-with-warning', { do: 'promote', warning: true }],
    ['abort', { do: 'abort', reason: 'canary-too-few-requests' }],
  ] as const)('when it cannot know follows the policy %s', (inconclusive, action) => {
    expect(decide({ ...policy, inconclusive }, { ...base, judgement: few })).toMatchObject(action)
  })
})

describe('steps', () => {
  const holds = { 5: 1, 25: 1, 50: 1 }
  it.each<[string, RolloutView['steps'], string | undefined]>([
    ['with a pause after each weight', steps, undefined],
    ['that end at 100 without a pause', [...steps, { setWeight: 100 }], undefined],
    ['with a timed pause', [{ setWeight: 5 }, { pause: { duration: '10m' } }], 'canary-steps-outrun'],
    [
      'with a weight that does not wait',
      [{ setWeight: 5 }, { setWeight: 25 }, { pause: {} }],
      'canary-steps-outrun',
    ],
    ['without a weight', [{ pause: {} }], 'canary-steps-outrun'],
    ['that are not there', [], 'canary-steps-outrun'],
    ['with a weight that has no minimum time', [{ setWeight: 10 }, { pause: {} }], 'canary-hold-missing'],
  ])('%s', (_, given, reason) => {
    expect(checkSteps(given, holds, 'api')?.reason).toBe(reason)
  })
})

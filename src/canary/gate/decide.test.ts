import { describe, expect, it } from 'vitest'
import {
  type LiveBlueGreen,
  type LiveCanary,
  type LiveDeployment,
  type RolloutView,
  viewRollout,
} from '../../cluster/index.ts'
import type { Digest, ReasonCode } from '../../release/index.ts'
import type { Judgement } from '../judge/verdict.ts'
import { decide, type Policy, type Situation } from './decide.ts'
import { holdsOf, warmTooShort } from './holds.ts'
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
const shared = {
  name: 'api',
  specDigest: ours,
  identified: true,
  inFlight: true,
  routed: { served: [{ digest: ours, share: 0.05 }], dark: 0, unnamed: 0 },
  pods: [],
  healthy: false,
  deadlineExceeded: false,
  pausedByPerson: false,
  arms: [],
  replicas: 2,
  surge: { maxUnavailable: '25%', maxSurge: '25%' },
  history: 10,
  why: '',
} as const
const live: LiveCanary = {
  ...shared,
  kind: 'canary',
  router: 'istio',
  weight: 5,
  verified: true,
  dynamicStableScale: false,
  abortDelaySaid: false,
  rollbackWindow: 0,
  view: paused,
}
const all = { served: [{ digest: ours, share: 1 }], dark: 0, unnamed: 0 }
const base: Situation = {
  now,
  live,
  seenBefore: true,
  notStartedUntil: at(60),
  seenInFlight: false,
  canStop: false,
  promoted: false,
  initial: false,
  judgement: good,
}
/** The Rollout as its controller tells it, and what follows from that for the reading of it. */
const view = (change: Partial<RolloutView>, more: Partial<LiveCanary> = {}): Pick<Situation, 'live'> => {
  const seen = { ...paused, ...change }
  const { specDigest = ours, inFlight } = seen
  return { live: { ...live, specDigest, inFlight, healthy: seen.phase === 'healthy', view: seen, ...more } }
}
const done = { inFlight: false, phase: 'healthy' } as const
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
    ...(['spent', 'burning', 'blind'] as const).flatMap((state): [string, Situation, object][] => {
      const reason = {
        spent: 'canary-budget-spent',
        burning: 'canary-service-burning',
        blind: 'prometheus-stale',
      }[state] as ReasonCode
      const service = { state, reason, why: 'trouble' }
      const bad = judged('abort', 'canary-worse')
      return [
        [`takes no step while the service is ${state}`, { ...base, service }, { do: 'wait', reason }],
        [`aborts a bad canary while it is ${state}`, { ...base, service, judgement: bad }, { do: 'abort' }],
      ]
    }),
    [
      'takes a step while the service is quiet',
      { ...base, service: { state: 'quiet', reason: 'canary-good', why: '' } },
      { do: 'promote' },
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
      { ...base, ...view({}, { identified: false }), judgement: judged('abort', 'canary-worse') },
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
      { ...base, ...view(done, { routed: all }), promoted: true },
      { do: 'stop', verdict: 'pass', reason: 'canary-promoted' },
    ],
    [
      'says when nothing was in flight',
      { ...base, ...view(done, { routed: all }) },
      { do: 'stop', verdict: 'pass', reason: 'canary-already-promoted' },
    ],
    [
      'says when there was nothing to compare with',
      { ...base, ...view(done, { routed: all }), initial: true },
      { do: 'stop', verdict: 'pass', reason: 'canary-initial-deploy' },
    ],
    ['believes routes and not phases', { ...base, ...view(done) }, { do: 'wait', reason: 'canary-holding' }],
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

describe('a canary', () => {
  const well = { name: 'relay', state: 'well', reason: 'canary-good', why: 'well' } as const
  it.each<[string, Situation, object]>([
    [
      'is not promoted on a weight that the routes do not give',
      { ...base, ...view({}, { weight: 0 }) },
      { do: 'wait', reason: 'canary-weight-off' },
    ],
    [
      'is not promoted on a weight that the load balancer has not confirmed',
      { ...base, ...view({}, { verified: false }) },
      { do: 'wait', reason: 'canary-weight-off' },
    ],
    [
      'without a router has the share that its pods have',
      { ...base, ...view({}, { router: 'none', weight: 14 }) },
      { do: 'promote', stepIndex: 1 },
    ],
    [
      'that another controller instance owns is said to be so',
      {
        ...base,
        ...view({ instanceId: 'blue', observed: false }, { identified: false }),
        unobservedSince: at(-21),
      },
      { do: 'stop', verdict: 'unknown', reason: 'canary-other-instance' },
    ],
    [
      'recovers from an exceeded deadline',
      { ...base, ...view({ deadlineExceeded: true, pausedSince: undefined as never }) },
      { do: 'wait', reason: 'canary-degraded' },
    ],
    [
      'does not go on over an abort that somebody asked for and the controller lost',
      { ...base, ...view({ abortRequested: true }) },
      { do: 'wait', reason: 'canary-holding' },
    ],
    ['goes on while the other workloads are well', { ...base, companions: [well] }, { do: 'promote' }],
    [
      'waits for another workload of the release',
      { ...base, companions: [well, { ...well, state: 'unwell', reason: 'canary-companion' }] },
      { do: 'wait', reason: 'canary-companion' },
    ],
    [
      'waits for a workload of which nothing is known',
      { ...base, companions: [{ ...well, state: 'unknown', reason: 'canary-blind' }] },
      { do: 'wait', reason: 'canary-blind' },
    ],
    [
      'is aborted when a worker crashes on the digest',
      { ...base, companions: [{ ...well, state: 'bad', reason: 'canary-restarts' }] },
      { do: 'abort', reason: 'canary-restarts' },
    ],
  ])('%s', (_name, situation, action) => {
    expect(decide(policy, situation)).toMatchObject(action)
  })
})

describe('a blue-green Rollout', () => {
  const arm = {
    hash: 'new',
    replicaSet: { metadata: { name: 'api-new' }, spec: {} },
    pods: [],
    ready: 2,
    complete: true,
  }
  const green: LiveBlueGreen = {
    ...shared,
    kind: 'blue-green',
    cutOver: 'before',
    weight: 0,
    autoPromotes: false,
    fresh: arm,
    view: { ...paused, strategy: 'blue-green', steps: [], stepIndex: 0, pauseReason: 'BlueGreenPause' },
  }
  const probed = { verdict: 'good', reason: 'canary-good', why: '200 probes' } as const
  const after = { verdict: 'good', reason: 'canary-good', why: 'no concurrent baseline' } as const
  const cut: LiveBlueGreen = {
    ...green,
    cutOver: 'settled',
    inFlight: false,
    healthy: true,
    weight: 100,
    routed: all,
  }
  const hold = { ...policy, holdsMs: { 100: 600_000 } }
  const { judgement: _judgement, ...quiet } = base
  it.each<[string, Situation, object]>([
    ['is cut over on good probes', { ...quiet, live: green, preview: probed }, { do: 'promote' }],
    ['is not cut over without probes', { ...quiet, live: green }, { do: 'wait', reason: 'canary-no-probes' }],
    [
      'is not cut over with a pod that is not ready',
      { ...quiet, live: { ...green, fresh: { ...arm, complete: false } }, preview: probed },
      { do: 'wait', reason: 'canary-holding' },
    ],
    [
      'is aborted on failing probes, before any user has seen it',
      { ...quiet, live: green, preview: { ...probed, verdict: 'bad', reason: 'canary-failing' } },
      { do: 'abort', reason: 'canary-failing' },
    ],
    [
      'is watched after the cut-over',
      { ...quiet, live: cut, cutOverSince: at(-60), after },
      { do: 'wait', reason: 'canary-holding', until: at(540) },
    ],
    [
      'ends well after the watch',
      { ...quiet, live: cut, cutOverSince: at(-601), after },
      { do: 'stop', verdict: 'pass', reason: 'canary-promoted' },
    ],
    [
      'is taken back on an alarm after the cut-over',
      {
        ...quiet,
        live: cut,
        cutOverSince: at(-60),
        after: { ...after, verdict: 'bad', reason: 'canary-worse' },
      },
      { do: 'abort', reason: 'canary-worse' },
    ],
    [
      'is not passed blind',
      { ...quiet, live: cut, cutOverSince: at(-601), after, blind },
      { do: 'wait', reason: 'prometheus-unreachable' },
    ],
    [
      'that was settled before the gate looked has nothing in flight',
      { ...quiet, live: cut },
      { do: 'stop', verdict: 'pass', reason: 'canary-already-promoted' },
    ],
  ])('%s', (_name, situation, action) => {
    expect(decide(hold, situation)).toMatchObject(action)
  })
})

describe('a Deployment', () => {
  const old = {
    hash: 'old',
    replicaSet: { metadata: { name: 'api-old' }, spec: {} },
    pods: [],
    ready: 2,
    complete: true,
  }
  const rolling: LiveDeployment = { ...shared, kind: 'deployment', weight: 40, old }
  const rolled: LiveDeployment = { ...rolling, inFlight: false, healthy: true, routed: all, weight: 100 }
  const after = { verdict: 'good', reason: 'canary-good', why: 'no concurrent baseline' } as const
  it.each<[string, Situation, object]>([
    ['is followed while it rolls', { ...base, live: rolling }, { do: 'wait', reason: 'canary-holding' }],
    [
      'is taken back on an alarm while it rolls',
      { ...base, live: rolling, judgement: judged('abort', 'canary-worse') },
      { do: 'abort', reason: 'canary-worse' },
    ],
    [
      'may recover from an exceeded deadline',
      { ...base, live: { ...rolling, deadlineExceeded: true } },
      { do: 'wait', reason: 'canary-degraded' },
    ],
    [
      'is watched when only new pods are left',
      { ...base, live: rolled, cutOverSince: at(-1), after },
      { do: 'wait', reason: 'canary-holding' },
    ],
    [
      'ends well after ten minutes by default',
      { ...base, live: rolled, cutOverSince: at(-601), after },
      { do: 'stop', verdict: 'pass', reason: 'canary-promoted' },
    ],
    [
      'says when nothing was in flight',
      { ...base, live: rolled },
      { do: 'stop', reason: 'canary-already-promoted' },
    ],
  ])('%s', (_name, situation, action) => {
    const { holdsMs: _, ...defaults } = policy
    expect(decide(defaults, situation)).toMatchObject(action)
  })
})

describe('minimum times', () => {
  const weighted = [
    { setCanaryScale: { weight: 100 } },
    { setWeight: 10 },
    { pause: {} },
    { setWeight: 50 },
    { pause: {} },
  ]
  it.each([
    [
      'half an hour at the first weight, then ten minutes',
      steps,
      { 5: 1_800_000, 25: 600_000, 100: 600_000 },
    ],
    ['a quarter of an hour at full capacity', weighted, { 10: 900_000, 50: 600_000, 100: 600_000 }],
  ])('are %s', (_, given, expected) => {
    expect(holdsOf(view({ steps: given }).live, undefined)).toEqual(expected)
  })

  it('are those of tuesday.yaml where it has any', () => {
    expect(holdsOf(live, { 5: 1 })).toEqual({ 5: 1 })
  })

  it('ask for old pods that are kept as long', () => {
    expect(warmTooShort(undefined, { 100: 600_000 })).toContain('30 s')
    expect(warmTooShort(600, { 100: 600_000 })).toBeUndefined()
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

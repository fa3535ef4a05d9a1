import { describe, expect, it } from 'vitest'
import type { LiveFlagger } from '../../cluster/index.ts'
import type { Digest } from '../../release/index.ts'
import type { Judgement } from '../judge/verdict.ts'
import { decide, type Situation } from './decide.ts'

const now = new Date('2026-11-17T10:00:00Z')
const at = (seconds: number) => new Date(now.getTime() + seconds * 1_000)
const ours = `sha256:${'b'.repeat(64)}` as Digest
const other = `sha256:${'a'.repeat(64)}` as Digest
const judged = (verdict: Judgement['verdict'], reason: Judgement['reason']): Judgement => ({
  ...{ verdict, reason, why: 'figures', block: 9 },
  looks: [],
  sufficiency: [],
})
const worse = judged('abort', 'canary-worse')
const serves = (digest: Digest) => ({ served: [{ digest, share: 1 }], dark: 0, unnamed: 0 })

const progressing: LiveFlagger = {
  kind: 'flagger',
  name: 'api',
  canary: 'api',
  phase: 'Progressing',
  weight: 25,
  failedChecks: 1,
  suspended: false,
  stoppable: true,
  hasRollbackHook: true,
  intervalMs: 10_000,
  plannedMs: 60_000,
  specDigest: ours,
  identified: true,
  inFlight: true,
  routed: { served: [], dark: 0, unnamed: 0 },
  pods: [],
  arms: [],
  replicas: 0,
  pausedByPerson: false,
  surge: { maxSurge: '25%', maxUnavailable: '25%' },
  history: 10,
  healthy: false,
  deadlineExceeded: false,
  why: 'Canary analysis.',
}
const base: Situation = {
  now,
  live: progressing,
  seenBefore: true,
  notStartedUntil: at(60),
  seenInFlight: true,
  canStop: true,
  promoted: false,
  initial: false,
}
const done: Partial<LiveFlagger> = {
  phase: 'Succeeded',
  inFlight: false,
  stoppable: false,
  routed: serves(ours),
}

describe('what Flagger moves', () => {
  it.each<[string, Partial<LiveFlagger>, Partial<Situation>, object]>([
    ['is watched', {}, {}, { do: 'wait', reason: 'flagger-progressing' }],
    [
      'is never promoted, however good the evidence',
      {},
      { judgement: judged('promote', 'canary-good') },
      { do: 'wait', reason: 'flagger-progressing' },
    ],
    [
      'waits for a hook of others',
      { phase: 'WaitingPromotion' },
      {},
      { do: 'wait', reason: 'flagger-waiting' },
    ],
    ['stands while it is suspended', { suspended: true }, {}, { do: 'wait', reason: 'flagger-suspended' }],
    ['is stopped on an alarm', {}, { judgement: worse }, { do: 'abort', reason: 'canary-worse' }],
    ['is stopped while it is suspended too', { suspended: true }, { judgement: worse }, { do: 'abort' }],
    [
      'is stopped when no pod is ready',
      {},
      { brokenSince: at(-60) },
      { do: 'abort', reason: 'canary-not-ready' },
    ],
    [
      'cannot be stopped without an address',
      {},
      { judgement: worse, canStop: false },
      { do: 'stop', verdict: 'fail', reason: 'flagger-not-stopped' },
    ],
    [
      'cannot be stopped without a hook',
      { hasRollbackHook: false },
      { judgement: worse },
      { do: 'stop', verdict: 'fail', reason: 'flagger-not-stopped' },
    ],
    [
      'cannot be stopped once it promotes',
      { phase: 'Promoting', stoppable: false },
      { judgement: worse },
      { do: 'stop', verdict: 'fail', reason: 'flagger-not-stopped' },
    ],
    [
      'is not there before Flagger has looked',
      { identified: false },
      {},
      { do: 'wait', reason: 'canary-not-started' },
    ],
    [
      'is superseded by another image',
      { specDigest: other },
      {},
      { do: 'stop', verdict: 'fail', reason: 'canary-superseded' },
    ],
    [
      'has failed',
      { phase: 'Failed', inFlight: false, weight: 0 },
      {},
      { do: 'stop', verdict: 'fail', reason: 'flagger-failed' },
    ],
    ['has passed', done, {}, { do: 'stop', verdict: 'pass', reason: 'flagger-promoted' }],
    [
      'is not passed while its pods do not serve',
      { ...done, routed: serves(other) },
      {},
      { do: 'wait', reason: 'flagger-progressing' },
    ],
    ['had passed before', done, { seenInFlight: false }, { do: 'stop', reason: 'canary-already-promoted' }],
    ['is the first version', { ...done, phase: 'Initialized' }, {}, { reason: 'canary-initial-deploy' }],
  ])('%s', (_, change, more, expected) => {
    const live = { ...progressing, ...change }
    expect(decide({ digest: ours, inconclusive: 'hold' }, { ...base, ...more, live })).toMatchObject(expected)
  })

  it('tells when a failure has left traffic on the new version', () => {
    const live = { ...progressing, phase: 'Failed', inFlight: false, weight: 100 }
    expect(decide({ digest: ours, inconclusive: 'hold' }, { ...base, live })).toMatchObject({
      why: expect.stringContaining('still serves 100 %'),
      next: expect.stringContaining('primary Deployment'),
    })
  })
})

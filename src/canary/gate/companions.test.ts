import { describe, expect, it } from 'vitest'
import type { Arm, LiveDeployment, Pod } from '../../cluster/index.ts'
import type { Digest } from '../../release/index.ts'
import { judgeCompanion, type Restarts } from './companions.ts'

const ours = `sha256:${'b'.repeat(64)}` as Digest
const other = `sha256:${'c'.repeat(64)}` as Digest

const pod = (name: string, restartCount: number, crashing = false): Pod => ({
  metadata: { name },
  status: {
    containerStatuses: [
      {
        name: 'worker',
        restartCount,
        ...(crashing ? { state: { waiting: { reason: 'CrashLoopBackOff' } } } : {}),
      },
    ],
  },
})
const arm = (pods: readonly Pod[]): Arm => ({
  hash: 'new',
  replicaSet: { metadata: { name: 'worker-new' }, spec: {} },
  pods,
  ready: pods.length,
  complete: true,
})
const worker = (pods: readonly Pod[], change: Partial<LiveDeployment> = {}): LiveDeployment => ({
  kind: 'deployment',
  name: 'worker',
  specDigest: ours,
  identified: true,
  inFlight: false,
  routed: { served: [{ digest: ours, share: 1 }], dark: 0, unnamed: 0 },
  pods,
  fresh: arm(pods),
  healthy: true,
  deadlineExceeded: false,
  pausedByPerson: false,
  arms: [],
  replicas: 1,
  surge: { maxUnavailable: '25%', maxSurge: '25%' },
  history: 10,
  weight: 100,
  why: '',
  ...change,
})

describe('another workload of the release', () => {
  it.each<[string, LiveDeployment, object]>([
    ['is well when it is healthy on the digest', worker([pod('a', 0)]), { state: 'well' }],
    [
      'says nothing about a digest that it does not run',
      worker([], { specDigest: other }),
      { state: 'not-ours' },
    ],
    [
      'is unwell while its pods are not ready',
      worker([pod('a', 0)], { healthy: false }),
      { state: 'unwell' },
    ],
    [
      'is bad when every pod crashes in a loop',
      worker([pod('a', 5, true), pod('b', 5, true)]),
      { state: 'bad', reason: 'canary-not-ready' },
    ],
    ['is not bad for one pod of two', worker([pod('a', 5, true), pod('b', 0)]), { state: 'well' }],
    ['is not blamed for restarts from before the first look', worker([pod('a', 7)]), { state: 'well' }],
  ])('%s', (_, live, expected) => {
    expect(judgeCompanion(live, ours, new Map())).toMatchObject(expected)
  })

  it('is bad when its pods restart three times under our eyes', () => {
    const seen: Restarts = new Map()
    const states = [0, 2, 3].map((count) =>
      judgeCompanion(worker([pod('a', 1), pod('b', count)]), ours, seen),
    )
    expect(states).toMatchObject([
      { state: 'well' },
      { state: 'well' },
      { state: 'bad', reason: 'canary-restarts' },
    ])
  })
})

import type { Arm, LiveBlueGreen, LiveCanary, LiveDeployment, Pod, RolloutView } from '../../cluster/index.ts'
import type { Digest } from '../../release/index.ts'

/** Live states for tests: `bad` on its way, five pods of both, each started in 5 s. */

export const of = (letter: string) => `sha256:${letter.repeat(64)}` as Digest
export const [good, bad, aborted, other] = [of('a'), of('b'), of('c'), of('d')]

export const pod = (startSeconds: number): Pod => ({
  metadata: { name: 'api-0', creationTimestamp: '2026-01-06T09:00:00Z' },
  status: {
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        lastTransitionTime: new Date(Date.UTC(2026, 0, 6, 9, 0, startSeconds)).toISOString(),
      },
    ],
  },
})

export function arm(hash: string, digest: Digest, ready: number, of = 5): Arm {
  return {
    hash,
    digest,
    ready,
    pods: [],
    complete: of > 0 && ready >= of,
    replicaSet: { metadata: { name: `api-${hash}` }, spec: { replicas: of } },
  }
}
export const fresh = arm('new', bad, 5)
export const warm = arm('old', good, 5)
export const cold = arm('old', good, 0, 0)

export const view: RolloutView = {
  name: 'api',
  resourceVersion: '1',
  strategy: 'canary',
  observed: true,
  specDigest: bad,
  currentHash: 'new',
  stableHash: 'old',
  steps: [],
  stepIndex: 0,
  stepWeight: 20,
  phase: 'paused',
  why: '',
  unpausing: false,
  pausedByPerson: false,
  abortRequested: false,
  promoteFull: false,
  inFlight: true,
  deadlineExceeded: false,
}
const { stableHash: _, ...withoutStable } = view
/** Of the first release of a Rollout. */
export const firstView: RolloutView = withoutStable
export const shared = {
  name: 'api',
  specDigest: bad,
  identified: true,
  inFlight: true,
  routed: {
    served: [
      { digest: good, share: 0.8 },
      { digest: bad, share: 0.2 },
    ],
    dark: 0,
    unnamed: 0,
  },
  pods: [pod(5)],
  fresh,
  old: warm,
  arms: [fresh, warm],
  replicas: 5,
  pausedByPerson: false,
  surge: { maxUnavailable: '25%', maxSurge: '25%' },
  history: 10,
  healthy: false,
  deadlineExceeded: false,
  why: '',
} as const

export const canary = (change: Partial<LiveCanary> = {}): LiveCanary => ({
  ...shared,
  kind: 'canary',
  router: 'istio',
  weight: 20,
  verified: true,
  dynamicStableScale: false,
  abortDelaySaid: false,
  rollbackWindow: 0,
  view,
  ...change,
})
export const blueGreen = (change: Partial<LiveBlueGreen> = {}): LiveBlueGreen => ({
  ...shared,
  kind: 'blue-green',
  cutOver: 'before',
  weight: 0,
  autoPromotes: false,
  view: { ...view, strategy: 'blue-green' },
  ...change,
})
export const deployment = (change: Partial<LiveDeployment> = {}): LiveDeployment => ({
  ...shared,
  kind: 'deployment',
  weight: 100,
  ...change,
})
export const settled = { ...view, inFlight: false, stableHash: 'new', phase: 'healthy' } as const
export const allOn = (digest: Digest) => ({ served: [{ digest, share: 1 }], dark: 0, unnamed: 0 })
export const promoted = { inFlight: false, routed: allOn(bad) } as const

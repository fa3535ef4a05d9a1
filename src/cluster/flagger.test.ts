import { describe, expect, it } from 'vitest'
import type { Digest } from '../release/index.ts'
import { type FlaggerCanary, liveFlagger } from './flagger.ts'
import { liveDeployment } from './live.ts'
import type { Pod } from './objects.ts'
import type { DeploymentPicture } from './read.ts'

const good = `sha256:${'a'.repeat(64)}` as Digest
const next = `sha256:${'b'.repeat(64)}` as Digest
const made = '2026-11-17T10:00:00Z'
const at = (seconds: number) => new Date(Date.parse(made) + seconds * 1_000).toISOString()
const template = (digest: Digest) => ({
  spec: { containers: [{ name: 'api', image: `registry.example.com/api@${digest}` }] },
})

function deployment(name: string, digest: Digest, ready: number): DeploymentPicture {
  const labels = { 'pod-template-hash': 'h' }
  const pods: Pod[] = Array.from({ length: ready }, (_, index) => ({
    metadata: { name: `${name}-h-${index}`, labels },
    spec: template(digest).spec,
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  }))
  return {
    deployment: {
      metadata: { name, uid: name, generation: 1 },
      spec: { template: template(digest), replicas: ready },
      status: { observedGeneration: 1 },
    },
    replicaSets: [
      {
        metadata: {
          name: `${name}-h`,
          labels,
          creationTimestamp: made,
          ownerReferences: [{ kind: 'Deployment', name, uid: name }],
        },
        spec: { replicas: ready, template: template(digest) },
      },
    ],
    pods,
  }
}

function live(status: FlaggerCanary['status'], primary: Digest, analysis = {}) {
  const [target, copy] = [deployment('api', next, 2), deployment('api-primary', primary, 2)]
  const canary = {
    metadata: { name: 'api' },
    spec: { analysis },
    ...(status === undefined ? {} : { status }),
  }
  return liveFlagger(
    { canary, primary: copy },
    liveDeployment(target, 'api'),
    liveDeployment(copy, 'api'),
    'api',
  )
}

describe('a Canary of Flagger', () => {
  it.each([
    ['the release before, not looked at since', { phase: 'Succeeded' }, good, { identified: false }],
    [
      'a failure of the release before',
      { phase: 'Failed', lastTransitionTime: at(-60) },
      good,
      { identified: false },
    ],
    [
      'a failure of this one',
      { phase: 'Failed', lastTransitionTime: at(60) },
      good,
      { identified: true, weight: 0 },
    ],
    [
      'a canary at its weight',
      { phase: 'Progressing', canaryWeight: 25 },
      good,
      { identified: true, inFlight: true, weight: 25, stoppable: true },
    ],
    ['a promotion', { phase: 'Promoting', canaryWeight: 50 }, next, { inFlight: true, stoppable: false }],
    [
      'a release that serves',
      { phase: 'Succeeded' },
      next,
      { identified: true, inFlight: false, weight: 100 },
    ],
    ['one that Flagger has not seen at all', undefined, good, { inFlight: true, stoppable: false }],
  ])('is read as %s', (_, status, primary, expected) => {
    expect(live(status, primary)).toMatchObject({ kind: 'flagger', specDigest: next, ...expected })
  })

  it('compares the pods of the Deployment with those of its primary, by weight', () => {
    const seen = live({ phase: 'Progressing', canaryWeight: 25 }, good)
    expect(seen.fresh).toMatchObject({ digest: next, replicaSet: { metadata: { name: 'api-h' } } })
    expect(seen.old).toMatchObject({ digest: good, replicaSet: { metadata: { name: 'api-primary-h' } } })
    expect(seen.routed.served).toEqual([
      { digest: good, share: 0.75 },
      { digest: next, share: 0.25 },
    ])
  })

  it.each([
    [{ interval: '1m', stepWeights: [5, 25, 50] }, 60_000, 180_000],
    [{ interval: '1m30s', stepWeight: 10, maxWeight: 50 }, 90_000, 450_000],
    [{ interval: '2s', iterations: 6 }, 10_000, 60_000],
    [{}, 60_000, 60_000],
  ])('takes as long as its analysis says: %j', (analysis, intervalMs, plannedMs) => {
    expect(live({ phase: 'Progressing' }, good, analysis)).toMatchObject({ intervalMs, plannedMs })
  })
})

import { describe, expect, it } from 'vitest'
import type { Digest } from '../release/index.ts'
import { type LiveBlueGreen, liveDeployment, liveRollout } from './live.ts'
import type { Deployment, Pod, ReplicaSet, Rollout } from './objects.ts'
import type { RolloutPicture } from './read.ts'
import { reported } from './read-routes.ts'
import { viewRollout } from './rollout.ts'
import { routerOf } from './router.ts'
import { withWorkload } from './workload-ref.ts'

const good = `sha256:${'a'.repeat(64)}` as Digest
const next = `sha256:${'b'.repeat(64)}` as Digest
const template = (digest: Digest) => ({
  spec: { containers: [{ name: 'api', image: `registry.example.com/api@${digest}` }] },
})
const HASH = 'rollouts-pod-template-hash'

function replicaSet(hash: string, digest: Digest, revision: number, label = HASH, replicas = 2): ReplicaSet {
  const annotation = label === HASH ? 'rollout.argoproj.io/revision' : 'deployment.kubernetes.io/revision'
  return {
    metadata: {
      name: `api-${hash}`,
      labels: { [label]: hash },
      annotations: { [annotation]: String(revision) },
      ownerReferences: [{ kind: 'Rollout', name: 'api', uid: 'u' }],
    },
    spec: { replicas, template: template(digest) },
  }
}

function pods(hash: string, digest: Digest, ready: readonly boolean[], label = HASH): readonly Pod[] {
  return ready.map((each, index) => ({
    metadata: { name: `api-${hash}-${index}`, labels: { [label]: hash } },
    spec: template(digest).spec,
    status: { conditions: [{ type: 'Ready', status: each ? 'True' : 'False' }] },
  }))
}

function rollout(change: Partial<Rollout['spec']>, status: Rollout['status'] = {}): Rollout {
  return {
    metadata: { name: 'api', uid: 'u', generation: 3 },
    spec: { template: template(next), ...change },
    status: { observedGeneration: '3', currentPodHash: 'new', stableRS: 'old', phase: 'Paused', ...status },
  }
}

const both = [...pods('old', good, [true, true]), ...pods('new', next, [true, true])]
const picture = (of: Partial<RolloutPicture> & { rollout: Rollout }): RolloutPicture => ({
  replicaSets: [replicaSet('old', good, 1), replicaSet('new', next, 2)],
  pods: both,
  lanes: [{ weight: 1, pods: both }],
  router: 'none',
  verified: true,
  ...of,
})

describe('a blue-green Rollout', () => {
  const strategy = {
    blueGreen: { activeService: 'api', previewService: 'api-preview', autoPromotionEnabled: false },
  }
  const read = (active: string, status?: Rollout['status'], ready = [true, true]): LiveBlueGreen => {
    const own = [...pods('old', good, [true, true]), ...pods('new', next, ready)]
    const live = liveRollout(
      picture({
        rollout: rollout({ strategy }, status),
        pods: own,
        router: 'blue-green',
        active,
        lanes: [{ weight: 1, pods: own.filter((pod) => pod.metadata.labels?.[HASH] === active) }],
      }),
      'api',
    )
    if (live.kind !== 'blue-green') throw new Error(live.kind)
    return live
  }

  it('before its cut-over gives users nothing of the new pods', () => {
    const live = read('old')
    expect(live).toMatchObject({ cutOver: 'before', weight: 0, identified: true, autoPromotes: false })
    expect(live.routed.served).toEqual([{ digest: good, share: 1 }])
    expect(live).toMatchObject({ fresh: { hash: 'new', complete: true }, old: { hash: 'old', digest: good } })
  })

  it('after its cut-over is all new, and not settled while the old version is the stable one', () => {
    expect(read('new')).toMatchObject({
      cutOver: 'after',
      weight: 100,
      routed: { served: [{ digest: next, share: 1 }] },
    })
  })

  it('with one new pod that is not ready is not complete: an abort would end in an outage', () => {
    expect(read('new', {}, [true, false])).toMatchObject({
      cutOver: 'after',
      fresh: { ready: 1, complete: false },
    })
  })

  it('that is settled still knows what there was before', () => {
    expect(read('new', { stableRS: 'new', phase: 'Healthy' })).toMatchObject({
      cutOver: 'settled',
      healthy: true,
      old: { hash: 'old', digest: good },
    })
  })

  it('cuts over by itself unless it is told not to', () => {
    const blueGreen = { activeService: 'api' }
    const live = liveRollout(
      picture({ rollout: rollout({ strategy: { blueGreen } }), router: 'blue-green' }),
      'api',
    )
    expect(live).toMatchObject({ kind: 'blue-green', autoPromotes: true })
  })
})

describe('a canary', () => {
  it('without a router has the weight of its ready pods', () => {
    expect(liveRollout(picture({ rollout: rollout({}) }), 'api')).toMatchObject({
      kind: 'canary',
      router: 'none',
      weight: 50,
    })
  })

  it('is not identified while the present ReplicaSet runs another image', () => {
    const live = liveRollout(
      picture({
        rollout: rollout({}),
        replicaSets: [replicaSet('old', good, 1), replicaSet('new', good, 2)],
      }),
      'api',
    )
    expect(live.identified).toBe(false)
  })

  it('behind a router that is not read has the weights that the controller reports, by pod hash', () => {
    const weights = {
      canary: { weight: 5, podTemplateHash: 'new' },
      stable: { weight: 95, podTemplateHash: 'old' },
      verified: false,
    }
    const strategy = { canary: { trafficRouting: { alb: { ingress: 'api' } } } }
    const seen = rollout({ strategy }, { canary: { weights } })
    expect(routerOf(seen)).toEqual({ kind: 'reported', by: 'alb' })
    const { lanes, weight = 0, ...routes } = reported(seen)
    const live = liveRollout(
      picture({ rollout: seen, ...routes, lanes: lanes(both), routerWeight: weight }),
      'api',
    )
    expect(live).toMatchObject({ kind: 'canary', router: 'reported', weight: 5, verified: false })
    expect(live.routed.served).toEqual([
      { digest: good, share: 0.95 },
      { digest: next, share: 0.05 },
    ])
  })

  it('of another controller instance says which', () => {
    const labels = { 'argo-rollouts.argoproj.io/controller-instance-id': 'blue' }
    const seen = { ...rollout({}), metadata: { name: 'api', labels } }
    expect(viewRollout(seen, 'api').instanceId).toBe('blue')
  })
})

describe('a Rollout that refers to a Deployment', () => {
  const workload = (generation: number): Deployment => ({
    metadata: { name: 'api', generation, resourceVersion: '9' },
    spec: { template: template(next), selector: { matchLabels: { app: 'api' } } },
  })
  const refers = rollout(
    { workloadRef: { kind: 'Deployment', name: 'api' } },
    { workloadObservedGeneration: '4' },
  )
  const { template: _, ...bare } = refers.spec
  const resolved = (generation: number) =>
    withWorkload({ ...refers, spec: bare }, { kind: 'Deployment', name: 'api' }, workload(generation))

  it('runs the template of the Deployment', () => {
    const live = liveRollout(picture({ rollout: resolved(4) }), 'api')
    expect(live).toMatchObject({
      specDigest: next,
      identified: true,
      view: { workload: { name: 'api', generation: 4 } },
    })
  })

  it('is not observed while the Deployment is ahead, though its own pair of generations agrees', () => {
    expect(liveRollout(picture({ rollout: resolved(5) }), 'api').identified).toBe(false)
  })
})

describe('a Deployment', () => {
  const LABEL = 'pod-template-hash'
  const deployment = (status: Deployment['status']): Deployment => ({
    metadata: { name: 'api', uid: 'u', generation: 2 },
    spec: { replicas: 2, template: template(next) },
    status: { observedGeneration: 2, ...status },
  })
  const sets = [replicaSet('old', good, 1, LABEL), replicaSet('new', next, 2, LABEL, 1)]

  it('that rolls has two versions side by side', () => {
    const own = [...pods('old', good, [true, true], LABEL), ...pods('new', next, [true, false], LABEL)]
    const live = liveDeployment(
      {
        deployment: deployment({ replicas: 4, updatedReplicas: 2, availableReplicas: 3 }),
        replicaSets: sets,
        pods: own,
      },
      'api',
    )
    expect(live).toMatchObject({
      kind: 'deployment',
      inFlight: true,
      identified: true,
      weight: 33,
      fresh: { hash: 'new' },
      old: { hash: 'old', digest: good },
    })
  })

  it('that is done is not in flight, and a restart is no other version', () => {
    const own = pods('new', next, [true, true], LABEL)
    const restarted = [...sets, replicaSet('again', next, 3, LABEL)]
    const done = deployment({ replicas: 2, updatedReplicas: 2, availableReplicas: 2 })
    expect(liveDeployment({ deployment: done, replicaSets: restarted, pods: own }, 'api')).toMatchObject({
      inFlight: false,
      healthy: true,
      weight: 100,
      fresh: { hash: 'again' },
      old: { hash: 'old' },
    })
  })
})

import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { attachRig, type Rig } from '../../rig/index.ts'
import { digestOf, type Stage, type StageOptions, stage } from '../../testkit/canary/index.ts'
import { deliveryDeployment } from '../../testkit/cluster/testing.ts'
import { unwrap } from '../release/index.ts'
import { systemClock } from '../system/index.ts'
import {
  abort,
  connectKube,
  type Kube,
  type LiveState,
  paths,
  promote,
  readLiveState,
  restoreTemplate,
} from './index.ts'

const clock = systemClock()
const signal = AbortSignal.timeout(280_000)
let rig: Rig
let kube: Kube
let namespace: string
let counter = 0
const used: string[] = []

beforeAll(async () => {
  rig = attachRig(inject('rig'))
  namespace = rig.environment('prod-eu').namespace
  const kubeconfig = { path: await rig.kubeconfigFor('tuesday') }
  kube = unwrap(await connectKube({ kubeconfig, context: 'prod-eu', clock }))
})
afterEach(async () => {
  for (const name of used.splice(0)) await rig.load.removeTarget(namespace, name)
})

function newName(): string {
  const name = `shape-${Date.now().toString(36)}-${counter++}`
  used.push(name)
  return name
}

const set = (shape: NonNullable<StageOptions['shape']>) =>
  stage({ rig, clock, namespace, name: newName(), errorRate: 0.001, requestsPerSecond: 50, shape })

const live = async (name: string, kind: 'Rollout' | 'Deployment' = 'Rollout', container = 'api') =>
  unwrap(await readLiveState(kube, namespace, { name, kind, container }, signal))

async function until(
  what: string,
  name: string,
  good: (seen: LiveState) => boolean,
  kind?: 'Deployment',
  container?: string,
) {
  return rig.waitFor(what, 60, async () => {
    const seen = await live(name, kind, container)
    return good(seen) ? seen : undefined
  })
}

const moving = () => ({ kube, clock, signal })

async function cutOver(at: Stage): Promise<void> {
  await at.deploy(at.next)
  await at.paused()
  unwrap(
    await promote(
      moving(),
      { namespace, name: at.name, container: 'api' },
      { digest: at.next, stepIndex: 0 },
    ),
  )
}

describe('a blue-green Rollout', () => {
  it('gives its users nothing before the cut-over, and an abort leaves it so', async () => {
    const at = await set('blue-green')
    await at.deploy(at.next)
    await at.paused()
    const seen = await live(at.name)
    expect(seen).toMatchObject({ kind: 'blue-green', cutOver: 'before', identified: true })
    expect(seen.routed.served).toEqual([{ digest: at.good, share: 1 }])
    unwrap(await abort(moving(), { namespace, name: at.name, container: 'api' }, { digest: at.next }))
    expect((await live(at.name)).routed.served).toEqual([{ digest: at.good, share: 1 }])
  })

  it('after the cut-over gets its old template, not an abort, when it has settled', async () => {
    const at = await set('blue-green')
    await cutOver(at)
    const target = { namespace, name: at.name, container: 'api' }
    await until('the cut-over', at.name, (seen) => seen.kind === 'blue-green' && seen.cutOver === 'settled')
    expect(await abort(moving(), target, { digest: at.next })).toMatchObject({
      ok: false,
      fault: { reason: 'abort-nothing-in-flight' },
    })
    const moved = unwrap(await restoreTemplate(moving(), target, { digest: at.next, steadyMs: 1_000 }))
    expect(moved.sent).toHaveLength(1)
    expect((await live(at.name)).routed.served).toEqual([{ digest: at.good, share: 1 }])
  })
})

describe('a Rollout that refers to a Deployment', () => {
  it('is read, promoted and restored by the template of the Deployment', async () => {
    const name = newName()
    const [good, next] = [digestOf(`${name}-g`), digestOf(`${name}-n`)]
    const workload = (digest: string) =>
      deliveryDeployment({ namespace, name, image: `registry.example.com/x@${digest}`, replicas: 0 })
    await rig.kube.apply(workload(good), {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      metadata: { name, namespace },
      spec: {
        replicas: 3,
        workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        strategy: { canary: { steps: [{ setWeight: 34 }, { pause: {} }] } },
      },
    })
    await until('the first deploy', name, (seen) => seen.healthy && seen.identified, undefined, 'relay')
    await rig.kube.apply(workload(next))
    const target = { namespace, name, container: 'relay' }
    const seen = await until(
      'the pause',
      name,
      (each) =>
        each.specDigest === next &&
        each.identified &&
        each.kind === 'canary' &&
        each.view.pausedSince !== undefined,
      undefined,
      'relay',
    )
    expect(seen).toMatchObject({
      kind: 'canary',
      router: 'none',
      view: { workload: { kind: 'Deployment', name } },
    })
    unwrap(await restoreTemplate(moving(), target, { digest: next, steadyMs: 500 }))
    expect((await live(name, 'Rollout', 'relay')).specDigest).toBe(good)
  })
})

describe('a Deployment', () => {
  it('is followed while it rolls and gets its template before', async () => {
    const name = newName()
    const [good, next] = [digestOf(`${name}-g`), digestOf(`${name}-n`)]
    const deploy = (digest: string, annotations?: Record<string, string>) =>
      rig.kube.apply(
        deliveryDeployment({
          namespace,
          name,
          image: `registry.example.com/x@${digest}`,
          replicas: 3,
          ...(annotations === undefined ? {} : { annotations }),
        }),
      )
    await deploy(good)
    await until('the first deploy', name, (seen) => seen.healthy && seen.identified, 'Deployment', 'relay')
    await deploy(next, { 'rig/behaviour': 'crash' })
    await until(
      'the crash',
      name,
      (seen) => seen.specDigest === next && seen.identified,
      'Deployment',
      'relay',
    )
    const target = { namespace, name, kind: 'Deployment', container: 'relay' } as const
    unwrap(await restoreTemplate(moving(), target, { digest: next, steadyMs: 500 }))
    const back = await live(name, 'Deployment', 'relay')
    expect(back).toMatchObject({
      specDigest: good,
      routed: { served: [{ digest: good, share: 1 }], dark: 0 },
    })
  })
})

describe('rights', () => {
  it('that lead nowhere say which verb is missing, and nothing is changed', async () => {
    const name = newName()
    await rig.kube.apply(
      deliveryDeployment({ namespace, name, image: `registry.example.com/x@${digestOf(name)}` }),
    )
    const answer = await kube.patch(paths.service(namespace, name), {}, { type: 'merge' }, signal)
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'permission-denied', status: 403 } })
  })
})

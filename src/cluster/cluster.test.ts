import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Bench,
  deliveryDeployment,
  deliveryRollout,
  deliveryRouting,
  fastBench,
  imageOf,
} from '../../testkit/cluster/testing.ts'
import type { ScaledClock } from '../../testkit/http/index.ts'
import { type Clock, type Digest, unwrap } from '../release/index.ts'
import {
  abort,
  connectKube,
  digestOfImage,
  type Kube,
  paths,
  promote,
  promoteFull,
  proveServed,
  type Rollout,
  readRollout,
  readWorkload,
  readWorkloads,
  serves,
  viewRollout,
} from './index.ts'

const namespace = 'delivery'
const api = { name: 'delivery-api', kind: 'Rollout', container: 'api' } as const
const relay = { name: 'delivery-outbox-relay', kind: 'Deployment', container: 'relay' } as const
const target = { namespace, name: api.name, container: api.container }
const good = digestOfImage(imageOf('a')) as Digest
const next = digestOfImage(imageOf('b')) as Digest
const signal = AbortSignal.timeout(60_000)

let bench: Bench<ScaledClock>
let clock: Clock
let kube: Kube

beforeEach(async () => {
  bench = await fastBench(20)
  clock = clockOf(bench.clock)
  kube = unwrap(
    await connectKube({
      kubeconfig: { text: bench.cluster.kubeconfig({ 'prod-us': { namespace } }) },
      context: 'prod-us',
      clock,
    }),
  )
})
afterEach(() => bench.close())

function clockOf(sim: ScaledClock): Clock {
  return {
    now: () => sim.now(),
    sleep: (ms, stop) =>
      new Promise((resolve, reject) => {
        stop.throwIfAborted()
        const cancel = sim.after(ms, resolve)
        stop.addEventListener('abort', () => {
          cancel()
          reject(stop.reason)
        })
      }),
  }
}

const deploy = (letter: string, spec: Record<string, unknown> = {}) =>
  bench.apply(deliveryRollout({ namespace, image: imageOf(letter), ...spec }))

async function view() {
  return viewRollout(unwrap(await readRollout(kube, namespace, api.name, signal)), api.container)
}

async function eventually(what: string, probe: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (await probe()) return
    await clock.sleep(200, signal)
  }
  throw new Error(`never: ${what}`)
}

async function installed(): Promise<void> {
  bench.apply(...deliveryRouting(namespace))
  deploy('a')
  await eventually('the first deploy is healthy', async () => {
    const seen = await view()
    return seen.phase === 'healthy' && seen.stableHash !== undefined
  })
}

async function pausedAt(weight: number): Promise<void> {
  await eventually(`paused at ${weight} %`, async () => {
    const seen = await view()
    return seen.pausedSince !== undefined && seen.stepWeight === weight
  })
}

describe('facts', () => {
  it('tell the digest and that it serves everything', async () => {
    await installed()
    const facts = unwrap(await readWorkload(kube, namespace, api, signal))
    expect(facts).toMatchObject({
      desired: good,
      served: [{ digest: good, share: 1 }],
      dark: 0,
      state: 'healthy',
    })
    expect(serves(facts, good)).toBe(true)
    expect(serves(facts, next)).toBe(false)
  })

  it('give a canary the share that the router sends to its pods, whatever the number of pods', async () => {
    await installed()
    deploy('b')
    await pausedAt(5)
    const facts = unwrap(await readWorkload(kube, namespace, api, signal))
    expect(facts).toMatchObject({
      desired: next,
      state: 'paused',
      canaryWeight: 5,
      served: [
        { digest: good, share: 0.95 },
        { digest: next, share: 0.05 },
      ],
    })
  })

  it('count a Deployment by its ready pods and a missing workload as missing', async () => {
    bench.apply(deliveryDeployment({ namespace, image: imageOf('a') }))
    const at = { namespace, workloads: [relay] }
    expect(unwrap(await proveServed({ kube, clock, signal }, at, good, 30_000))).toHaveLength(1)
    const [missing] = unwrap(await readWorkloads(kube, { namespace, workloads: [api] }, signal))
    expect(missing).toMatchObject({ state: 'missing', dark: 1, served: [] })
  })

  it('give nothing to a canary whose pods are not ready', async () => {
    await installed()
    deploy('b', { annotations: { 'rig/behaviour': 'never' } })
    await clock.sleep(5_000, signal)
    const facts = unwrap(await readWorkload(kube, namespace, api, signal))
    expect(serves(facts, next)).toBe(false)
    expect(facts.served.find((each) => each.digest === next)).toBeUndefined()
  })

  it('tell refused credentials from a missing object', async () => {
    const text = bench.cluster.kubeconfig({ 'prod-us': { token: 'nobody' } })
    const other = unwrap(await connectKube({ kubeconfig: { text }, context: 'prod-us', clock }))
    const answer = await readWorkload(other, namespace, api, signal)
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'credentials-expired', status: 401 } })
  })

  it('name the contexts when the one asked for is not there', async () => {
    const text = bench.cluster.kubeconfig({ 'prod-us': {} })
    const answer = await connectKube({ kubeconfig: { text }, context: 'prod-eu', clock })
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'cluster-kubeconfig' } })
    expect(answer.ok ? '' : answer.fault.cause).toContain('prod-us')
  })
})

describe('moves', () => {
  it('promote step by step to the end, and prove the digest', async () => {
    await installed()
    deploy('b')
    for (const [step, weight] of [
      [1, 5],
      [3, 25],
      [5, 50],
    ] as const) {
      await pausedAt(weight)
      unwrap(await promote({ kube, clock, signal }, target, { digest: next, stepIndex: step }))
    }
    unwrap(await proveServed({ kube, clock, signal }, { namespace, workloads: [api] }, next, 60_000))
  })

  it('promote a second time without skipping a step', async () => {
    await installed()
    deploy('b')
    await pausedAt(5)
    const once = { digest: next, stepIndex: 1 }
    unwrap(await promote({ kube, clock, signal }, target, once))
    await pausedAt(25)
    const again = unwrap(await promote({ kube, clock, signal }, target, once))
    expect(again.sent).toEqual([])
    expect((await view()).stepWeight).toBe(25)
  })

  it('bring a lost promotion to effect', async () => {
    await installed()
    deploy('b')
    await pausedAt(5)
    // What Rollouts 1.9 leaves behind: the condition gone, its own pause flag set, and nobody looking.
    const live = bench.get<Rollout>('Rollout', api.name)
    const { pauseConditions, ...status } = live.status ?? {}
    expect(pauseConditions).toHaveLength(1)
    await kube.patch(
      paths.rolloutStatus(namespace, api.name),
      { status: { ...status, pauseConditions: null } },
      { type: 'merge' },
      signal,
    )
    unwrap(await promote({ kube, clock, signal }, target, { digest: next, stepIndex: 1 }))
    await pausedAt(25)
  })

  it('abort until the routes give the canary nothing, also when it is paused by hand', async () => {
    await installed()
    deploy('b')
    await pausedAt(5)
    unwrap(await promote({ kube, clock, signal }, target, { digest: next, stepIndex: 1 }))
    await pausedAt(25)
    await kube.patch(
      paths.rollout(namespace, api.name),
      { spec: { paused: true } },
      { type: 'merge' },
      signal,
    )
    unwrap(await abort({ kube, clock, signal }, target, { digest: next }))
    const facts = unwrap(await readWorkload(kube, namespace, api, signal))
    expect(facts).toMatchObject({ state: 'aborted', served: [{ digest: good, share: 1 }] })
  })

  it('do not abort what is fully promoted, nor another digest', async () => {
    await installed()
    expect(await abort({ kube, clock, signal }, target, { digest: good })).toMatchObject({
      ok: false,
      fault: { reason: 'abort-nothing-in-flight' },
    })
    expect(await abort({ kube, clock, signal }, target, { digest: next })).toMatchObject({
      ok: false,
      fault: { reason: 'rollout-superseded' },
    })
    const writes = bench.cluster.requests.filter((each) => each.method === 'PATCH')
    expect(writes).toEqual([])
  })

  it('promote an old image fully, without walking its steps', async () => {
    await installed()
    deploy('b')
    await pausedAt(5)
    unwrap(await promote({ kube, clock, signal }, target, { digest: next, stepIndex: 1 }))
    await pausedAt(25)
    unwrap(await promote({ kube, clock, signal }, target, { digest: next, stepIndex: 3 }))
    await pausedAt(50)
    unwrap(await promote({ kube, clock, signal }, target, { digest: next, stepIndex: 5 }))
    unwrap(await proveServed({ kube, clock, signal }, { namespace, workloads: [api] }, next, 60_000))
    deploy('a')
    unwrap(await promoteFull({ kube, clock, signal }, target, { digest: good }))
    const facts = unwrap(await readWorkload(kube, namespace, api, signal))
    expect(serves(facts, good)).toBe(true)
  })
})

describe('a watch', () => {
  it('begins with the list, tells changes, and goes on after its connection ends', async () => {
    await installed()
    const stop = new AbortController()
    const seen: string[] = []
    const watching = (async () => {
      for await (const event of kube.watch<Rollout>(paths.rollouts(namespace), { signal: stop.signal })) {
        seen.push(event.type)
      }
    })()
    const arrived = (type: string) => eventually(`${type} event`, async () => seen.includes(type))
    await arrived('sync')
    deploy('b')
    await arrived('modified')
    bench.cluster.dropWatches()
    seen.length = 0
    await pausedAt(5)
    await arrived('modified')
    stop.abort()
    await watching
    expect(seen).not.toContain('fault')
  })
})

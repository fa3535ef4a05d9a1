import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from '../../../testkit/canary/index.ts'
import { type Bench, deliveryRollout, deliveryRouting, fastBench } from '../../../testkit/cluster/testing.ts'
import type { ScaledClock } from '../../../testkit/http/index.ts'
import { connectKube, type Kube, type KubeResult } from '../../cluster/index.ts'
import { type Clock, err, type Fault, ok, unwrap } from '../../release/index.ts'
import type { Prometheus } from '../samples/prometheus.ts'
import type { GateOptions } from './options.ts'
import { GateRun } from './run.ts'

const namespace = 'delivery'
const [good, next] = [digestOf('run-good'), digestOf('run-next')]
const signal = AbortSignal.timeout(60_000)
const forbidden: Fault = {
  blame: 'user',
  reason: 'permission-denied',
  cause: 'may not get rollouts',
  next: 'ask',
}

let bench: Bench<ScaledClock>
let now: Date
let clock: Clock
let kube: Kube
let refusing: { get?: Fault; patch?: Fault }

const options: GateOptions = {
  target: { namespace, name: 'delivery-api', container: 'api' },
  digest: next,
  metrics: [],
  judge: {},
  blockMs: 15_000,
  timeoutMs: 600_000,
  startWithinMs: 60_000,
  inconclusive: 'hold',
  onCancel: 'leave',
}
const silent: Prometheus = {
  host: 'prometheus',
  raw: async () => ok({ series: [], serverNow: now }),
} as unknown as Prometheus

beforeEach(async () => {
  bench = await fastBench(40)
  now = new Date('2026-01-06T09:00:00Z')
  clock = { now: () => now, sleep: async () => void (await new Promise((done) => setTimeout(done, 5))) }
  refusing = {}
  const real = unwrap(
    await connectKube({
      kubeconfig: { text: bench.cluster.kubeconfig({ 'prod-us': { namespace } }) },
      context: 'prod-us',
      clock,
    }),
  )
  const unless = <T>(fault: Fault | undefined, call: () => Promise<KubeResult<T>>) =>
    fault === undefined ? call() : Promise.resolve(err(fault))
  kube = {
    ...real,
    get: (path, stop) => unless(refusing.get, () => real.get(path, stop)),
    patch: (path, body, how, stop) => unless(refusing.patch, () => real.patch(path, body, how, stop)),
  }
  bench.apply(...deliveryRouting(namespace))
  const deploy = (digest: string) =>
    bench.apply(deliveryRollout({ namespace, image: `registry.example.com/x@${digest}`, replicas: 2 }))
  deploy(good)
  await expect.poll(() => statusOf().phase, { timeout: 10_000 }).toBe('Healthy')
  deploy(next)
  await expect.poll(() => statusOf().pauseConditions?.length, { timeout: 10_000 }).toBe(1)
})
afterEach(() => bench.close())

const statusOf = () =>
  bench.get<{ status?: { phase?: string; pauseConditions?: unknown[] } }>('Rollout', 'delivery-api').status ??
  {}
const later = (seconds: number) => {
  now = new Date(now.getTime() + seconds * 1_000)
}
const run = () => {
  const nothing = () => undefined
  const logger = { debug: nothing, info: nothing, notice: nothing, warn: nothing }
  return new GateRun(
    { kube, prometheus: silent, clock, signal, logger: { ...logger, group: (_, body) => body() } },
    options,
  )
}

describe('an API server that has just started refuses what it allowed before, and a run', () => {
  it('that has seen its Rollout waits, goes on, and bears the same again', async () => {
    const gate = run()
    expect(unwrap(await gate.look())).toMatchObject({ do: 'wait' })
    for (let outage = 0; outage < 2; outage++) {
      refusing = { get: forbidden }
      expect(unwrap(await gate.look())).toMatchObject({ do: 'wait', reason: 'permission-denied' })
      later(59)
      expect(unwrap(await gate.look())).toMatchObject({ do: 'wait', reason: 'permission-denied' })
      refusing = {}
      expect(unwrap(await gate.look())).not.toMatchObject({ reason: 'permission-denied' })
    }
  })

  it('believes it after a minute', async () => {
    const gate = run()
    unwrap(await gate.look())
    refusing = { get: forbidden }
    unwrap(await gate.look())
    later(60)
    expect(await gate.look()).toEqual(err(forbidden))
  })

  it('believes it at once where it has never been allowed', async () => {
    refusing = { get: forbidden }
    expect(await run().look()).toEqual(err(forbidden))
  })

  it('sends a promotion that has had no effect again, for a minute', async () => {
    const gate = run()
    unwrap(await gate.look())
    refusing = { patch: forbidden }
    const promote = { do: 'promote', stepIndex: 1, why: 'good' } as const
    expect(await gate.act(promote)).toBeUndefined()
    later(59)
    expect(await gate.act(promote)).toBeUndefined()
    later(1)
    expect(await gate.act(promote)).toMatchObject({ ok: false, fault: { reason: 'permission-denied' } })
  })

  it('does not call a promotion that another image overtook a failure', async () => {
    const gate = run()
    unwrap(await gate.look())
    refusing = {
      patch: { blame: 'world', reason: 'rollout-superseded', cause: 'another image', next: 'look' },
    }
    later(3_600)
    expect(await gate.act({ do: 'abort', reason: 'canary-worse', why: 'worse' })).toBeUndefined()
  })
})

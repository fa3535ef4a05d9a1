import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { attachRig, type Rig } from '../../rig/index.ts'
import { deliveryRollout, deliveryRouting } from '../../testkit/cluster/testing.ts'
import { connectKube, type Kube, paths, type Rollout, readWorkload } from '../cluster/index.ts'
import { type Clock, type Digest, type Logger, unwrap } from '../release/index.ts'
import { boundedFetch, systemClock } from '../system/index.ts'
import { evaluateCanary, type GateOptions, prometheus, watchCanary } from './index.ts'

const clock: Clock = systemClock()
const environment = 'staging'
let rig: Rig
let kube: Kube
let namespace: string
let counter = 0
const used: string[] = []
const lines: string[] = []
const say = (line: string) => void lines.push(line)
const logger: Logger = { debug: say, info: say, notice: say, warn: say, group: (_, body) => body() }

beforeAll(async () => {
  rig = attachRig(inject('rig'))
  namespace = rig.environment(environment).namespace
  const kubeconfig = { path: await rig.kubeconfigFor('tuesday') }
  kube = unwrap(await connectKube({ kubeconfig, context: environment, clock }))
})

// A Rollout that is deleted while it is reconciled haunts the controller, so each test leaves its own behind, at rest.
afterEach(async () => {
  for (const name of used.splice(0)) await rig.load.removeTarget(namespace, name)
})

const digestOf = (seed: string): Digest =>
  `sha256:${Buffer.from(seed.padEnd(32, '.')).toString('hex')}` as Digest

interface Stage {
  readonly name: string
  readonly good: Digest
  readonly next: Digest
  options(change?: Partial<GateOptions>): GateOptions
  deploy(digest: Digest): Promise<void>
  status(): Promise<NonNullable<Rollout['status']>>
}

/** A Rollout that serves `good` with traffic on it, and the digest that is to follow. */
async function stage(errorRate: number, requestsPerSecond: number, replicas = 4): Promise<Stage> {
  const name = `gate-${Date.now().toString(36)}-${counter++}`
  used.push(name)
  const [good, next] = [digestOf(`${name}-g`), digestOf(`${name}-n`)]
  await rig.load.setBehaviour(good, { errorRate: 0.001, latencySeconds: 0.02 })
  await rig.load.setBehaviour(next, { errorRate, latencySeconds: 0.02 })
  const read = async () =>
    (await rig.kube.get(paths.rollout(namespace, name))) as unknown as Rollout | undefined
  const deploy = (digest: Digest) =>
    rig.kube.apply(deliveryRollout({ namespace, name, image: `registry.example.com/x@${digest}`, replicas }))
  // The Istio CRDs of the Rollouts module stop at v1beta1.
  const routing = deliveryRouting(namespace, name).map((each) =>
    each.kind === 'VirtualService' ? { ...each, apiVersion: 'networking.istio.io/v1beta1' } : each,
  )
  await rig.kube.apply(...routing)
  await deploy(good)
  await rig.waitFor('the first deploy', 60, async () =>
    (await read())?.status?.phase === 'Healthy' ? true : undefined,
  )
  await rig.load.setTarget({ namespace, workload: name, requestsPerSecond })
  const selector = `http_requests_total{namespace="${namespace}",workload="${name}"`
  // The baseline of the first bets, as Prometheus itself tells it.
  const server = prometheus({ url: rig.prometheusUrl, fetch: boundedFetch(), clock })
  await rig.waitFor('six scrapes of the stable pods', 60, async () => {
    const answer = await server.raw(`${selector}}`, 30, AbortSignal.timeout(9_000))
    return answer.ok && answer.value.series.some(({ samples }) => samples.length >= 6) ? true : undefined
  })
  return {
    name,
    good,
    next,
    deploy,
    status: async () => (await read())?.status ?? {},
    options: (change = {}) => ({
      target: { namespace, name, container: 'api' },
      digest: next,
      holdsMs: { 5: 4_000, 25: 2_000, 50: 2_000 },
      metrics: [{ name: 'errors', total: `${selector}}`, bad: `${selector},code=~"5.."}` }],
      judge: { minimumRequests: { errors: 200 } },
      inconclusive: 'hold',
      blockMs: 1_000,
      timeoutMs: 120_000,
      startWithinMs: 20_000,
      onCancel: 'leave',
      ...change,
    }),
  }
}

function context(signal: AbortSignal = AbortSignal.timeout(150_000)) {
  lines.length = 0
  return {
    kube,
    prometheus: prometheus({ url: rig.prometheusUrl, fetch: boundedFetch(), clock }),
    clock,
    logger,
    signal,
  }
}

describe('watch', () => {
  it('promotes a good digest through every weight to all traffic', async () => {
    const at = await stage(0.001, 1_000)
    await at.deploy(at.next)
    const outcome = unwrap(await watchCanary(context(), at.options()))
    expect(outcome, lines.join('\n')).toMatchObject({ verdict: 'pass', reason: 'canary-promoted' })
    expect(
      outcome.record.decisions.filter((each) => each.what.startsWith('promote')).map((each) => each.weight),
    ).toEqual([5, 25, 50])
    const facts = unwrap(
      await readWorkload(
        kube,
        namespace,
        { name: at.name, kind: 'Rollout', container: 'api' },
        AbortSignal.timeout(9_000),
      ),
    )
    expect(facts.served).toEqual([{ digest: at.next, share: 1 }])
    // Twice is once: nothing is in flight any more.
    expect(unwrap(await watchCanary(context(), at.options()))).toMatchObject({
      verdict: 'pass',
      reason: 'canary-already-promoted',
    })
  })

  it.each([
    ['half of all requests failing at 200 rps', 0.5, 10],
    ['5 % at 200 rps', 0.05, 30],
  ])('aborts %s', async (_, errorRate, seconds) => {
    const at = await stage(errorRate, 200)
    await at.deploy(at.next)
    const outcome = unwrap(
      await watchCanary(context(), at.options({ holdsMs: { 5: 60_000, 25: 60_000, 50: 60_000 } })),
    )
    expect(outcome, lines.join('\n')).toMatchObject({ verdict: 'fail' })
    expect(['canary-worse', 'canary-failing']).toContain(outcome.reason)
    const point = outcome.record.timeline.find((each) => (each.metrics.errors?.nc ?? 0) > 0)
    const last = outcome.record.timeline.at(-1)
    console.log(
      `${errorRate}: aborted after ${(last?.seconds ?? 0) - (point?.seconds ?? 0) + 1} blocks of traffic; ${outcome.why}`,
    )
    expect((last?.seconds ?? 0) - (point?.seconds ?? 0)).toBeLessThanOrEqual(seconds)
    // The gate answers when traffic is back; the controller writes the phase a reconcile later.
    await expect.poll(at.status, { timeout: 10_000 }).toMatchObject({ abort: true, phase: 'Degraded' })
    const workload = { name: at.name, kind: 'Rollout', container: 'api' } as const
    const facts = async () =>
      unwrap(await readWorkload(kube, namespace, workload, AbortSignal.timeout(9_000)))
    await expect
      .poll(facts, { timeout: 10_000 })
      .toMatchObject({ state: 'aborted', served: [{ digest: at.good, share: 1 }] })
    // A later run finds what the first one left.
    expect(unwrap(await watchCanary(context(), at.options()))).toMatchObject({
      verdict: 'fail',
      reason: 'canary-aborted',
    })
  })

  it('says that someone else aborted it', async () => {
    const at = await stage(0.001, 200)
    await at.deploy(at.next)
    const watching = watchCanary(context(), at.options({ holdsMs: { 5: 60_000, 25: 60_000, 50: 60_000 } }))
    await rig.waitFor('the first pause', 30, async () =>
      (await at.status()).pauseConditions?.length ? true : undefined,
    )
    // Rollouts 1.9 loses an abort that follows a pause at once; the next one has to change the object.
    let sent = 0
    await rig.waitFor('the abort of a person', 30, async () => {
      const status = { abort: true, message: `aborted by a person (${sent++})` }
      await rig.kube.patch(paths.rolloutStatus(namespace, at.name), { status })
      await clock.sleep(500, AbortSignal.timeout(9_000))
      return (await at.status()).abortedAt === undefined ? undefined : true
    })
    expect(unwrap(await watching)).toMatchObject({ verdict: 'fail', reason: 'canary-aborted' })
  })

  it('stops when another image takes the place of its digest', async () => {
    const at = await stage(0.001, 200)
    await at.deploy(at.next)
    const watching = watchCanary(context(), at.options({ holdsMs: { 5: 60_000, 25: 60_000, 50: 60_000 } }))
    await rig.waitFor('the first pause', 30, async () =>
      (await at.status()).pauseConditions?.length ? true : undefined,
    )
    await at.deploy(digestOf(`${at.name}-third`))
    expect(unwrap(await watching)).toMatchObject({ verdict: 'fail', reason: 'canary-superseded' })
  })

  it('holds and says unknown when Prometheus cannot be reached', async () => {
    const at = await stage(0.001, 200)
    await at.deploy(at.next)
    const blind = {
      ...context(),
      prometheus: prometheus({ url: 'http://127.0.0.1:9', fetch: boundedFetch(), clock }),
    }
    const outcome = unwrap(await watchCanary(blind, at.options({ timeoutMs: 8_000 })))
    expect(outcome).toMatchObject({ verdict: 'unknown', reason: 'prometheus-unreachable' })
    expect((await at.status()).currentStepIndex).toBe(1)
  })

  it('holds when the canary answers too few requests to show anything', async () => {
    const at = await stage(0.001, 20)
    await at.deploy(at.next)
    const outcome = unwrap(await watchCanary(context(), at.options({ timeoutMs: 15_000 })))
    expect(outcome).toMatchObject({ verdict: 'wait', reason: 'canary-timeout' })
    expect(outcome.why).toContain('canary-too-few-requests')
    expect((await at.status()).currentStepIndex).toBe(1)
  })

  it('leaves the rollout where it is when the job is cancelled, or aborts it when told to', async () => {
    const at = await stage(0.001, 200)
    await at.deploy(at.next)
    const holds = { holdsMs: { 5: 60_000, 25: 60_000, 50: 60_000 } }
    const first = new AbortController()
    const watching = watchCanary(context(first.signal), at.options(holds))
    await rig.waitFor('the first pause', 30, async () =>
      (await at.status()).pauseConditions?.length ? true : undefined,
    )
    first.abort()
    expect(unwrap(await watching)).toMatchObject({ verdict: 'unknown', reason: 'cancelled' })
    expect((await at.status()).abort).toBeFalsy()

    const second = new AbortController()
    const again = watchCanary(context(second.signal), at.options({ ...holds, onCancel: 'abort' }))
    await clock.sleep(1_500, AbortSignal.timeout(9_000))
    second.abort()
    expect(unwrap(await again)).toMatchObject({ verdict: 'fail', reason: 'cancelled' })
    expect(await at.status()).toMatchObject({ abort: true })
  })

  it('refuses steps that lack a minimum time, before it touches anything', async () => {
    const at = await stage(0.001, 200)
    await at.deploy(at.next)
    await rig.waitFor('the first pause', 30, async () =>
      (await at.status()).pauseConditions?.length ? true : undefined,
    )
    const answer = await watchCanary(context(), at.options({ holdsMs: { 5: 1_000, 50: 1_000 } }))
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'canary-hold-missing' } })
    expect((await at.status()).currentStepIndex).toBe(1)
  })
})

describe('evaluate', () => {
  it('says what watch would do and changes nothing', async () => {
    const at = await stage(0.5, 200)
    await at.deploy(at.next)
    const answer = await rig.waitFor('enough evidence', 40, async () => {
      const outcome = unwrap(
        await evaluateCanary(context(), at.options({ holdsMs: { 5: 60_000, 25: 60_000, 50: 60_000 } })),
      )
      return outcome.verdict === 'fail' ? outcome : undefined
    })
    expect(['canary-worse', 'canary-failing']).toContain(answer.reason)
    expect((await at.status()).abort).toBeFalsy()
  })
})

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { attachRig, type Flagger, type Rig, startFlagger } from '../../rig/index.ts'
import { digestOf, gateContext, scrapedOften } from '../../testkit/canary/index.ts'
import { deliveryDeployment } from '../../testkit/cluster/testing.ts'
import { connectKube, httpFlaggerGate, type Kube, paths } from '../cluster/index.ts'
import { type Digest, unwrap } from '../release/index.ts'
import { boundedFetch, systemClock } from '../system/index.ts'
import { type GateOptions, watchCanary } from './index.ts'

const clock = systemClock()
const container = 'relay'
let rig: Rig
let flagger: Flagger
let namespace: string
let kube: Kube
/** What the gate has written to the cluster. */
const patches: string[] = []
let good: Stage
let bad: Stage

beforeAll(async () => {
  rig = attachRig(inject('rig'))
  namespace = rig.environment('prod-me').namespace
  flagger = await startFlagger(rig, namespace)
  const kubeconfig = { path: await rig.kubeconfigFor('tuesday') }
  const real = unwrap(await connectKube({ kubeconfig, context: 'prod-me', clock }))
  kube = {
    ...real,
    patch: (path, ...rest) => {
      patches.push(path)
      return real.patch(path, ...rest)
    },
  }
  ;[good, bad] = await Promise.all([stage('stays-good', 0.001), stage('turns-bad', 0.5)])
})
afterAll(async () => {
  for (const { name } of [good, bad]) await rig.load.removeTarget(namespace, name)
})

interface Stage {
  readonly name: string
  readonly next: Digest
  readonly options: GateOptions
  deploy(digest: Digest): Promise<void>
  status(): Promise<{ readonly phase?: string; readonly canaryWeight?: number }>
}

/** A Deployment that Flagger has taken over, with traffic on its primary. Its own checks see nothing. */
async function stage(what: string, errorRate: number): Promise<Stage> {
  const name = `${what}-${Date.now().toString(36)}`
  const [first, next] = [digestOf(`${name}-a`), digestOf(`${name}-b`)]
  await rig.load.setBehaviour(first, { errorRate: 0.001, latencySeconds: 0.02 })
  await rig.load.setBehaviour(next, { errorRate, latencySeconds: 0.02 })
  const deploy = (digest: Digest) =>
    rig.kube.apply(
      deliveryDeployment({
        namespace,
        name,
        image: `registry.example.com/x@${digest}`,
        spec: { replicas: undefined },
      }),
    )
  const path = paths.flaggerCanary(namespace, name)
  const status = async () =>
    ((await rig.kube.get(path))?.status ?? {}) as Awaited<ReturnType<Stage['status']>>
  await deploy(first)
  const hook = { name: 'stop', type: 'rollback', url: `${flagger.rollbackUrl}/check` }
  await rig.kube.apply({
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name, namespace },
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      service: { port: 80, targetPort: 8080 },
      analysis: { interval: '10s', threshold: 5, stepWeights: [25, 50], metrics: [], webhooks: [hook] },
    },
  })
  await rig.waitFor(`Flagger to initialise ${name}`, 90, async () =>
    (await status()).phase === 'Initialized' ? true : undefined,
  )
  await rig.load.setTarget({ namespace, workload: name, requestsPerSecond: 500, container })
  const selector = `http_requests_total{namespace="${namespace}",workload="${name}"`
  await scrapedOften(rig, clock, `${selector}}`)
  return {
    name,
    next,
    deploy,
    status,
    options: {
      target: { namespace, name, container, kind: 'Deployment' },
      digest: next,
      metrics: [{ name: 'errors', total: `${selector}}`, bad: `${selector},code=~"5.."}` }],
      judge: { minimumRequests: { errors: 200 } },
      inconclusive: 'hold',
      blockMs: 1_000,
      timeoutMs: 300_000,
      startWithinMs: 120_000,
      onCancel: 'leave',
    },
  }
}

const context = (lines: string[] = []) =>
  gateContext(rig, kube, clock, (line) => void lines.push(line), AbortSignal.timeout(600_000))

// Side by side: most of the time is Flagger's ten seconds between two looks.
describe.concurrent('a Deployment that Flagger moves', () => {
  it('is watched to the end of a good canary and left to Flagger', async () => {
    const lines: string[] = []
    await good.deploy(good.next)
    const outcome = unwrap(await watchCanary(context(lines), good.options))
    expect(outcome, lines.join('\n')).toMatchObject({ verdict: 'pass', reason: 'flagger-promoted' })
    expect(outcome.record.weight).toBe(100)
    const weights = new Set(outcome.record.timeline.map(({ weight }) => weight))
    expect([...weights], lines.join('\n')).toEqual(expect.arrayContaining([25, 50]))
    expect(await good.status()).toMatchObject({ phase: 'Succeeded' })
    // Twice is once.
    expect(unwrap(await watchCanary(context(), good.options))).toMatchObject({
      verdict: 'pass',
      reason: 'canary-already-promoted',
    })
    expect(patches).toEqual([])
  })

  it('is stopped through its rollback hook, and only through that', async () => {
    const lines: string[] = []
    await bad.deploy(bad.next)
    // Without the address of the gate nothing can be done, and that is said at once.
    const helpless = unwrap(await watchCanary(context(lines), bad.options))
    expect(helpless, lines.join('\n')).toMatchObject({ verdict: 'fail', reason: 'flagger-not-stopped' })
    expect(await bad.status()).toMatchObject({ phase: 'Progressing' })

    const gate = httpFlaggerGate(boundedFetch(), flagger.rollbackUrl)
    const outcome = unwrap(await watchCanary({ ...context(lines), flaggerGate: gate }, bad.options))
    expect(outcome, lines.join('\n')).toMatchObject({ verdict: 'fail' })
    expect(['canary-worse', 'canary-failing']).toContain(outcome.reason)
    expect(await bad.status()).toMatchObject({ phase: 'Failed', canaryWeight: 0 })
    expect(patches).toEqual([])
    // The hook is shut again: the next release is not stopped by this one.
    const asked = await fetch(`${flagger.rollbackUrl}/check`, {
      method: 'POST',
      body: JSON.stringify({ name: bad.name, namespace }),
    })
    expect(asked.status).toBe(403)
    expect(unwrap(await watchCanary(context(), bad.options))).toMatchObject({
      verdict: 'fail',
      reason: 'flagger-failed',
    })
  })
})

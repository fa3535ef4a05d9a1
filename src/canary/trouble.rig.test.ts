import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { attachRig, type KubeObject, type Rig } from '../../rig/index.ts'
import { gateContext, type Stage, type StageOptions, stage } from '../../testkit/canary/index.ts'
import { connectKube, type Kube, POD_HASH_LABEL, paths } from '../cluster/index.ts'
import { unwrap } from '../release/index.ts'
import { systemClock } from '../system/index.ts'
import { watchCanary } from './index.ts'

const clock = systemClock()
let rig: Rig
let kube: Kube
let namespace: string
let counter = 0
const used: string[] = []
const lines: string[] = []

beforeAll(async () => {
  rig = attachRig(inject('rig'))
  namespace = rig.environment('staging').namespace
  const kubeconfig = { path: await rig.kubeconfigFor('tuesday') }
  kube = unwrap(await connectKube({ kubeconfig, context: 'staging', clock }))
})
afterEach(async () => {
  for (const name of used.splice(0)) await rig.load.removeTarget(namespace, name)
})

function set(change: Partial<StageOptions> = {}): Promise<Stage> {
  const name = `trouble-${Date.now().toString(36)}-${counter++}`
  used.push(name)
  return stage({ rig, clock, namespace, name, errorRate: 0.001, requestsPerSecond: 1_000, ...change })
}

const born = ({ metadata }: KubeObject) => Date.parse(String(metadata.creationTimestamp))

function context() {
  lines.length = 0
  return gateContext(rig, kube, clock, (line) => void lines.push(line))
}

describe('in trouble the gate', () => {
  it('is not moved by a stable pod that turns ready and unready', async () => {
    const at = await set()
    const pods = await rig.kube.list(
      `${paths.pods(namespace)}?labelSelector=${encodeURIComponent(`app.kubernetes.io/name=${at.name}`)}`,
    )
    const pod = `${paths.pods(namespace)}/${pods[0]?.metadata.name}/status`
    const ready = (status: 'True' | 'False') =>
      rig.kube.patch(pod, { status: { conditions: [{ type: 'Ready', status }] } })
    await at.deploy(at.next)
    const watching = watchCanary(context(), at.options({ holdsMs: { 5: 8_000, 25: 2_000, 50: 2_000 } }))
    await at.paused()
    for (let turn = 0; turn < 3; turn++) {
      await ready('False')
      await clock.sleep(700, AbortSignal.timeout(9_000))
      await ready('True')
      await clock.sleep(700, AbortSignal.timeout(9_000))
    }
    expect(unwrap(await watching), lines.join('\n')).toMatchObject({
      verdict: 'pass',
      reason: 'canary-promoted',
    })
  })

  it.each([
    ['a good version', 0.001, 'pass', ['canary-promoted']],
    ['a bad version', 0.5, 'fail', ['canary-worse', 'canary-failing']],
  ] as const)(
    'tells a stable pod that fails now and then from %s',
    async (_, errorRate, verdict, reasons) => {
      const at = await set({ errorRate })
      const [pod] = await rig.kube.list(
        `${paths.pods(namespace)}?labelSelector=${encodeURIComponent(`app.kubernetes.io/name=${at.name}`)}`,
      )
      const flap = async (rate: number) => {
        await rig.load.setBehaviour(pod?.metadata.name ?? '', { errorRate: rate, latencySeconds: 0.02 })
        await clock.sleep(1_500, AbortSignal.timeout(9_000))
      }
      await flap(0.3)
      await flap(0.001)
      await at.deploy(at.next)
      let over = false
      const holdsMs = { 5: 6_000, 25: 2_000, 50: 2_000 }
      const watching = watchCanary(context(), at.options({ holdsMs })).finally(() => {
        over = true
      })
      for (let failing = true; !over; failing = !failing) await flap(failing ? 0.3 : 0.001)
      const outcome = unwrap(await watching)
      expect(outcome.verdict, lines.join('\n')).toBe(verdict)
      expect(reasons).toContain(outcome.reason)
    },
  )

  it('holds on one bad pod of the new version, names it and leaves the rollout where it is', async () => {
    const at = await set({ replicas: 8, requestsPerSecond: 2_000 })
    await at.deploy(at.next)
    const holdsMs = { 5: 3_000, 25: 600_000, 50: 2_000 }
    const stop = new AbortController()
    const watching = watchCanary({ ...context(), signal: stop.signal }, at.options({ holdsMs }))
    const pods = await rig.waitFor('two pods of the new version', 60, async () => {
      const { currentPodHash, currentStepIndex } = await at.status()
      const labelled = encodeURIComponent(`${POD_HASH_LABEL}=${currentPodHash}`)
      const found = await rig.kube.list(`${paths.pods(namespace)}?labelSelector=${labelled}`)
      return currentStepIndex === 3 && found.length === 2 ? found : undefined
    })
    const newest = pods.toSorted((a, b) => born(a) - born(b)).at(-1)?.metadata.name ?? ''
    await rig.load.setBehaviour(newest, { errorRate: 0.3, latencySeconds: 0.02 })
    await expect.poll(() => lines.join('\n'), { timeout: 90_000 }).toContain(newest)
    // As long again as the alarm on a bad version took.
    await clock.sleep(5_000, AbortSignal.timeout(9_000))
    stop.abort()
    const outcome = unwrap(await watching)
    expect(outcome, lines.join('\n')).toMatchObject({ verdict: 'unknown', reason: 'cancelled' })
    expect(outcome.record.evidence?.why).toContain(newest)
    expect((await at.status()).abort).toBeFalsy()
  })

  it('is told by nobody that a promotion was lost, and brings it to effect', async () => {
    const at = await set()
    await at.deploy(at.next)
    const watching = watchCanary(context(), at.options({ holdsMs: { 5: 6_000, 25: 2_000, 50: 2_000 } }))
    await at.paused()
    // What Rollouts 1.9 leaves behind after a lost promotion.
    await rig.kube.patch(paths.rolloutStatus(namespace, at.name), {
      status: { pauseConditions: null, controllerPause: true },
    })
    const outcome = unwrap(await watching)
    expect(['canary-promoted'], lines.join('\n')).toContain(outcome.reason)
  })
})

describe('blue-green', () => {
  const probes = (verdict: 'good' | 'bad') => ({
    probe: async () =>
      ({ verdict, reason: verdict === 'good' ? 'canary-good' : 'canary-failing', why: 'probed' }) as const,
  })

  it('is cut over on good probes and watched against what was before', async () => {
    const at = await set({ shape: 'blue-green' })
    await at.deploy(at.next)
    const outcome = unwrap(await watchCanary({ ...context(), prober: probes('good') }, at.options()))
    expect(outcome, lines.join('\n')).toMatchObject({ verdict: 'pass', reason: 'canary-promoted' })
    expect(outcome.why).toContain('no concurrent baseline')
  })

  it('is aborted on failing probes before a user has seen it', async () => {
    const at = await set({ shape: 'blue-green' })
    await at.deploy(at.next)
    const outcome = unwrap(await watchCanary({ ...context(), prober: probes('bad') }, at.options()))
    expect(outcome, lines.join('\n')).toMatchObject({ verdict: 'fail', reason: 'canary-failing' })
    await expect.poll(at.status, { timeout: 20_000 }).toMatchObject({ abort: true })
  })

  it('is taken back after the cut-over when half of all requests fail', async () => {
    const at = await set({ shape: 'blue-green', errorRate: 0.5 })
    await at.deploy(at.next)
    const holdsMs = { 100: 60_000 }
    const outcome = unwrap(
      await watchCanary({ ...context(), prober: probes('good') }, at.options({ holdsMs })),
    )
    expect(outcome, lines.join('\n')).toMatchObject({ verdict: 'fail' })
    expect(['canary-failing', 'canary-worse']).toContain(outcome.reason)
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ManualClock } from '../../http/index.ts'
import { requireKind } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'
import { type Bench, deliveryRollout, deliveryRouting, imageOf, manualBench } from '../testing.ts'
import type { Rollout, RolloutStatus } from './rollout-types.ts'
import type { ReplicaSet, Service } from './types.ts'

const second = 1000
let bench: Bench<ManualClock>
beforeEach(async () => {
  bench = await manualBench()
})
afterEach(() => bench.close())

const rollout = () => bench.get<Rollout>('Rollout', 'delivery-api')
const status = (): RolloutStatus => rollout().status ?? {}
const selected = (suffix: string) =>
  bench.get<Service>('Service', `delivery-api-${suffix}`).spec.selector?.['rollouts-pod-template-hash']
const setOf = (hash: string | undefined) => bench.get<ReplicaSet>('ReplicaSet', `delivery-api-${hash}`)

function weights(): Record<string, number> {
  const vs = bench.get<
    KubeObject & { spec: { http: { route: { destination: { host: string }; weight: number }[] }[] } }
  >('VirtualService', 'delivery-api')
  return Object.fromEntries(
    (vs.spec.http[0]?.route ?? []).map(({ destination, weight }) => [
      destination.host.replace('delivery-api-', ''),
      weight,
    ]),
  )
}

/** A merge patch on the status subresource, as the kubectl plugin sends it. */
function patchStatus(patch: Record<string, unknown>): void {
  const live = rollout()
  const next: Record<string, unknown> = { ...live.status, ...patch }
  for (const [name, value] of Object.entries(patch)) if (value === null) delete next[name]
  bench.cluster.store.replace(requireKind('Rollout'), { ...live, status: next }, 'status')
}

const promote = () => patchStatus({ pauseConditions: null })
const abort = () => patchStatus({ abort: true })

type Change = Parameters<typeof deliveryRollout>[0]
const deploy = async (letter: string, change: Partial<Change> = {}) => {
  bench.apply(deliveryRollout({ namespace: 'delivery', image: imageOf(letter), ...change }))
  await bench.clock.advance(20 * second)
}

async function installed(change: Partial<Change> = {}): Promise<string> {
  bench.apply(...deliveryRouting('delivery'))
  await deploy('a', change)
  return status().stableRS ?? ''
}

describe('a Rollout', () => {
  it('becomes Healthy on its first deploy without running a step', async () => {
    const stable = await installed()
    expect(status()).toMatchObject({
      phase: 'Healthy',
      currentPodHash: stable,
      currentStepIndex: 6,
      availableReplicas: 4,
    })
    expect(status().observedGeneration).toBe(String(rollout().metadata.generation))
    expect(weights()).toEqual({ stable: 100, canary: 0 })
    expect([selected('stable'), selected('canary')]).toEqual([stable, stable])
  })

  it('walks its weights one promotion at a time, and promotes at the end', async () => {
    const stable = await installed()
    await deploy('b')
    const canary = status().currentPodHash ?? ''
    expect(canary).not.toBe(stable)
    for (const [index, weight, pods] of [
      [1, 5, 1],
      [3, 25, 1],
      [5, 50, 2],
    ] as const) {
      expect(status()).toMatchObject({
        phase: 'Paused',
        message: 'CanaryPauseStep',
        currentStepIndex: index,
        controllerPause: true,
      })
      expect(weights()).toEqual({ stable: 100 - weight, canary: weight })
      expect(status().canary?.weights).toMatchObject({
        canary: { weight, podTemplateHash: canary },
        stable: { podTemplateHash: stable },
      })
      expect([selected('stable'), selected('canary')]).toEqual([stable, canary])
      expect(setOf(canary).spec.replicas).toBe(pods)
      expect(setOf(stable).spec.replicas).toBe(4)
      await bench.clock.advance(3600 * second) // a pause without a duration has no end
      promote()
      await bench.clock.advance(20 * second)
    }
    expect(status()).toMatchObject({
      phase: 'Healthy',
      stableRS: canary,
      currentPodHash: canary,
      currentStepIndex: 6,
    })
    expect(status().controllerPause).toBeUndefined()
    expect(weights()).toEqual({ stable: 100, canary: 0 })
    expect([selected('stable'), selected('canary')]).toEqual([canary, canary])
  })

  it('keeps the old pods until the scale-down delay is over', async () => {
    const canary = { scaleDownDelaySeconds: 1800 }
    const stable = await installed({ canary })
    await deploy('b', { canary })
    patchStatus({ promoteFull: true })
    await bench.clock.advance(20 * second)
    expect(status()).toMatchObject({ phase: 'Healthy' })
    expect(setOf(stable).spec.replicas).toBe(4)
    await bench.clock.advance(1760 * second)
    expect(setOf(stable).spec.replicas).toBe(4)
    await bench.clock.advance(60 * second)
    expect(setOf(stable)).toMatchObject({ spec: { replicas: 0 }, status: { replicas: 0 } })
  })

  it('gives all traffic back on abort, reads Degraded, and takes the canary down after its delay', async () => {
    const stable = await installed()
    await deploy('b')
    const canary = status().currentPodHash
    abort()
    await bench.clock.advance(second)
    expect(status()).toMatchObject({ phase: 'Degraded', abort: true, currentStepIndex: 0, stableRS: stable })
    expect(status().message).toMatch(/^RolloutAborted: Rollout aborted update to revision 2/)
    expect(status().abortedAt).toBeDefined()
    expect(status().pauseConditions).toBeUndefined()
    expect(weights()).toEqual({ stable: 100, canary: 0 })
    expect(selected('canary')).toBe(stable)
    expect(setOf(canary).spec.replicas).toBe(1)
    await bench.clock.advance(40 * second)
    expect(setOf(canary).spec.replicas).toBe(0)
  })

  it('starts again at the first step after a retry', async () => {
    await installed()
    await deploy('b')
    promote()
    await bench.clock.advance(20 * second)
    abort()
    await bench.clock.advance(60 * second)
    patchStatus({ abort: false })
    await bench.clock.advance(20 * second)
    expect(status()).toMatchObject({ phase: 'Paused', currentStepIndex: 1 })
    expect(status().abortedAt).toBeUndefined()
    expect(weights()).toEqual({ stable: 95, canary: 5 })
  })

  it('skips all steps when the stable template comes back in flight, aborted or not', async () => {
    const stable = await installed()
    await deploy('b')
    abort()
    await bench.clock.advance(5 * second)
    await deploy('a')
    expect(status()).toMatchObject({
      phase: 'Healthy',
      stableRS: stable,
      currentPodHash: stable,
      currentStepIndex: 6,
    })
    expect(status().abort).toBeUndefined()
    expect(weights()).toEqual({ stable: 100, canary: 0 })
  })

  it.each([
    ['with a rollback window it is fast', { rollbackWindow: { revisions: 2 } }, 'Healthy', 6],
    ['without one it is a new canary', {}, 'Paused', 1],
  ])('goes back to a former stable: %s', async (_name, spec, phase, index) => {
    const first = await installed({ spec })
    await deploy('b', { spec })
    patchStatus({ promoteFull: true })
    await bench.clock.advance(20 * second)
    await deploy('a', { spec })
    expect(status()).toMatchObject({ phase, currentPodHash: first, currentStepIndex: index })
    expect(setOf(first).metadata.annotations).toMatchObject({
      'rollout.argoproj.io/revision': '3',
      'rollout.argoproj.io/revision-history': '1',
    })
  })

  it('sends the canary nothing while its pods are not ready, and is Degraded after its deadline', async () => {
    const stable = await installed({ spec: { progressDeadlineSeconds: 120 } })
    await deploy('b', { spec: { progressDeadlineSeconds: 120 }, annotations: { 'rig/behaviour': 'crash' } })
    expect(status()).toMatchObject({ phase: 'Progressing', currentStepIndex: 0 })
    expect(weights()).toEqual({ stable: 100, canary: 0 })
    expect(selected('canary')).toBe(stable)
    await bench.clock.advance(180 * second)
    expect(status().phase).toBe('Degraded')
    expect(status().message).toMatch(/^ProgressDeadlineExceeded: /)
  })

  it('is not judged by the deadline while it is paused', async () => {
    await installed({ spec: { progressDeadlineSeconds: 60 } })
    await deploy('b', { spec: { progressDeadlineSeconds: 60 } })
    await bench.clock.advance(3600 * second)
    expect(status().phase).toBe('Paused')
    promote()
    await bench.clock.advance(30 * second)
    expect(status()).toMatchObject({ phase: 'Paused', currentStepIndex: 3 })
  })

  it('ends a pause with a duration by itself', async () => {
    const canary = { steps: [{ setWeight: 50 }, { pause: { duration: '2m' } }] }
    await installed({ canary })
    await deploy('b', { canary })
    expect(status()).toMatchObject({ phase: 'Paused', currentStepIndex: 1 })
    await bench.clock.advance(60 * second)
    expect(status().phase).toBe('Paused')
    await bench.clock.advance(90 * second)
    expect(status()).toMatchObject({ phase: 'Healthy', currentStepIndex: 2 })
  })

  it('forgets full promotion and abort when yet another template comes', async () => {
    const stable = await installed()
    await deploy('b')
    const second_ = status().currentPodHash
    abort()
    await bench.clock.advance(5 * second)
    await deploy('c')
    expect(status()).toMatchObject({ phase: 'Paused', currentStepIndex: 1, stableRS: stable })
    expect(status().abort).toBeUndefined()
    await bench.clock.advance(60 * second)
    expect(setOf(second_).spec.replicas).toBe(0)
  })

  it('takes an abort with nothing in flight back, and serves on', async () => {
    const stable = await installed()
    abort()
    await bench.clock.advance(60 * second)
    expect(status()).toMatchObject({ phase: 'Healthy', stableRS: stable, availableReplicas: 4 })
    expect(status().abort).toBeUndefined()
    expect(weights()).toEqual({ stable: 100, canary: 0 })
  })

  it('gives up by itself when its pods never become ready and it is told to', async () => {
    const spec = { progressDeadlineSeconds: 60, progressDeadlineAbort: true }
    const stable = await installed({ spec })
    await deploy('b', { spec, annotations: { 'rig/behaviour': 'never' } })
    await bench.clock.advance(120 * second)
    expect(status()).toMatchObject({ phase: 'Degraded', abort: true, stableRS: stable, currentStepIndex: 0 })
    expect(status().message).toMatch(/^RolloutAborted: /)
  })

  it('keeps at least so many pods of a canary, and only so many former revisions warm', async () => {
    const canary = { minPodsPerReplicaSet: 2, scaleDownDelaySeconds: 3600, scaleDownDelayRevisionLimit: 1 }
    const first = await installed({ canary })
    await deploy('b', { canary })
    expect(setOf(status().currentPodHash).spec.replicas).toBe(2)
    patchStatus({ promoteFull: true })
    await bench.clock.advance(20 * second)
    expect(setOf(first).spec.replicas).toBe(4)
    const former = status().stableRS
    await deploy('c', { canary })
    patchStatus({ promoteFull: true })
    await bench.clock.advance(60 * second)
    expect(status().phase).toBe('Healthy')
    expect([setOf(former).spec.replicas, setOf(first).spec.replicas]).toEqual([4, 0])
  })

  it.each([
    ['blue-green', { strategy: { blueGreen: { activeService: 'x' } } }, {}],
    ['analysis', {}, { analysis: { templates: [] } }],
    ['an analysis step', {}, { steps: [{ analysis: {} }] }],
    ['a reference to a Deployment', { workloadRef: { name: 'x' } }, {}],
    ['no traffic router', {}, { trafficRouting: undefined }],
  ])('refuses what it does not know: %s', (_name, spec, canary) => {
    const refused = () =>
      bench.apply(deliveryRollout({ namespace: 'delivery', image: imageOf('a'), spec, canary }))
    expect(refused).toThrow(/testkit\/cluster does not know the Rollout/)
  })
})

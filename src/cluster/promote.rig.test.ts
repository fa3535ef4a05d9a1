import { beforeAll, describe, expect, inject, it } from 'vitest'
import { attachRig, type Rig } from '../../rig/index.ts'
import { deliveryRollout } from '../../testkit/cluster/testing.ts'
import { type Digest, unwrap } from '../release/index.ts'
import { systemClock } from '../system/index.ts'
import { connectKube, type Kube, paths, promote, type Rollout, viewRollout } from './index.ts'

const clock = systemClock()
const signal = AbortSignal.timeout(800_000)
const digestOf = (seed: string) => `sha256:${Buffer.from(seed.padEnd(32, '.')).toString('hex')}` as Digest
let rig: Rig
let kube: Kube
let namespace: string

beforeAll(async () => {
  rig = attachRig(inject('rig'))
  namespace = rig.environment('prod-ap').namespace
  kube = unwrap(
    await connectKube({
      kubeconfig: { path: await rig.kubeconfigFor('tuesday') },
      context: 'prod-ap',
      clock,
    }),
  )
})

/** As fast as a watch can tell: the moment at which Rollouts 1.9 loses promotions. */
async function pausedNow(name: string, digest: Digest, stepIndex: number): Promise<void> {
  const stop = new AbortController()
  const events = kube.watch<Rollout>(paths.rollouts(namespace), {
    fieldSelector: `metadata.name=${name}`,
    signal: AbortSignal.any([signal, stop.signal]),
  })
  for await (const event of events) {
    const objects = event.type === 'sync' ? event.objects : event.type === 'fault' ? [] : [event.object]
    const paused = objects.some((each) => {
      const view = viewRollout(each, 'api')
      return view.specDigest === digest && view.stepIndex === stepIndex && view.pausedSince !== undefined
    })
    if (paused) break
  }
  stop.abort()
}

describe('a promotion sent the moment a pause appears', () => {
  it('takes effect every time', async () => {
    const steps = Array.from({ length: 5 }, (_, i) => [{ setWeight: 15 * (i + 1) }, { pause: {} }]).flat()
    const seconds: number[] = []
    let writes = 0
    for (let round = 0; round < 2; round++) {
      const name = `prompt-${Date.now().toString(36)}-${round}`
      const canary = { steps, stableService: undefined, canaryService: undefined, trafficRouting: undefined }
      const deploy = (digest: Digest) =>
        rig.kube.apply(
          deliveryRollout({
            namespace,
            name,
            image: `registry.example.com/x@${digest}`,
            replicas: 6,
            canary,
          }),
        )
      await deploy(digestOf(`${name}-a`))
      await rig.waitFor('the first deploy', 60, async () => {
        const { status } = (await rig.kube.get(paths.rollout(namespace, name))) as unknown as Rollout
        return status?.phase === 'Healthy' ? true : undefined
      })
      const next = digestOf(`${name}-b`)
      await deploy(next)
      for (let stepIndex = 1; stepIndex < steps.length; stepIndex += 2) {
        await pausedNow(name, next, stepIndex)
        const target = { namespace, name, container: 'api' }
        const moved = unwrap(await promote({ kube, clock, signal }, target, { digest: next, stepIndex }))
        seconds.push(moved.seconds)
        writes += moved.sent.length
      }
    }
    seconds.sort((a, b) => a - b)
    console.log(
      `${seconds.length} promotions, ${writes} writes, median ${seconds[5]} s, longest ${seconds.at(-1)} s`,
    )
    // The three seconds of the issue are shown by the benchmark; a busy machine gets more.
    expect(seconds.at(-1)).toBeLessThanOrEqual(30)
  })
})

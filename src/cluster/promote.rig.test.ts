import { beforeAll, describe, expect, inject, it } from 'vitest'
import { attachRig, type Rig } from '../../rig/index.ts'
import { startPauses } from '../../testkit/canary/pauses.ts'
import { unwrap } from '../release/index.ts'
import { systemClock } from '../system/index.ts'
import { connectKube, type Kube, promote } from './index.ts'

const clock = systemClock()
const signal = AbortSignal.timeout(800_000)
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

// As fast as a watch can tell: the moment at which Rollouts 1.9 loses promotions.
describe('a promotion sent the moment a pause appears', () => {
  it('takes effect every time', async () => {
    const seconds: number[] = []
    let writes = 0
    for (let round = 0; round < 2; round++) {
      const name = `prompt-${Date.now().toString(36)}-${round}`
      const pauses = await startPauses({ rig, kube, namespace, name, pauses: 5, signal })
      for (const stepIndex of pauses.indexes) {
        await pauses.paused(stepIndex)
        const target = { namespace, name, container: 'api' }
        const moved = unwrap(
          await promote({ kube, clock, signal }, target, { digest: pauses.next, stepIndex }),
        )
        // Not by its own word: the watch has to show it as well.
        expect(await pauses.left(stepIndex, 5_000), `step ${stepIndex} after "${moved.seen}"`).toBe(true)
        seconds.push(moved.seconds)
        writes += moved.sent.length
      }
      await pauses.close()
    }
    seconds.sort((a, b) => a - b)
    console.log(
      `${seconds.length} promotions, ${writes} writes, median ${seconds[5]} s, longest ${seconds.at(-1)} s`,
    )
    expect(seconds).toHaveLength(10)
    // The three seconds of the issue are shown by the benchmark; a busy machine gets more.
    expect(seconds.at(-1)).toBeLessThanOrEqual(30)
  })
})

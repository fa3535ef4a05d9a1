import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { attachRig, type Rig } from '../../rig/index.ts'
import { gateContext, type Stage, stage } from '../../testkit/canary/index.ts'
import { connectKube, type Kube } from '../cluster/index.ts'
import { unwrap } from '../release/index.ts'
import { systemClock } from '../system/index.ts'
import { watchCanary } from './index.ts'

const clock = systemClock()
let rig: Rig
let kube: Kube
let namespace: string
let good: Stage
let bad: Stage

beforeAll(async () => {
  rig = attachRig(inject('rig'))
  namespace = rig.environment('prod-eu').namespace
  const kubeconfig = { path: await rig.kubeconfigFor('tuesday') }
  kube = unwrap(await connectKube({ kubeconfig, context: 'prod-eu', clock }))
})
// What goes on asking would be in front of the tests that come after.
afterEach(async () => {
  for (const each of [good, bad]) await rig.load.removeTarget(namespace, each.name)
})

const named = (name: string) =>
  stage({
    rig,
    clock,
    namespace,
    name: `${name}-${Date.now().toString(36)}`,
    errorRate: 0.001,
    requestsPerSecond: 1_000,
  })

/** Follows two versions through the same trouble: one stays good, the other one turns bad with it. */
async function through(trouble: () => Promise<void>) {
  ;[good, bad] = await Promise.all([named('stays-good'), named('turns-bad')])
  const holdsMs = { 5: 8_000, 25: 2_000, 50: 2_000 }
  const follow = async (at: Stage) => {
    const lines: string[] = []
    const say = (line: string) => void lines.push(`${new Date().toISOString()} ${line}`)
    await at.deploy(at.next)
    const ending = watchCanary(
      gateContext(rig, kube, clock, say, AbortSignal.timeout(400_000)),
      at.options({ holdsMs, timeoutMs: 240_000 }),
    )
    await at.paused()
    return { lines, ending }
  }
  const [first, second] = await Promise.all([follow(good), follow(bad)])
  await rig.load.setBehaviour(bad.next, { errorRate: 0.05, latencySeconds: 0.02 })
  const from = clock.now()
  await trouble()
  const to = clock.now()
  const [goes, ends] = [unwrap(await first.ending), unwrap(await second.ending)]
  return { goes, ends, from, to, goodLines: first.lines.join('\n'), badLines: second.lines.join('\n') }
}

describe('the gate', () => {
  it('is blind while Prometheus is away, and decides from counts when it is back', async () => {
    const restart = () => rig.restart('prometheus', 1_000)
    const { goes, ends, from, to, goodLines, badLines } = await through(restart)
    expect(goes, goodLines).toMatchObject({ verdict: 'pass', reason: 'canary-promoted' })
    expect(ends, badLines).toMatchObject({ verdict: 'fail', reason: 'canary-worse' })
    const decided = [...goes.record.decisions, ...ends.record.decisions].map(({ at }) => new Date(at))
    expect(decided.filter((at) => at > from && at < to)).toEqual([])
  })

  it('goes on when the API server is back: it promotes the good one and aborts the bad one', async () => {
    const { goes, ends, goodLines, badLines } = await through(() => rig.restart('kube-apiserver', 4_000))
    expect(goes, goodLines).toMatchObject({ verdict: 'pass', reason: 'canary-promoted' })
    expect(ends, badLines).toMatchObject({ verdict: 'fail', reason: 'canary-worse' })
    expect(goodLines).toMatch(/did not answer/)
    await expect.poll(bad.status, { timeout: 20_000 }).toMatchObject({ abort: true, phase: 'Degraded' })
  })
})

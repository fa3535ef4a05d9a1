import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { attachRig, type Rig } from '../../rig/index.ts'
import { deliveryRollout } from '../../testkit/cluster/testing.ts'
import { type Digest, unwrap } from '../release/index.ts'
import { systemClock } from '../system/index.ts'
import { abort, connectKube, type Kube, paths, promoteFull, type Rollout, viewRollout } from './index.ts'

const clock = systemClock()
const signal = AbortSignal.timeout(800_000)
const digestOf = (seed: string) => `sha256:${Buffer.from(seed.padEnd(32, '.')).toString('hex')}` as Digest
const name = `lost-${Date.now().toString(36)}`
let rig: Rig
let kube: Kube
let namespace: string

beforeAll(async () => {
  rig = attachRig(inject('rig'))
  namespace = rig.environment('prod-ap').namespace
  const kubeconfig = { path: await rig.kubeconfigFor('tuesday') }
  kube = unwrap(await connectKube({ kubeconfig, context: 'prod-ap', clock }))
  await deploy(digestOf('first'))
  await rig.waitFor('the first deploy', 60, async () => ((await phase()) === 'Healthy' ? true : undefined))
})

async function phase(): Promise<string | undefined> {
  return ((await rig.kube.get(paths.rollout(namespace, name))) as unknown as Rollout).status?.phase
}

function deploy(digest: Digest): Promise<void> {
  const steps = [{ setWeight: 25 }, { pause: {} }]
  const canary = { steps, stableService: undefined, canaryService: undefined, trafficRouting: undefined }
  const image = `registry.example.com/x@${digest}`
  return rig.kube.apply(deliveryRollout({ namespace, name, image, replicas: 4, canary }))
}

/** A canary in its pause for as long as the controller needs to write back what it has seen before. */
async function canary(digest: Digest): Promise<void> {
  const stop = new AbortController()
  const watched = { fieldSelector: `metadata.name=${name}`, signal: AbortSignal.any([signal, stop.signal]) }
  const events = kube.watch<Rollout>(paths.rollouts(namespace), watched)
  await deploy(digest)
  for await (const event of events) {
    const objects = event.type === 'sync' ? event.objects : event.type === 'fault' ? [] : [event.object]
    const views = objects.map((each) => viewRollout(each, 'api'))
    if (views.some((view) => view.specDigest === digest && view.pausedSince !== undefined)) break
  }
  stop.abort()
  await sleep(50)
}

/** Rollouts 1.9 loses most patches of this moment: API and controller then disagree until the object changes again. */
describe('a write that the controller loses', () => {
  const moving = () => ({ kube, clock, signal })
  const target = () => ({ namespace, name, container: 'api' })

  it('is a full promotion that takes effect all the same', async () => {
    const writes: number[] = []
    for (let round = 0; round < 6; round++) {
      const digest = digestOf(`promoted ${round}`)
      await canary(digest)
      const moved = unwrap(await promoteFull(moving(), target(), { digest, servedWithinMs: 60_000 }))
      writes.push(moved.sent.length)
    }
    console.log(`writes of each full promotion: ${writes.join(', ')}`)
    expect(Math.max(...writes)).toBeLessThanOrEqual(4)
  })

  it('is an abort that takes effect all the same', async () => {
    const writes: number[] = []
    for (let round = 0; round < 6; round++) {
      const digest = digestOf(`aborted ${round}`)
      await canary(digest)
      const moved = unwrap(await abort(moving(), target(), { digest, withinMs: 60_000 }))
      writes.push(moved.sent.length)
    }
    console.log(`writes of each abort: ${writes.join(', ')}`)
    expect(Math.max(...writes)).toBeLessThanOrEqual(4)
  })
})

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ManualClock } from '../../http/index.ts'
import { type Bench, deliveryDeployment, imageOf, manualBench } from '../testing.ts'
import { rollingStep } from './deployments.ts'
import type { Deployment } from './types.ts'

let bench: Bench<ManualClock>
beforeEach(async () => {
  bench = await manualBench()
})
afterEach(() => bench.close())

const deployment = () => bench.get<Deployment>('Deployment', 'delivery-outbox-relay')
const condition = (type: string) => deployment().status?.conditions?.find((found) => found.type === type)
const deploy = async (letter: string, change: object = {}) => {
  bench.apply(deliveryDeployment({ namespace: 'delivery', image: imageOf(letter), ...change }))
  await bench.clock.advance(30_000)
}

describe('a Deployment', () => {
  it('rolls to a new image and says so', async () => {
    await deploy('a')
    expect(deployment().status).toMatchObject({
      observedGeneration: 1,
      replicas: 2,
      updatedReplicas: 2,
      availableReplicas: 2,
    })
    await deploy('b')
    expect(deployment().status).toMatchObject({
      observedGeneration: 2,
      replicas: 2,
      updatedReplicas: 2,
      availableReplicas: 2,
    })
    expect(condition('Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' })
    expect(deployment().metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '2' })
  })

  it('keeps the old pods serving while new ones crash, and runs into its deadline', async () => {
    const spec = { progressDeadlineSeconds: 120 }
    await deploy('a', { spec })
    await deploy('b', { spec, annotations: { 'rig/behaviour': 'crash' } })
    expect(deployment().status).toMatchObject({ updatedReplicas: 1, availableReplicas: 2 })
    await bench.clock.advance(200_000)
    expect(condition('Progressing')).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' })
    expect(condition('Available')).toMatchObject({ status: 'True' })
  })

  it('refuses the strategy it does not know', () => {
    const spec = { strategy: { type: 'Recreate' } }
    expect(() =>
      bench.apply(deliveryDeployment({ namespace: 'delivery', image: imageOf('a'), spec })),
    ).toThrow(/Recreate/)
  })
})

describe('a step of a rolling update', () => {
  const side = fc
    .nat({ max: 20 })
    .chain((replicas) => fc.record({ replicas: fc.constant(replicas), available: fc.nat({ max: replicas }) }))
  it('never goes beyond the surge by its own doing, nor below what must be available', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 12 }),
        fc.nat({ max: 4 }),
        fc.nat({ max: 4 }),
        side,
        side,
        (wanted, surge, unavailable, fresh, old) => {
          const next = rollingStep(wanted, surge, unavailable, fresh, old)
          if (next.fresh > fresh.replicas)
            expect(next.fresh + old.replicas).toBeLessThanOrEqual(wanted + surge)
          const serving = Math.min(fresh.available, fresh.replicas) + Math.min(old.available, next.old)
          const before = fresh.available + old.available
          expect(serving).toBeGreaterThanOrEqual(Math.min(before, wanted - unavailable))
          expect(next.old).toBeLessThanOrEqual(old.replicas)
        },
      ),
    )
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ScaledClock } from '../http/index.ts'
import type { Rollout } from './engines/rollout-types.ts'
import { environmentFolder } from './environment-folder.ts'
import { renderDelivery } from './render-delivery.ts'
import { type Bench, fastBench } from './testing.ts'

const chart = join(import.meta.dirname, '../../examples/delivery-service/charts/delivery-service')
const digest = (letter: string) => `sha256:${letter.repeat(64)}`
const digests = {
  'delivery-api': digest('a'),
  'delivery-outbox-relay': digest('b'),
  'delivery-event-projector': digest('c'),
}
const app = { name: 'delivery-prod-us', namespace: 'delivery', valueFiles: ['values.yaml', 'pins.yaml'] }
const folder = () => environmentFolder(chart, 'prod-us', digests)

describe('the objects of an environment', () => {
  it('carry the pinned digest of each workload and the steps of the chart', () => {
    const objects = renderDelivery(folder(), app)
    const images = objects.flatMap((object) => {
      const spec = object.spec as { template?: { spec: { containers: { name: string; image: string }[] } } }
      return spec.template?.spec.containers.map(({ name, image }) => [name, image.split('@')[1]]) ?? []
    })
    expect(Object.fromEntries(images)).toEqual({
      api: digest('a'),
      relay: digest('b'),
      projector: digest('c'),
    })
    const rollout = objects.find((object) => object.kind === 'Rollout') as Rollout
    expect(readFileSync(join(chart, 'templates/rollout.yaml'), 'utf8')).toContain('rollbackWindow')
    expect(rollout.spec.rollbackWindow?.revisions).toBeGreaterThan(0)
    const weights = rollout.spec.strategy.canary?.steps?.flatMap((step) => step.setWeight ?? [])
    expect(weights).toEqual([5, 25, 50])
  })

  it.each([
    ['no pins', (files: Map<string, string>) => files.delete('pins.yaml'), /pins\.yaml: no such file/],
    [
      'a digest that is none',
      (files: Map<string, string>) =>
        files.set('pins.yaml', 'workloads: {delivery-api: {image: {digest: latest}}}'),
      /no digest/,
    ],
    [
      'a chart without a Rollout',
      (files: Map<string, string>) => files.delete('templates/rollout.yaml'),
      /rollout\.yaml/,
    ],
  ])('are refused with %s', (_name, spoil, message) => {
    const files = new Map(folder())
    spoil(files)
    expect(() => renderDelivery(files, app)).toThrow(message)
  })

  it('change their pod templates with the configuration of the pooler, and only then', () => {
    const annotations = (files: ReadonlyMap<string, string>) => {
      const rollout = renderDelivery(files, app).find((object) => object.kind === 'Rollout') as Rollout
      return rollout.spec.template.metadata?.annotations
    }
    const changed = new Map(folder()).set(
      'values.yaml',
      (folder().get('values.yaml') ?? '').replace('pool: 20', 'pool: 30'),
    )
    expect(annotations(changed)).not.toEqual(annotations(folder()))
    expect(annotations(folder())).toEqual(annotations(folder()))
  })
})

describe('the objects of an environment in the stand-in', () => {
  let bench: Bench<ScaledClock>
  beforeAll(async () => {
    bench = await fastBench(100)
  })
  afterAll(async () => {
    await bench.close()
    bench.clock.close()
  })

  it('come up at the size that the autoscaler asks for', async () => {
    bench.apply(...renderDelivery(folder(), app))
    const end = performance.now() + 10_000
    for (;;) {
      const { status } = bench.get<Rollout>('Rollout', 'delivery-api')
      if (status?.phase === 'Healthy' && status.availableReplicas === 6) break
      if (performance.now() > end) throw new Error(JSON.stringify(status))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })
})

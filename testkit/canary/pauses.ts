import type { Rig } from '../../rig/index.ts'
import { type Kube, paths, type Rollout, type RolloutView, viewRollout } from '../../src/cluster/index.ts'
import type { Digest } from '../../src/release/index.ts'
import { deliveryRollout } from '../cluster/testing.ts'
import { digestOf } from './index.ts'

/** A canary without a router on its way through pauses, followed by one watch: what a watch can know, at once. */
export interface Pauses {
  readonly name: string
  readonly next: Digest
  /** Indexes of the steps that are pauses. */
  readonly indexes: readonly number[]
  /** The moment the pause of this step appears. */
  paused(stepIndex: number): Promise<void>
  /** The moment the step is left behind; false when it is not within the time. */
  left(stepIndex: number, withinMs: number): Promise<boolean>
  close(): Promise<void>
}

export interface PausesOptions {
  readonly rig: Rig
  readonly kube: Kube
  readonly namespace: string
  readonly name: string
  readonly pauses: number
  readonly signal: AbortSignal
}

const REPLICAS = 6

export async function startPauses(options: PausesOptions): Promise<Pauses> {
  const { rig, kube, namespace, name, signal } = options
  const [first, next] = [digestOf(`${name}-a`), digestOf(`${name}-b`)]
  const steps = Array.from({ length: options.pauses }, (_, i) => [
    { setWeight: Math.round((100 * (i + 1)) / (options.pauses + 1)) },
    { pause: {} },
  ]).flat()
  const canary = { steps, stableService: undefined, canaryService: undefined, trafficRouting: undefined }
  const deploy = (digest: Digest) => {
    const image = `registry.example.com/x@${digest}`
    return rig.kube.apply(deliveryRollout({ namespace, name, image, replicas: REPLICAS, canary }))
  }
  await deploy(first)
  await rig.waitFor(`the first deploy of ${name}`, 60, async () => {
    const { status } = (await rig.kube.get(paths.rollout(namespace, name))) as unknown as Rollout
    return status?.phase === 'Healthy' ? true : undefined
  })

  const stop = new AbortController()
  const seen = { view: undefined as RolloutView | undefined, tell: new Set<() => void>() }
  const following = (async () => {
    const ended = AbortSignal.any([signal, stop.signal])
    const watched = { fieldSelector: `metadata.name=${name}`, signal: ended }
    for await (const event of kube.watch<Rollout>(paths.rollouts(namespace), watched)) {
      const object =
        event.type === 'sync' ? event.objects[0] : event.type === 'fault' ? undefined : event.object
      if (object === undefined) continue
      seen.view = viewRollout(object, 'api')
      for (const tell of seen.tell) tell()
    }
  })()
  const until = (holds: (view: RolloutView) => boolean, withinMs: number) =>
    new Promise<boolean>((resolve) => {
      const end = (answer: boolean) => {
        clearTimeout(timer)
        seen.tell.delete(look)
        resolve(answer)
      }
      const look = () => {
        if (seen.view?.specDigest === next && holds(seen.view)) end(true)
      }
      const timer = setTimeout(() => end(false), withinMs)
      seen.tell.add(look)
      look()
    })
  await deploy(next)

  return {
    name,
    next,
    indexes: steps.flatMap((step, i) => ('pause' in step ? [i] : [])),
    async paused(stepIndex) {
      const there = await until(
        (view) => view.stepIndex === stepIndex && view.pausedSince !== undefined,
        120_000,
      )
      if (!there) throw new Error(`${name} never came to the pause of step ${stepIndex}`)
    },
    left: (stepIndex, withinMs) => until((view) => view.stepIndex > stepIndex, withinMs),
    async close() {
      stop.abort()
      await following
    },
  }
}

import type { Rig } from '../../rig/index.ts'
import { type GateContext, type GateOptions, prometheus } from '../../src/canary/index.ts'
import { type Kube, paths, type Rollout } from '../../src/cluster/index.ts'
import type { Clock, Digest, Logger } from '../../src/release/index.ts'
import { boundedFetch } from '../../src/system/index.ts'
import { deliveryRollout, deliveryRouting } from '../cluster/testing.ts'

export const digestOf = (seed: string): Digest =>
  `sha256:${Buffer.from(seed.padEnd(32, '.').slice(0, 32)).toString('hex')}` as Digest

export interface StageOptions {
  readonly rig: Rig
  readonly clock: Clock
  readonly namespace: string
  readonly name: string
  /** Of the digest that is to follow; the good one has 0.1 %. */
  readonly errorRate: number
  readonly requestsPerSecond: number
  readonly replicas?: number
  /** `istio` has weights, `none` has pods, `blue-green` has two Services. */
  readonly shape?: 'istio' | 'none' | 'blue-green'
  /** More of `strategy.canary`, such as a background analysis. */
  readonly canary?: Record<string, unknown>
}

export interface Stage {
  readonly name: string
  readonly good: Digest
  readonly next: Digest
  options(change?: Partial<GateOptions>): GateOptions
  deploy(digest: Digest, annotations?: Record<string, string>): Promise<void>
  rollout(): Promise<Rollout>
  status(): Promise<NonNullable<Rollout['status']>>
  /** Until the Rollout waits for somebody. */
  paused(): Promise<void>
}

/** A Rollout on the rig that serves `good` with counted traffic on it, and the digest that is to follow. */
export async function stage(options: StageOptions): Promise<Stage> {
  const { rig, clock, namespace, name, shape = 'istio' } = options
  const [good, next] = [digestOf(`${name}-g`), digestOf(`${name}-n`)]
  await rig.load.setBehaviour(good, { errorRate: 0.001, latencySeconds: 0.02 })
  await rig.load.setBehaviour(next, { errorRate: options.errorRate, latencySeconds: 0.02 })
  const rollout = async () => (await rig.kube.get(paths.rollout(namespace, name))) as unknown as Rollout
  const status = async () => (await rollout()).status ?? {}
  const deploy: Stage['deploy'] = (digest, annotations) => {
    const image = `registry.example.com/x@${digest}`
    const object = deliveryRollout({
      namespace,
      name,
      image,
      replicas: options.replicas ?? 4,
      ...(annotations === undefined ? {} : { annotations }),
      canary: {
        ...(shape === 'none'
          ? { stableService: undefined, canaryService: undefined, trafficRouting: undefined }
          : {}),
        ...options.canary,
      },
    })
    if (shape !== 'blue-green') return rig.kube.apply(object)
    const blueGreen = {
      activeService: `${name}-stable`,
      previewService: `${name}-canary`,
      autoPromotionEnabled: false,
      scaleDownDelaySeconds: 600,
    }
    return rig.kube.apply({ ...object, spec: { ...(object.spec as object), strategy: { blueGreen } } })
  }
  // The Istio CRDs of the Rollouts module stop at v1beta1.
  if (shape !== 'none') await rig.kube.apply(...deliveryRouting(namespace, name))
  await deploy(good)
  await rig.waitFor(`the first deploy of ${name}`, 90, async () =>
    (await status()).phase === 'Healthy' ? true : undefined,
  )
  await rig.load.setTarget({ namespace, workload: name, requestsPerSecond: options.requestsPerSecond })
  const selector = `http_requests_total{namespace="${namespace}",workload="${name}"`
  await scrapedOften(rig, clock, `${selector}}`)
  return {
    name,
    good,
    next,
    deploy,
    rollout,
    status,
    async paused() {
      await rig.waitFor(`a pause of ${name}`, 60, async () => {
        const seen = await status()
        const ours = (await rollout()).metadata.generation === Number(seen.observedGeneration)
        return ours && seen.currentPodHash !== seen.stableRS && seen.pauseConditions?.length
          ? true
          : undefined
      })
    },
    options: (change = {}) => ({
      target: { namespace, name, container: 'api' },
      digest: next,
      holdsMs: { 5: 4_000, 25: 2_000, 50: 2_000, 100: 4_000 },
      metrics: [{ name: 'errors', total: `${selector}}`, bad: `${selector},code=~"5.."}` }],
      judge: { minimumRequests: { errors: 200 } },
      inconclusive: 'hold',
      blockMs: 1_000,
      timeoutMs: 120_000,
      startWithinMs: 20_000,
      onCancel: 'leave',
      ...change,
    }),
  }
}

/** Until Prometheus has as many scrapes of the stable pods as the first bets need, seen in its own answer. */
export async function scrapedOften(rig: Rig, clock: Clock, selector: string): Promise<void> {
  const server = prometheus({ url: rig.prometheusUrl, fetch: boundedFetch(), clock })
  await rig.waitFor('six scrapes of the stable pods', 60, async () => {
    const answer = await server.raw(selector, 30, AbortSignal.timeout(9_000))
    if (!answer.ok) return undefined
    return answer.value.series.some(({ samples }) => samples.length >= 6) ? true : undefined
  })
}

export function gateContext(
  rig: Rig,
  kube: Kube,
  clock: Clock,
  say: (line: string) => void,
  signal: AbortSignal = AbortSignal.timeout(150_000),
): GateContext {
  const logger: Logger = { debug: say, info: say, notice: say, warn: say, group: (_, body) => body() }
  return {
    kube,
    prometheus: prometheus({ url: rig.prometheusUrl, fetch: boundedFetch(), clock }),
    clock,
    logger,
    signal,
  }
}

import type { KubeObject, Rig } from '../../rig/index.ts'
import type { Digest } from '../../src/release/index.ts'
import type { Shape } from './objects.ts'

/** Shares of requests at one moment: Service selectors x weights x ready pods, computed apart from what is measured. */
export interface Sample {
  /** Milliseconds of `performance.now()`. */
  readonly at: number
  readonly good: number
  readonly bad: number
  readonly dark: number
}

type Loose = { readonly [key: string]: never }
const get = (object: KubeObject | undefined, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((node, key) => (node as Loose | undefined)?.[key], object)

/** Names of the Services that carry traffic, each with its weight. */
async function ways(
  rig: Rig,
  namespace: string,
  name: string,
  shape: Shape,
): Promise<readonly [string, number][]> {
  if (shape.kind !== 'router') return [[name, 1]]
  const path = `/apis/networking.istio.io/v1beta1/namespaces/${namespace}/virtualservices/${name}`
  const [http] = get(await rig.kube.get(path), 'spec', 'http') as {
    route: { destination: { host: string }; weight?: number }[]
  }[]
  return (http?.route ?? []).map(({ destination, weight }) => [destination.host, weight ?? 0])
}

export async function sample(
  rig: Rig,
  namespace: string,
  name: string,
  shape: Shape,
  good: Digest,
): Promise<Sample> {
  const base = `/api/v1/namespaces/${namespace}`
  const [routes, pods] = await Promise.all([
    ways(rig, namespace, name, shape),
    rig.kube.list(`${base}/pods?labelSelector=app%3D${name}`),
  ])
  const ready = pods.filter((pod) => {
    const conditions = (get(pod, 'status', 'conditions') ?? []) as { type: string; status: string }[]
    const up = conditions.some((each) => each.type === 'Ready' && each.status === 'True')
    return up && pod.metadata.deletionTimestamp === undefined
  })
  const seen = { good: 0, bad: 0, dark: 0 }
  for (const [host, weight] of routes) {
    if (weight === 0) continue
    const selector = (get(await rig.kube.get(`${base}/services/${host}`), 'spec', 'selector') ??
      {}) as Record<string, string>
    const reached = ready.filter((pod) =>
      Object.entries(selector).every(([key, value]) => pod.metadata.labels?.[key] === value),
    )
    if (reached.length === 0) seen.dark += weight
    for (const pod of reached) {
      const [container] = get(pod, 'spec', 'containers') as { image: string }[]
      seen[container?.image.endsWith(good) ? 'good' : 'bad'] += weight / reached.length
    }
  }
  const all = seen.good + seen.bad + seen.dark || 1
  const round = (n: number) => Math.round((n / all) * 1e6) / 1e6
  return { at: performance.now(), good: round(seen.good), bad: round(seen.bad), dark: round(seen.dark) }
}

/** Looks ten times a second: more looks would be load that the measured command has to share. */
export function watch(take: () => Promise<Sample>): {
  readonly samples: readonly Sample[]
  stop(): Promise<void>
} {
  const samples: Sample[] = []
  let going = true
  const done = (async () => {
    while (going) {
      const one = await take().catch(() => undefined)
      if (one !== undefined) samples.push(one)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  })()
  return {
    samples,
    async stop() {
      going = false
      await done
    },
  }
}

export interface Seen {
  /** From the command until all traffic was on the target and stayed there; absent: never. */
  readonly seconds?: number
  /** Seconds of all traffic that went to the bad image, and to nothing, since the command. */
  readonly badSeconds: number
  readonly darkSeconds: number
  readonly end: { readonly bad: number; readonly dark: number }
}

export function judge(samples: readonly Sample[], began: number): Seen {
  const after = samples.filter(({ at }) => at >= began)
  const sum = (of: (each: Sample) => number) =>
    after
      .slice(1)
      .reduce(
        (total, each, index) => total + of(after[index] ?? each) * (each.at - (after[index]?.at ?? each.at)),
        0,
      )
  const lastRed = after.findLastIndex(({ bad, dark }) => bad > 0 || dark > 0)
  const first = after[lastRed + 1]
  const last = after.at(-1)
  const two = (n: number) => Math.round(n / 10) / 100
  return {
    ...(first === undefined ? {} : { seconds: lastRed < 0 ? 0 : two(first.at - began) }),
    badSeconds: two(sum(({ bad }) => bad)),
    darkSeconds: two(sum(({ dark }) => dark)),
    end: { bad: last?.bad ?? 1, dark: last?.dark ?? 1 },
  }
}

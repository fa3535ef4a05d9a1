import { type Counters, counters } from './counters.ts'
import { exposition } from './exposition.ts'
import { logNormal, poisson, type Random, random } from './random.ts'
import { split } from './split.ts'
import type { Behaviour, ClusterReader, LoadTarget, NamespaceView, Pod, Sample } from './types.ts'
import { readNamespace } from './view.ts'

export interface LoadOptions {
  readonly cluster: ClusterReader
  /** The same seed, targets and cluster give the same requests. */
  readonly seed: number
  readonly targets?: readonly LoadTarget[]
  /** By digest or by name of a pod; `'*'` is for all others. */
  readonly behaviours?: Readonly<Record<string, Behaviour>>
}

export interface Load {
  /** Sends the requests of the next `seconds`. Reads the cluster once; if that fails the last split stays. */
  tick(seconds: number): Promise<void>
  setTarget(target: LoadTarget): void
  removeTarget(namespace: string, workload: string): void
  /** Of all pods that run a digest, or of one pod by its name, which goes first. */
  setBehaviour(digestOrPod: string, behaviour: Behaviour): void
  /** No targets, default behaviour, all counters forgotten. */
  reset(): void
  samples(): readonly Sample[]
  /** The samples in Prometheus' text format. */
  exposition(): string
}

export const DEFAULT_BEHAVIOUR: Behaviour = { errorRate: 0, latencySeconds: 0.02 }
const DEFAULT_SIGMA = 0.35

interface PodSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly digest: string
  readonly restarts: number
  readonly counters: Counters
}

interface Traffic {
  readonly target: LoadTarget
  readonly next: Random
  readonly pods: Map<string, PodSeries>
  unrouted: number
}

export function createLoad(options: LoadOptions): Load {
  const traffic = new Map<string, Traffic>()
  const behaviours = new Map<string, Behaviour>()
  const views = new Map<string, NamespaceView>()
  let readFailures = 0

  const setTarget = (target: LoadTarget) => {
    const key = `${target.namespace}/${target.workload}`
    const old = traffic.get(key)
    traffic.set(
      key,
      old
        ? { ...old, target }
        : { target, next: random(`${options.seed}/${key}`), pods: new Map(), unrouted: 0 },
    )
  }

  const setBehaviour = (digest: string, behaviour: Behaviour) => {
    if (!(behaviour.errorRate >= 0 && behaviour.errorRate <= 1)) {
      throw new RangeError(`errorRate ${behaviour.errorRate} of ${digest} is not between 0 and 1`)
    }
    if (!(behaviour.latencySeconds > 0)) {
      throw new RangeError(`latencySeconds ${behaviour.latencySeconds} of ${digest} is not above 0`)
    }
    behaviours.set(digest, behaviour)
  }

  const refresh = async () => {
    const namespaces = new Set([...traffic.values()].map(({ target }) => target.namespace))
    await Promise.all(
      [...namespaces].map(async (namespace) => {
        try {
          views.set(namespace, await readNamespace(options.cluster, namespace))
        } catch {
          readFailures++
        }
      }),
    )
  }

  const samples = (): readonly Sample[] => {
    const all: Sample[] = []
    for (const { target, pods, unrouted } of traffic.values()) {
      for (const { labels, counters } of pods.values()) all.push(...counters.samples(labels))
      const { namespace, workload } = target
      all.push({ name: 'load_unrouted_requests_total', labels: { namespace, workload }, value: unrouted })
    }
    for (const [namespace, view] of views) {
      for (const pod of view.pods) all.push(...restartSamples(namespace, pod))
    }
    all.push({ name: 'load_cluster_read_failures_total', labels: {}, value: readFailures })
    return all
  }

  for (const [digest, behaviour] of Object.entries(options.behaviours ?? {})) setBehaviour(digest, behaviour)
  for (const target of options.targets ?? []) setTarget(target)

  return {
    async tick(seconds) {
      await refresh()
      for (const flow of traffic.values()) {
        const view = views.get(flow.target.namespace)
        if (view !== undefined)
          send(
            flow,
            view,
            seconds,
            (pod, digest) =>
              behaviours.get(pod) ?? behaviours.get(digest) ?? behaviours.get('*') ?? DEFAULT_BEHAVIOUR,
          )
      }
    },
    setTarget,
    removeTarget: (namespace, workload) => void traffic.delete(`${namespace}/${workload}`),
    setBehaviour,
    reset() {
      traffic.clear()
      behaviours.clear()
      views.clear()
      readFailures = 0
    },
    samples,
    exposition: () => exposition(samples()),
  }
}

function send(
  flow: Traffic,
  view: NamespaceView,
  seconds: number,
  behaviourOf: (pod: string, digest: string) => Behaviour,
) {
  const { target, next } = flow
  const { shares, dark } = split(view, target.workload)
  keepLivingPods(flow, view)
  const requests = target.requestsPerSecond * seconds
  flow.unrouted += poisson(next, requests * dark)
  for (const [pod, share] of shares) {
    const series = seriesOf(flow, pod)
    const { errorRate, latencySeconds, latencySigma } = behaviourOf(pod.name, series.digest)
    // Thinning: the parts of a Poisson stream are independent Poisson streams.
    for (let n = poisson(next, requests * share); n > 0; n--) {
      const code = next() < errorRate ? '500' : '200'
      series.counters.record(code, logNormal(next, latencySeconds, latencySigma ?? DEFAULT_SIGMA))
    }
  }
}

/** The series of a pod end with it; those of a restarted container begin at zero again. */
function keepLivingPods(flow: Traffic, view: NamespaceView) {
  const living = new Map(view.pods.map((pod) => [pod.name, releaseContainer(pod, flow.target).restarts]))
  for (const [name, { restarts }] of flow.pods) {
    if (living.get(name) !== restarts) flow.pods.delete(name)
  }
}

function seriesOf(flow: Traffic, pod: Pod): PodSeries {
  const known = flow.pods.get(pod.name)
  if (known !== undefined) return known
  const { image, restarts } = releaseContainer(pod, flow.target)
  const digest = image.split('@')[1] ?? ''
  const { namespace, workload } = flow.target
  const series = {
    labels: { namespace, pod: pod.name, workload, digest },
    digest,
    restarts,
    counters: counters(),
  }
  flow.pods.set(pod.name, series)
  return series
}

function releaseContainer(
  pod: Pod,
  target: LoadTarget,
): { readonly image: string; readonly restarts: number } {
  const wanted = pod.containers.find(({ name, image }) =>
    target.container === undefined ? image.includes('@sha256:') : name === target.container,
  )
  return wanted ?? pod.containers[0] ?? { image: '', restarts: 0 }
}

function restartSamples(namespace: string, pod: Pod): Sample[] {
  return pod.containers.map(({ name, restarts }) => ({
    name: 'kube_pod_container_status_restarts_total',
    labels: { namespace, pod: pod.name, container: name },
    value: restarts,
  }))
}

import type { SimClock } from '../../http/index.ts'
import { requireKind } from '../kinds.ts'
import { controllerOf, type KubeObject, ownedBy, safeHash } from '../objects.ts'
import type { Store } from '../store.ts'
import { type Controller, keyOf, splitKey } from './loop.ts'
import type { Container, Pod, ReplicaSet } from './types.ts'

/** What becomes of a pod after it was made. */
export type PodFate = { readonly readyAfterMs: number } | 'never' | 'crash'

const sets = requireKind('ReplicaSet')
const pods = requireKind('Pod')

/**
 * The pod template decides by annotations, so that a test can say it in the chart:
 * `rig/behaviour: crash | never` and `rig/ready-after: 3s`, as on the rig.
 */
export function fateByAnnotations(pod: KubeObject): PodFate {
  const annotations = pod.metadata.annotations ?? {}
  const behaviour = annotations['rig/behaviour']
  if (behaviour === 'crash' || behaviour === 'never') return behaviour
  const after = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(annotations['rig/ready-after'] ?? '')
  const unit = { ms: 1, s: 1000, m: 60_000 }[after?.[2] ?? 's'] ?? 1000
  return { readyAfterMs: after === null ? 2000 : Number(after[1]) * unit }
}

/** Keeps as many pods as a ReplicaSet asks for, and counts them. */
export function replicaSetController(clock: SimClock, store: Store): Controller {
  let serial = 0
  return {
    name: 'replicaset',
    concerns: ({ kind, object }) => {
      if (kind === sets) return [keyOf(object.metadata.namespace, object.metadata.name)]
      const owner = kind === pods ? controllerOf(object) : undefined
      return owner?.kind === 'ReplicaSet' ? [keyOf(object.metadata.namespace, owner.name)] : []
    },
    reconcile(key) {
      const [namespace, name] = splitKey(key)
      const set = store.get(sets, namespace, name) as ReplicaSet | undefined
      const owned = store.list(pods, namespace).filter((pod) => controllerOf(pod)?.name === name) as Pod[]
      if (set === undefined) {
        // What the garbage collector does for objects whose owner is gone.
        for (const pod of owned) store.delete(pods, namespace, pod.metadata.name)
        return undefined
      }
      const missing = set.spec.replicas - owned.length
      for (let n = 0; n < missing; n++) store.create(pods, newPod(set, serial++))
      for (const pod of owned.toSorted(lessWorthFirst).slice(0, Math.max(0, -missing))) {
        store.delete(pods, namespace, pod.metadata.name)
      }
      const left = store.list(pods, namespace).filter((pod) => controllerOf(pod)?.name === name) as Pod[]
      const ready = left.filter(isReady)
      const settleMs = (set.spec.minReadySeconds ?? 0) * 1000
      const waits = ready.map((pod) => readySince(pod) + settleMs - clock.now().getTime())
      const available = waits.filter((wait) => wait <= 0).length
      store.change(sets, namespace, name, (object) => {
        object.status = {
          replicas: left.length,
          fullyLabeledReplicas: left.length,
          readyReplicas: ready.length,
          availableReplicas: available,
          observedGeneration: object.metadata.generation ?? 1,
        }
      })
      const pending = waits.filter((wait) => wait > 0)
      return pending.length > 0 ? Math.min(...pending) : undefined
    },
  }
}

/** Not ready before ready, young before old: the order in which pods are given up. */
function lessWorthFirst(a: Pod, b: Pod): number {
  if (isReady(a) !== isReady(b)) return isReady(a) ? 1 : -1
  const age = (pod: Pod) => pod.metadata.creationTimestamp ?? ''
  return age(a) < age(b) ? 1 : age(a) > age(b) ? -1 : 0
}

function newPod(set: ReplicaSet, serial: number): KubeObject {
  const { template } = set.spec
  const { namespace, name } = set.metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-${safeHash(`${set.metadata.uid}${serial}`, 5)}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...template.metadata?.labels },
      annotations: { ...template.metadata?.annotations },
      ownerReferences: [ownedBy(set)],
    },
    spec: { ...structuredClone(template.spec), nodeName: 'testkit-node' },
  }
}

export const isReady = (pod: Pod): boolean =>
  pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ===
  true

function readySince(pod: Pod): number {
  const ready = pod.status?.conditions?.find((condition) => condition.type === 'Ready')
  return Date.parse(ready?.lastTransitionTime ?? '')
}

/** What the kubelet would do: starts the containers, or tells why they do not start. */
export function podController(clock: SimClock, store: Store, fate: (pod: KubeObject) => PodFate): Controller {
  return {
    name: 'pod',
    concerns: ({ kind, type, object }) =>
      kind === pods && type === 'ADDED' ? [keyOf(object.metadata.namespace, object.metadata.name)] : [],
    reconcile(key) {
      const [namespace, name] = splitKey(key)
      const pod = store.get(pods, namespace, name) as Pod | undefined
      if (pod === undefined || isReady(pod)) return undefined
      const outcome = fate(pod)
      const readyAfter = typeof outcome === 'object' ? outcome.readyAfterMs : Number.POSITIVE_INFINITY
      const started = pod.status?.startTime
      const age = started === undefined ? 0 : clock.now().getTime() - Date.parse(started)
      const ready = age >= readyAfter
      store.change(pods, namespace, name, (object) => {
        object.status = podStatus(
          pod,
          outcome,
          ready,
          started ?? exactTime(clock.now()),
          exactTime(clock.now()),
        )
      })
      return ready || !Number.isFinite(readyAfter) ? undefined : readyAfter - age
    },
  }
}

/** With milliseconds: on a fast clock whole seconds would make every wait a second too long. */
const exactTime = (date: Date): string => date.toISOString()

function podStatus(
  pod: Pod,
  outcome: PodFate,
  ready: boolean,
  startTime: string,
  now: string,
): NonNullable<Pod['status']> {
  const flag = (type: string, status: boolean, reason?: string) => ({
    type,
    status: status ? 'True' : 'False',
    lastTransitionTime: now,
    ...(status || reason === undefined ? {} : { reason }),
  })
  const pending = outcome === 'never'
  const conditions = pending
    ? [flag('PodScheduled', false, 'Unschedulable')]
    : [
        flag('PodScheduled', true),
        flag('Initialized', true),
        flag('ContainersReady', ready, 'ContainersNotReady'),
        flag('Ready', ready, 'ContainersNotReady'),
      ]
  if (pending) return { phase: 'Pending', startTime, conditions }
  return {
    phase: 'Running',
    startTime,
    podIP: '10.0.0.1',
    hostIP: '10.0.0.1',
    conditions,
    containerStatuses: (pod.spec.containers ?? []).map((container) =>
      containerStatus(container, outcome, ready, startTime),
    ),
  }
}

function containerStatus(container: Container, outcome: PodFate, ready: boolean, startedAt: string) {
  const crashing = outcome === 'crash'
  const waiting = {
    waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting failed container' },
  }
  return {
    name: container.name,
    image: container.image,
    imageID: container.image,
    ready,
    started: !crashing,
    restartCount: crashing ? 3 : 0,
    state: crashing ? waiting : { running: { startedAt } },
  }
}

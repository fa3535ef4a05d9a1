import type { SimClock } from '../../http/index.ts'
import { unsupported } from '../faults.ts'
import { requireKind } from '../kinds.ts'
import { controllerOf, type KubeObject, kubeTime, ownedBy, templateHash } from '../objects.ts'
import type { Store } from '../store.ts'
import { type Controller, keyOf, splitKey } from './loop.ts'
import {
  availableOf,
  type Deployment,
  type ReplicaSet,
  readyOf,
  replicasOf,
  scaled,
  setCondition,
} from './types.ts'

const deployments = requireKind('Deployment')
const sets = requireKind('ReplicaSet')
const revisionAnnotation = 'deployment.kubernetes.io/revision'
const hashLabel = 'pod-template-hash'

export function admitDeployment(object: KubeObject): void {
  const { spec } = object as Deployment
  if (spec?.strategy?.type === 'Recreate') throw unsupported('the Deployment strategy Recreate')
}

const revisionOf = (object: KubeObject): number =>
  Number(object.metadata.annotations?.[revisionAnnotation] ?? 0)

/** How far each side may be scaled now without leaving the bounds of the rolling update. */
export function rollingStep(
  wanted: number,
  surge: number,
  unavailable: number,
  fresh: { readonly replicas: number; readonly available: number },
  old: { readonly replicas: number; readonly available: number },
): { readonly fresh: number; readonly old: number } {
  const room = wanted + surge - fresh.replicas - old.replicas
  const nextFresh = fresh.replicas > wanted ? wanted : Math.min(wanted, fresh.replicas + Math.max(0, room))
  // Old pods that are not available serve nobody: they go first and cost nothing.
  const idle = old.replicas - old.available
  const spare = Math.max(0, fresh.available + old.available - (wanted - unavailable))
  return { fresh: nextFresh, old: Math.max(0, old.replicas - idle - spare) }
}

/** The rolling update of apps/v1 Deployments. */
export function deploymentController(clock: SimClock, store: Store): Controller {
  return {
    name: 'deployment',
    concerns: ({ kind, object }) => {
      if (kind === deployments) return [keyOf(object.metadata.namespace, object.metadata.name)]
      const owner = kind === sets ? controllerOf(object) : undefined
      return owner?.kind === 'Deployment' ? [keyOf(object.metadata.namespace, owner.name)] : []
    },
    reconcile(key) {
      const [namespace, name] = splitKey(key)
      const deployment = store.get(deployments, namespace, name) as Deployment | undefined
      const isOwned = (set: KubeObject) =>
        controllerOf(set)?.kind === 'Deployment' && controllerOf(set)?.name === name
      const owned = () => store.list(sets, namespace).filter(isOwned) as ReplicaSet[]
      if (deployment === undefined) {
        for (const set of owned()) store.delete(sets, namespace, set.metadata.name)
        return undefined
      }
      const hash = templateHash(deployment.spec.template)
      if (deployment.spec.paused !== true) {
        const current = ensureCurrent(store, deployment, owned(), hash)
        scale(store, deployment, current, owned())
      }
      return writeStatus(clock, store, deployment, owned(), hash)
    },
  }
}

function ensureCurrent(
  store: Store,
  deployment: Deployment,
  owned: readonly ReplicaSet[],
  hash: string,
): ReplicaSet {
  const { namespace, name } = deployment.metadata
  const found = owned.find((set) => set.metadata.labels?.[hashLabel] === hash)
  const newest = Math.max(0, ...owned.filter((set) => set !== found).map(revisionOf))
  const revision = String(Math.max(newest + 1, found === undefined ? 0 : revisionOf(found)))
  const stamp = (object: KubeObject) => {
    object.metadata.annotations = { ...object.metadata.annotations, [revisionAnnotation]: revision }
  }
  store.change(deployments, namespace, name, stamp)
  if (found !== undefined) return store.change(sets, namespace, found.metadata.name, stamp) as ReplicaSet
  const { template, selector, minReadySeconds } = deployment.spec
  const labels = { ...template.metadata?.labels, [hashLabel]: hash }
  return store.create(sets, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations: { [revisionAnnotation]: revision },
      ownerReferences: [ownedBy(deployment)],
    },
    spec: {
      replicas: 0,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }) as ReplicaSet
}

function scale(
  store: Store,
  deployment: Deployment,
  current: ReplicaSet,
  owned: readonly ReplicaSet[],
): void {
  const wanted = deployment.spec.replicas ?? 1
  const rolling = deployment.spec.strategy?.rollingUpdate
  let surge = scaled(rolling?.maxSurge, '25%', wanted, 'up')
  const unavailable = scaled(rolling?.maxUnavailable, '25%', wanted, 'down')
  if (surge === 0 && unavailable === 0) surge = 1
  const others = owned
    .filter((set) => set.metadata.name !== current.metadata.name)
    .sort((a, b) => revisionOf(a) - revisionOf(b))
  const sum = (count: (set: ReplicaSet) => number) => others.reduce((total, set) => total + count(set), 0)
  const next = rollingStep(
    wanted,
    surge,
    unavailable,
    { replicas: current.spec.replicas, available: availableOf(current) },
    { replicas: sum((set) => set.spec.replicas), available: sum(availableOf) },
  )
  const resize = (set: ReplicaSet, replicas: number) =>
    store.change(sets, set.metadata.namespace, set.metadata.name, (object) => {
      ;(object as ReplicaSet).spec.replicas = replicas
    })
  resize(current, next.fresh)
  let give = sum((set) => set.spec.replicas) - next.old
  for (const set of others) {
    const taken = Math.min(give, set.spec.replicas)
    if (taken > 0) resize(set, set.spec.replicas - taken)
    give -= taken
  }
  const limit = deployment.spec.revisionHistoryLimit ?? 10
  const spent = others.filter((set) => set.spec.replicas === 0 && replicasOf(set) === 0)
  for (const set of spent.slice(0, Math.max(0, spent.length - limit)))
    store.delete(sets, set.metadata.namespace, set.metadata.name)
}

function writeStatus(
  clock: SimClock,
  store: Store,
  deployment: Deployment,
  owned: readonly ReplicaSet[],
  hash: string,
): number | undefined {
  const { namespace, name } = deployment.metadata
  const wanted = deployment.spec.replicas ?? 1
  const current = owned.find((set) => set.metadata.labels?.[hashLabel] === hash)
  const sum = (count: (set: ReplicaSet) => number) => owned.reduce((total, set) => total + count(set), 0)
  const counts = {
    replicas: sum(replicasOf),
    updated: replicasOf(current),
    ready: sum(readyOf),
    available: sum(availableOf),
  }
  const unavailableAllowed = scaled(
    deployment.spec.strategy?.rollingUpdate?.maxUnavailable,
    '25%',
    wanted,
    'down',
  )
  const deadlineMs = (deployment.spec.progressDeadlineSeconds ?? 600) * 1000
  const now = kubeTime(clock.now())
  let again: number | undefined
  store.change(deployments, namespace, name, (object) => {
    const before = (object as Deployment).status
    const conditions = structuredClone(before?.conditions ?? [])
    const enough = counts.available >= wanted - unavailableAllowed
    setCondition(conditions, now, {
      type: 'Available',
      status: enough ? 'True' : 'False',
      reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      message: enough
        ? 'Deployment has minimum availability.'
        : 'Deployment does not have minimum availability.',
    })
    const complete = counts.updated === wanted && counts.replicas === wanted && counts.available === wanted
    const moved =
      before?.updatedReplicas !== counts.updated ||
      before?.availableReplicas !== counts.available ||
      before?.replicas !== counts.replicas
    const set = current?.metadata.name ?? name
    const progressing = conditions.find((condition) => condition.type === 'Progressing')
    const lateIn =
      progressing === undefined
        ? deadlineMs
        : Date.parse(progressing.lastUpdateTime) + deadlineMs - clock.now().getTime()
    if (complete) {
      const message = `ReplicaSet "${set}" has successfully progressed.`
      setCondition(conditions, now, {
        type: 'Progressing',
        status: 'True',
        reason: 'NewReplicaSetAvailable',
        message,
      })
    } else if (moved || progressing?.reason === 'NewReplicaSetAvailable') {
      const message = `ReplicaSet "${set}" is progressing.`
      setCondition(
        conditions,
        now,
        { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message },
        { touch: moved },
      )
      again = deadlineMs
    } else if (lateIn <= 0) {
      const message = `ReplicaSet "${set}" has timed out progressing.`
      setCondition(conditions, now, {
        type: 'Progressing',
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message,
      })
    } else {
      again = lateIn
    }
    object.status = {
      observedGeneration: object.metadata.generation ?? 1,
      replicas: counts.replicas,
      updatedReplicas: counts.updated,
      readyReplicas: counts.ready,
      availableReplicas: counts.available,
      unavailableReplicas: Math.max(0, Math.max(wanted, counts.replicas) - counts.available),
      conditions,
    }
  })
  return again
}

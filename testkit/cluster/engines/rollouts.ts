import type { SimClock } from '../../http/index.ts'
import { requireKind } from '../kinds.ts'
import { controllerOf, isObject, type KubeObject, ownedBy } from '../objects.ts'
import type { Store } from '../store.ts'
import { eventRecorder } from './events.ts'
import { type Controller, keyOf, splitKey } from './loop.ts'
import { type Plan, planRollout } from './rollout-plan.ts'
import {
  deadlineAnnotation,
  desiredAnnotation,
  hashLabel,
  historyAnnotation,
  managedAnnotation,
  type Rollout,
  revisionAnnotation,
  revisionOf,
  type View,
  viewOf,
} from './rollout-types.ts'
import { type ReplicaSet, replicasOf, type Service } from './types.ts'

const rollouts = requireKind('Rollout')
const sets = requireKind('ReplicaSet')
const services = requireKind('Service')
const virtualServices = requireKind('VirtualService')

/** Argo Rollouts: the canary strategy with an Istio VirtualService, and nothing else of it. */
export function rolloutController(clock: SimClock, store: Store): Controller {
  const record = eventRecorder(clock, store, 'rollouts-controller')
  return {
    name: 'rollout',
    concerns: ({ kind, object }) => {
      const { namespace, name } = object.metadata
      if (kind === rollouts) return [keyOf(namespace, name)]
      if (kind === sets) {
        const owner = controllerOf(object)
        return owner?.kind === 'Rollout' ? [keyOf(namespace, owner.name)] : []
      }
      if (kind !== services && kind !== virtualServices) return []
      return (store.list(rollouts, namespace) as Rollout[])
        .filter((rollout) => refersTo(rollout, object))
        .map((rollout) => keyOf(namespace, rollout.metadata.name))
    },
    reconcile(key) {
      const [namespace, name] = splitKey(key)
      const rollout = store.get(rollouts, namespace, name) as Rollout | undefined
      const owned = store.list(sets, namespace).filter((set) => {
        const owner = controllerOf(set)
        return owner?.kind === 'Rollout' && owner.name === name
      }) as ReplicaSet[]
      if (rollout === undefined) {
        for (const set of owned) store.delete(sets, namespace, set.metadata.name)
        return undefined
      }
      const view = viewOf(rollout, owned, clock.now().getTime())
      const plan = planRollout(view)
      carryOut(store, view, plan)
      for (const { type, reason, message } of plan.events) record(rollout, type, reason, message)
      return plan.againMs
    },
  }
}

function refersTo(rollout: Rollout, object: KubeObject): boolean {
  const canary = rollout.spec.strategy.canary
  const names =
    object.kind === 'Service'
      ? [canary?.stableService, canary?.canaryService]
      : [canary?.trafficRouting?.istio?.virtualService?.name]
  return names.includes(object.metadata.name)
}

function carryOut(store: Store, view: View, plan: Plan): void {
  const { rollout } = view
  const { namespace, name } = rollout.metadata
  if (plan.ensureFresh) ensureFresh(store, view)
  for (const { name: service, hash } of plan.services) {
    store.change(services, namespace, service, (object) => {
      const { spec } = object as Service
      spec.selector = { ...spec.selector, [hashLabel]: hash }
      object.metadata.annotations = { ...object.metadata.annotations, [managedAnnotation]: name }
    })
  }
  if (plan.weight !== undefined) writeWeights(store, rollout, plan.weight)
  for (const { set, at } of plan.deadlines) {
    store.change(sets, namespace, set.metadata.name, (object) => {
      const { [deadlineAnnotation]: _old, ...annotations } = object.metadata.annotations ?? {}
      object.metadata.annotations = at === null ? annotations : { ...annotations, [deadlineAnnotation]: at }
    })
  }
  for (const { set, replicas } of plan.scale) {
    store.change(sets, namespace, set.metadata.name, (object) => {
      ;(object as ReplicaSet).spec.replicas = replicas
      object.metadata.annotations = {
        ...object.metadata.annotations,
        [desiredAnnotation]: String(view.replicas),
      }
    })
  }
  forget(store, view)
  // What a user wrote into the status in the meantime is not overwritten: the pass begins anew (409).
  const current = store.get(rollouts, namespace, name)
  if (current !== undefined && current.metadata.generation === rollout.metadata.generation) {
    store.replace(rollouts, { ...current, status: plan.status }, 'status')
  }
}

/** Makes the ReplicaSet of the template, or brings an older one back under the next revision. */
function ensureFresh(store: Store, view: View): void {
  const { rollout, fresh, all, hash } = view
  const { namespace, name } = rollout.metadata
  const highest = Math.max(0, ...all.filter((set) => set !== fresh).map(revisionOf))
  const revision = String(Math.max(highest + 1, fresh === undefined ? 0 : revisionOf(fresh)))
  store.change(rollouts, namespace, name, (object) => {
    object.metadata.annotations = { ...object.metadata.annotations, [revisionAnnotation]: revision }
  })
  if (fresh !== undefined) {
    const before = fresh.metadata.annotations?.[revisionAnnotation]
    if (before === revision) return
    store.change(sets, namespace, fresh.metadata.name, (object) => {
      const history = object.metadata.annotations?.[historyAnnotation]
      object.metadata.annotations = {
        ...object.metadata.annotations,
        [revisionAnnotation]: revision,
        [historyAnnotation]: [history, before].filter((part) => part !== undefined && part !== '').join(','),
      }
    })
    return
  }
  const { template, selector, minReadySeconds } = rollout.spec
  const labels = { ...template.metadata?.labels, [hashLabel]: hash }
  store.create(sets, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations: { [revisionAnnotation]: revision, [desiredAnnotation]: String(view.replicas) },
      ownerReferences: [ownedBy(rollout)],
    },
    spec: {
      replicas: 0,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  })
}

/** Only the routes that the Rollout names, or the one route there is; only the two destinations that are its own. */
function writeWeights(store: Store, rollout: Rollout, weight: NonNullable<Plan['weight']>): void {
  const { stableService, canaryService, trafficRouting } = rollout.spec.strategy.canary ?? {}
  const target = trafficRouting?.istio?.virtualService
  if (target === undefined) return
  const byHost = new Map([
    [canaryService, weight.canary],
    [stableService, weight.stable],
  ])
  store.change(virtualServices, rollout.metadata.namespace, target.name, (object) => {
    const spec = isObject(object.spec) ? object.spec : {}
    for (const route of Array.isArray(spec.http) ? spec.http : []) {
      if (!isObject(route) || !Array.isArray(route.route)) continue
      if (target.routes !== undefined && !target.routes.includes(String(route.name))) continue
      for (const destination of route.route) {
        if (!isObject(destination) || !isObject(destination.destination)) continue
        const host = String(destination.destination.host).split('.')[0]
        const value = byHost.get(host)
        if (value !== undefined) destination.weight = value
      }
    }
  })
}

function forget(store: Store, view: View): void {
  const limit = view.rollout.spec.revisionHistoryLimit ?? 10
  const spent = view.others.filter((set) => set.spec.replicas === 0 && replicasOf(set) === 0)
  const age = (set: ReplicaSet) => set.metadata.creationTimestamp ?? ''
  const oldest = spent.toSorted((a, b) => (age(a) < age(b) ? -1 : 1))
  for (const set of oldest.slice(0, Math.max(0, view.others.length - limit))) {
    store.delete(sets, set.metadata.namespace, set.metadata.name)
  }
}

import { kindOf, requireKind } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'
import type { Store } from '../store.ts'
import { type Controller, keyOf, splitKey } from './loop.ts'

const autoscalers = requireKind('HorizontalPodAutoscaler')

interface Autoscaler extends KubeObject {
  spec: {
    minReplicas?: number
    maxReplicas: number
    scaleTargetRef: { apiVersion: string; kind: string; name: string }
  }
}

/**
 * A HorizontalPodAutoscaler without metrics, as in every cluster whose metrics server is silent: it keeps the
 * replicas of its target between its bounds and moves them no further.
 */
export function autoscalerController(store: Store): Controller {
  return {
    name: 'horizontalpodautoscaler',
    concerns: ({ kind, object }) => {
      const { namespace, name } = object.metadata
      if (kind === autoscalers) return [keyOf(namespace, name)]
      if (kind.kind !== 'Rollout' && kind.kind !== 'Deployment') return []
      return (store.list(autoscalers, namespace) as Autoscaler[])
        .filter(({ spec }) => spec.scaleTargetRef.kind === object.kind && spec.scaleTargetRef.name === name)
        .map(({ metadata }) => keyOf(namespace, metadata.name))
    },
    reconcile(key) {
      const [namespace, name] = splitKey(key)
      const autoscaler = store.get(autoscalers, namespace, name) as Autoscaler | undefined
      if (autoscaler === undefined) return undefined
      const { scaleTargetRef, minReplicas = 1, maxReplicas } = autoscaler.spec
      const kind = kindOf(scaleTargetRef)
      const target = kind === undefined ? undefined : store.get(kind, namespace, scaleTargetRef.name)
      if (kind === undefined || target === undefined) return undefined
      const current = (target.spec as { replicas?: number }).replicas ?? 1
      // Zero switches autoscaling off (autoscaling/v2).
      const wanted = current === 0 ? 0 : Math.min(maxReplicas, Math.max(minReplicas, current))
      if (wanted !== current) {
        store.change(kind, namespace, scaleTargetRef.name, (object) => {
          ;(object.spec as { replicas?: number }).replicas = wanted
        })
      }
      store.change(autoscalers, namespace, name, (object) => {
        object.status = { currentReplicas: current, desiredReplicas: wanted }
      })
      return undefined
    },
  }
}

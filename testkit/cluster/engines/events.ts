import type { SimClock } from '../../http/index.ts'
import { requireKind } from '../kinds.ts'
import { type KubeObject, kubeTime } from '../objects.ts'
import type { Store } from '../store.ts'

export type Recorder = (
  about: KubeObject,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
) => void

/** Events as people read them in `kubectl describe`; nothing in the stand-in depends on them. */
export function eventRecorder(clock: SimClock, store: Store, component: string): Recorder {
  const kind = requireKind('Event')
  let count = 0
  return (about, type, reason, message) => {
    const { name, namespace, uid, resourceVersion } = about.metadata
    const now = kubeTime(clock.now())
    store.create(kind, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        name: `${name}.${component}.${(count++).toString(16).padStart(8, '0')}`,
        ...(namespace === undefined ? {} : { namespace }),
      },
      involvedObject: {
        apiVersion: about.apiVersion,
        kind: about.kind,
        name,
        namespace,
        uid,
        resourceVersion,
      },
      type,
      reason,
      message,
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
      source: { component },
    })
  }
}

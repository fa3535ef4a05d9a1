import { randomUUID } from 'node:crypto'
import type { SimClock } from '../http/index.ts'
import { alreadyExists, conflict, invalid, notFound, unsupported } from './faults.ts'
import { apiVersionOf, type Kind, requireKind } from './kinds.ts'
import { clone, type KubeObject, kubeTime, safeHash, same } from './objects.ts'

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly kind: Kind
  readonly object: KubeObject
  /** What the object was before; absent for ADDED. */
  readonly before?: KubeObject
  readonly version: number
}

export interface Store {
  readonly version: number
  /** Oldest version from which a watch can still follow. */
  readonly oldest: number
  get(kind: Kind, namespace: string | undefined, name: string): KubeObject | undefined
  list(kind: Kind, namespace?: string): KubeObject[]
  create(kind: Kind, object: KubeObject): KubeObject
  /**
   * Writes the whole object, or the status alone. A `resourceVersion` in it must be the current one.
   * A write that changes nothing keeps the version, as the API server does.
   */
  replace(kind: Kind, object: KubeObject, part?: 'object' | 'status'): KubeObject
  /** For the engines: read, change, write, without a lost update in between. Undefined when it is gone. */
  change(
    kind: Kind,
    namespace: string | undefined,
    name: string,
    edit: (object: KubeObject) => void,
  ): KubeObject | undefined
  delete(kind: Kind, namespace: string | undefined, name: string): KubeObject
  since(version: number): readonly StoreEvent[]
  subscribe(listener: (event: StoreEvent) => void): () => void
  /** Forgets old events, so that a watch from before answers 410. */
  compact(): void
}

const kept = 10_000

/** Refuses what no engine of the stand-in knows; runs on every object before it is written. */
export type Admission = (kind: Kind, object: KubeObject) => void

export function createStore(clock: SimClock, admit: Admission = () => {}): Store {
  const objects = new Map<string, KubeObject>()
  const listeners = new Set<(event: StoreEvent) => void>()
  let events: StoreEvent[] = []
  let version = 1
  let names = 0
  const key = (kind: Kind, namespace: string | undefined, name: string) =>
    `${kind.group}/${kind.plural}/${kind.namespaced ? (namespace ?? '') : ''}/${name}`
  const keyOf = (kind: Kind, object: KubeObject) => key(kind, object.metadata.namespace, object.metadata.name)

  const publish = (event: StoreEvent) => {
    events.push(event)
    if (events.length > kept) events = events.slice(-kept / 2)
    for (const listener of [...listeners]) listener(event)
  }
  const put = (
    kind: Kind,
    type: 'ADDED' | 'MODIFIED',
    object: KubeObject,
    before?: KubeObject,
  ): KubeObject => {
    object.metadata.resourceVersion = String(++version)
    objects.set(keyOf(kind, object), object)
    publish({ type, kind, object: clone(object), ...(before === undefined ? {} : { before }), version })
    return clone(object)
  }

  const store: Store = {
    get version() {
      return version
    },
    get oldest() {
      return (events[0]?.version ?? version + 1) - 1
    },
    get(kind, namespace, name) {
      const found = objects.get(key(kind, namespace, name))
      return found === undefined ? undefined : clone(found)
    },
    list(kind, namespace) {
      const prefix = `${kind.group}/${kind.plural}/${namespace === undefined || !kind.namespaced ? '' : `${namespace}/`}`
      const found: KubeObject[] = []
      for (const [name, object] of objects) if (name.startsWith(prefix)) found.push(clone(object))
      return found.sort((a, b) => (keyOf(kind, a) < keyOf(kind, b) ? -1 : 1))
    },
    create(kind, given) {
      const object = clone(given)
      object.apiVersion = apiVersionOf(kind)
      object.kind = kind.kind
      const { metadata } = object
      if (!metadata.name && metadata.generateName) {
        metadata.name = `${metadata.generateName}${safeHash(`${metadata.generateName}${names++}`, 5)}`
      }
      if (!metadata.name)
        throw invalid(kind, '', 'metadata.name: Required value: name or generateName is required')
      if (!kind.namespaced) delete metadata.namespace
      const namespace = requireKind('Namespace')
      if (kind.namespaced && store.get(namespace, undefined, metadata.namespace ?? '') === undefined) {
        throw notFound(namespace, metadata.namespace ?? '')
      }
      if (objects.has(keyOf(kind, object))) throw alreadyExists(kind, metadata.name)
      if ((metadata.finalizers ?? []).length > 0) throw unsupported('finalizers')
      if (kind.statusSubresource) delete object.status
      admit(kind, object)
      metadata.uid = randomUUID()
      metadata.creationTimestamp = kubeTime(clock.now())
      metadata.generation = 1
      return put(kind, 'ADDED', object)
    },
    replace(kind, given, part = 'object') {
      const current = objects.get(keyOf(kind, given))
      if (current === undefined) throw notFound(kind, given.metadata.name)
      const asked = given.metadata.resourceVersion
      if (asked !== undefined && asked !== current.metadata.resourceVersion)
        throw conflict(kind, given.metadata.name)
      const next = part === 'status' ? { ...clone(current), status: clone(given.status) } : clone(given)
      if (next.status === undefined) delete next.status
      if (part === 'object') {
        next.apiVersion = current.apiVersion
        next.kind = current.kind
        if (kind.statusSubresource) {
          if (current.status === undefined) delete next.status
          else next.status = clone(current.status)
        }
        const { uid, creationTimestamp } = current.metadata
        Object.assign(next.metadata, { uid, creationTimestamp, generation: current.metadata.generation })
        if ((next.metadata.finalizers ?? []).length > 0) throw unsupported('finalizers')
      }
      next.metadata.resourceVersion = current.metadata.resourceVersion ?? ''
      if (same(next, current)) return clone(current)
      if (part === 'object') {
        admit(kind, next)
        const content = ({ metadata: _m, status, ...rest }: KubeObject) =>
          kind.statusSubresource ? rest : { ...rest, status }
        if (!same(content(next), content(current)))
          next.metadata.generation = (current.metadata.generation ?? 0) + 1
      }
      return put(kind, 'MODIFIED', next, current)
    },
    change(kind, namespace, name, edit) {
      const object = store.get(kind, namespace, name)
      if (object === undefined) return undefined
      const before = clone(object)
      edit(object)
      if (kind.statusSubresource && !same(before.status, object.status))
        store.replace(kind, clone(object), 'status')
      const { resourceVersion: _old, ...metadata } = object.metadata
      return store.replace(kind, { ...object, metadata })
    },
    delete(kind, namespace, name) {
      const found = objects.get(key(kind, namespace, name))
      if (found === undefined) throw notFound(kind, name)
      objects.delete(key(kind, namespace, name))
      const object = clone(found)
      object.metadata.resourceVersion = String(++version)
      publish({ type: 'DELETED', kind, object, before: found, version })
      return object
    },
    since: (from) => events.filter((event) => event.version > from),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    compact() {
      events = []
    },
  }
  return store
}

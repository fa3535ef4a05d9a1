import type { Fault, Result } from '../release/index.ts'

export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly {
    readonly apiVersion?: string
    readonly kind: string
    readonly name: string
    readonly uid: string
    readonly controller?: boolean
  }[]
}

export interface KubeObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: ObjectMeta
}

export interface KubeList<T extends KubeObject> {
  readonly resourceVersion: string
  readonly items: readonly T[]
}

/** `status` is the HTTP status of the answer; absent when no answer came. */
export interface KubeFault extends Fault {
  readonly status?: number
}

export type KubeResult<T> = Result<T, KubeFault>

export interface Query {
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

/**
 * `sync` carries the whole list: the first event, and again after the server has forgotten our place (410).
 * `fault` says that the watch is blind at the moment; it goes on trying until its signal is aborted.
 */
export type WatchEvent<T extends KubeObject> =
  | { readonly type: 'sync'; readonly objects: readonly T[] }
  | { readonly type: 'added' | 'modified' | 'deleted'; readonly object: T }
  | { readonly type: 'fault'; readonly fault: KubeFault }

export interface WatchOptions extends Query {
  readonly signal: AbortSignal
  /** A connection that is silent for longer is opened anew from the same place; default 20 s. */
  readonly silenceMs?: number
}

export interface PatchOptions {
  /** `merge` is RFC 7386 (null deletes a field), `json` is RFC 6902. Strategic merge does not exist for CRDs. */
  readonly type: 'merge' | 'json'
  /** Refused with 409 when the object has changed since; merge patches only. */
  readonly resourceVersion?: string
}

/** A cluster, over plain Kubernetes REST. Paths start with `/api` or `/apis`. */
export interface Kube {
  /** Host of the API server, for messages. */
  readonly server: string
  get<T extends KubeObject>(path: string, signal: AbortSignal): Promise<KubeResult<T>>
  list<T extends KubeObject>(
    path: string,
    query: Query,
    signal: AbortSignal,
  ): Promise<KubeResult<KubeList<T>>>
  patch<T extends KubeObject>(
    path: string,
    body: unknown,
    options: PatchOptions,
    signal: AbortSignal,
  ): Promise<KubeResult<T>>
  /** Ends only when the signal is aborted; never throws. */
  watch<T extends KubeObject>(path: string, options: WatchOptions): AsyncGenerator<WatchEvent<T>, void, void>
}

export function isMissing(fault: KubeFault): boolean {
  return fault.status === 404
}

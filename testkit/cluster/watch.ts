import type { StreamReply } from '../http/index.ts'
import { StatusError, statusBody } from './faults.ts'
import { apiVersionOf, type Kind } from './kinds.ts'
import type { KubeObject } from './objects.ts'
import type { Matcher } from './selectors.ts'
import type { Store, StoreEvent } from './store.ts'

export interface WatchQuery {
  readonly kind: Kind
  readonly namespace: string | undefined
  readonly matches: Matcher
  readonly query: URLSearchParams
}

/** A stream of JSON lines, from a version on, until the time asked for is over. */
export function watch(
  store: Store,
  { kind, namespace, matches, query }: WatchQuery,
  open: Set<() => void>,
): StreamReply {
  const asked = query.get('resourceVersion') ?? ''
  const from = Number(asked)
  const seconds = Number(query.get('timeoutSeconds') ?? '') || 1800
  return {
    stream: (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' })
      response.flushHeaders() // a caller waits for these before anything has happened
      const line = (type: string, object: unknown) => response.write(`${JSON.stringify({ type, object })}\n`)
      const inScope = (event: StoreEvent) =>
        event.kind === kind && (namespace === undefined || event.object.metadata.namespace === namespace)
      const emit = (event: StoreEvent) => {
        if (!inScope(event)) return
        // To a selector an object appears and vanishes with its labels.
        const was = event.before !== undefined && matches(event.before)
        const is = event.type !== 'DELETED' && matches(event.object)
        if (is) line(was ? 'MODIFIED' : 'ADDED', event.object)
        else if (was) line('DELETED', event.object)
      }
      const finish = () => {
        clearTimeout(timer)
        unsubscribe()
        open.delete(finish)
        response.end()
      }
      let unsubscribe = () => {}
      // A caller's timeout is meant in its own time, not in the time of the stand-in.
      const timer = setTimeout(() => {
        if (query.get('allowWatchBookmarks') === 'true') line('BOOKMARK', bookmark(kind, store.version))
        finish()
      }, seconds * 1000)
      timer.unref()
      response.on('close', finish)
      open.add(finish)

      if (asked !== '' && asked !== '0' && from < store.oldest) {
        const gone = new StatusError(410, 'Expired', `too old resource version: ${asked} (${store.oldest})`)
        line('ERROR', statusBody(gone))
        finish()
        return
      }
      if (asked === '' || asked === '0') {
        for (const object of store.list(kind, namespace)) if (matches(object)) line('ADDED', object)
      } else {
        for (const event of store.since(from)) emit(event)
      }
      unsubscribe = store.subscribe(emit)
    },
  }
}

function bookmark(kind: Kind, version: number): Partial<KubeObject> {
  const metadata = { resourceVersion: String(version), creationTimestamp: null }
  return {
    kind: kind.kind,
    apiVersion: apiVersionOf(kind),
    metadata: metadata as unknown as KubeObject['metadata'],
  }
}

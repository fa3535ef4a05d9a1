import type { Clock } from '../release/index.ts'
import { refusal, unreachable } from './faults.ts'
import type { Kube, KubeObject, WatchEvent, WatchOptions } from './kube.ts'
import { withQuery } from './rest.ts'
import type { Transport } from './transport.ts'

const KINDS = { ADDED: 'added', MODIFIED: 'modified', DELETED: 'deleted' } as const

/** Seconds after which the server ends a watch by itself, so that a forgotten one does not stay open. */
const SERVER_TIMEOUT_S = 290

interface WireEvent {
  readonly type: keyof typeof KINDS | 'BOOKMARK' | 'ERROR'
  readonly object: KubeObject & { readonly code?: number; readonly message?: string }
}

/**
 * List, then watch from there. A watch can end in many ways: closed by the server, by a proxy, silent with a
 * dead peer, 410 (our place is forgotten), 401. All of them are gone through here, so that a reader sees
 * either events or a `fault`, and never a silence that means nothing.
 */
export async function* watchCollection<T extends KubeObject>(
  transport: Transport,
  kube: Pick<Kube, 'list'>,
  clock: Clock,
  path: string,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>, void, void> {
  const { signal, silenceMs = 20_000, ...query } = options
  let from: string | undefined
  let failures = 0

  while (!signal.aborted) {
    try {
      if (from === undefined) {
        const listed = await kube.list<T>(path, query, signal)
        if (!listed.ok) {
          yield { type: 'fault', fault: listed.fault }
          await clock.sleep(pauseAfter(++failures), signal)
          continue
        }
        from = listed.value.resourceVersion
        yield { type: 'sync', objects: listed.value.items }
      }
      let empty = true
      for await (const line of lines(transport, watchPath(path, query, from), signal, silenceMs)) {
        const event = JSON.parse(line) as WireEvent
        if (event.type === 'ERROR') {
          from = undefined
          break
        }
        empty = false
        failures = 0
        from = event.object.metadata.resourceVersion ?? from
        if (event.type !== 'BOOKMARK')
          yield { type: KINDS[event.type], object: event.object as KubeObject as T }
      }
      // A proxy that ends each watch at once, or a place that is always forgotten, is not asked without a pause.
      if (empty) await clock.sleep(pauseAfter(++failures), signal)
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof Silence) continue
      if (error instanceof Refused) {
        // 410 Gone: the version is too old. Any refusal ends in a new list, which reports what is wrong.
        from = undefined
        if (error.status === 401) {
          try {
            await transport.renew()
          } catch (renewal) {
            yield {
              type: 'fault',
              fault: unreachable(transport.server, 'reading the credentials again', renewal),
            }
          }
        } else if (error.status !== 410)
          yield { type: 'fault', fault: refusal(transport.server, `watch ${path}`, error.status, error.text) }
      } else {
        yield { type: 'fault', fault: unreachable(transport.server, `watch ${path}`, error) }
      }
      try {
        await clock.sleep(pauseAfter(++failures), signal)
      } catch {
        return
      }
    }
  }
}

/** At once, then 250 ms, doubling to 5 s: a restart of the API server must not blind the gate for long. */
function pauseAfter(failures: number): number {
  return failures <= 1 ? 0 : Math.min(5_000, 250 * 2 ** (failures - 2))
}

function watchPath(path: string, query: Omit<WatchOptions, 'signal' | 'silenceMs'>, from: string): string {
  return withQuery(path, {
    ...query,
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(SERVER_TIMEOUT_S),
    resourceVersion: from,
  })
}

class Silence extends Error {}

class Refused extends Error {
  readonly status: number
  readonly text: string
  constructor(status: number, text: string) {
    super(`watch refused with ${status}`)
    this.status = status
    this.text = text
  }
}

async function* lines(
  transport: Transport,
  path: string,
  signal: AbortSignal,
  silenceMs: number,
): AsyncGenerator<string> {
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), silenceMs)
  const heard = () => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), silenceMs)
  }
  try {
    const response = await transport.send({
      method: 'GET',
      path,
      headers: { accept: 'application/json' },
      signal: AbortSignal.any([signal, silence.signal]),
    })
    const decoder = new TextDecoder()
    let rest = ''
    for await (const chunk of response.body) {
      heard()
      rest += decoder.decode(chunk, { stream: true })
      if (response.status !== 200) continue
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        const line = rest.slice(0, end)
        rest = rest.slice(end + 1)
        if (line.trim() !== '') yield line
      }
    }
    if (response.status !== 200) throw new Refused(response.status, rest)
  } catch (error) {
    if (silence.signal.aborted && !signal.aborted) throw new Silence()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

import { keyOf } from '../schema/json.ts'
import { itemsOf, type Place } from '../schema/place.ts'
import type { Context, Scope } from './context.ts'

/** A server that clients may call and that is not listed any more. */
export function compareServers(base: Place, revision: Place, scope: Scope, context: Context): void {
  if (scope.turned) return
  const [from, to] = [urlsOf(base), urlsOf(revision)]
  const where = scope.method === '' ? 'servers of the document' : 'servers'
  const operation = scope.method === '' ? {} : { method: scope.method, path: scope.path }
  for (const [url, place] of from) {
    if (to.has(url)) continue
    const what = `the server ${url} was removed`
    const after = revision.value === undefined ? revision.parent : revision
    context.report.raise({
      id: 'api-server-removed',
      breaking: true,
      ...operation,
      where,
      what,
      subject: url,
      base: place,
      revision: after,
    })
  }
  for (const [url, place] of to) {
    if (from.has(url)) continue
    const what = `the server ${url} was added`
    const before = base.value === undefined ? base.parent : base
    context.report.raise({
      id: 'api-server-added',
      breaking: false,
      ...operation,
      where,
      what,
      subject: url,
      base: before,
      revision: place,
    })
  }
}

/** A slash at the end and the names of variables are no difference. */
function urlsOf(servers: Place): ReadonlyMap<string, Place> {
  const entries = itemsOf(servers).map((place) => [keyOf(place.value, 'url'), place] as const)
  return new Map(
    entries.flatMap(([url, place]) =>
      typeof url === 'string' ? [[url.replace(/\/+$/, '').replace(/\{[^{}]*\}/g, '{}'), place] as const] : [],
    ),
  )
}

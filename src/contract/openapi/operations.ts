import { keyOf, stringsOf } from '../schema/json.ts'
import { at, entriesOf, follow, type Place } from '../schema/place.ts'
import { compareRequestBodies } from './bodies.ts'
import type { Context, Scope } from './context.ts'
import { compareOperationLifecycle, removedOperation } from './lifecycle.ts'
import { compareParameters } from './parameters.ts'
import { type Operation, operationsOf, pairPaths } from './paths.ts'
import { compareResponses } from './responses.ts'
import { compareOperationSecurity } from './security.ts'
import { compareServers } from './servers.ts'

/** Callbacks in callbacks in callbacks: nobody writes them, and a cycle of references would never end. */
const maxCallbacks = 4

/** A map of paths, or of webhooks, on both sides. */
export function comparePaths(base: Place, revision: Place, turned: boolean, context: Context): void {
  for (const pair of pairPaths(base, revision, context.base, context.revision)) {
    const [path, before] = pair.base ?? []
    const [newPath, after] = pair.revision ?? []
    const from = before === undefined || path === undefined ? [] : operationsOf(before, path)
    const to = after === undefined || newPath === undefined ? [] : operationsOf(after, newPath)
    const name = path ?? newPath ?? ''
    if (turned && before !== undefined && after === undefined) {
      raiseWebhook('webhook-removed', true, name, before, revision, context)
      continue
    }
    if (turned && before === undefined && after !== undefined) {
      raiseWebhook('webhook-added', false, name, base, after, context)
      continue
    }
    const others = new Map(to.map((operation) => [operation.method, operation]))
    for (const operation of from) {
      const other = others.get(operation.method)
      others.delete(operation.method)
      const scope: Scope = { method: operation.method, path: name, turned }
      if (other === undefined)
        removedOperation(operation, after === undefined, scope, after ?? revision, context)
      else compareOperations(operation, other, scope, 0, context)
    }
    for (const operation of others.values()) {
      const { method } = operation
      const what = 'the operation was added'
      const places = { base: before ?? base, revision: operation.place }
      context.report.raise({
        id: 'endpoint-added',
        breaking: false,
        method,
        path: name,
        where: 'operation',
        what,
        ...places,
      })
    }
  }
}

function raiseWebhook(
  id: string,
  breaking: boolean,
  name: string,
  base: Place,
  revision: Place,
  context: Context,
): void {
  const what = id === 'webhook-removed' ? 'the webhook was removed' : 'a webhook was added'
  context.report.raise({ id, breaking, path: name, where: `webhook ${name}`, what, base, revision })
}

function compareOperations(
  base: Operation,
  revision: Operation,
  scope: Scope,
  depth: number,
  context: Context,
): void {
  compareParameters(base, revision, scope, context)
  compareRequestBodies(base, revision, scope, context)
  compareResponses(base, revision, scope, context)
  compareOperationSecurity(base, revision, scope, context)
  compareServers(serversOf(base), serversOf(revision), scope, context)
  compareNames(base, revision, scope, context)
  compareOperationLifecycle(base, revision, scope, context)
  if (depth < maxCallbacks) compareCallbacks(base, revision, scope, depth, context)
}

/** Servers of the operation, else of its path; those of the document are compared once. */
function serversOf({ place, item }: Operation): Place {
  const own = at(place, 'servers')
  return own.value === undefined ? at(item, 'servers') : own
}

function compareNames(base: Operation, revision: Operation, scope: Scope, context: Context): void {
  const { method, path } = scope
  const raise = (id: string, subject: string, what: string): void =>
    context.report.raise({
      id,
      breaking: false,
      method,
      path,
      where: 'operation',
      what,
      subject,
      base: base.place,
      revision: revision.place,
    })
  const [name, newName] = [keyOf(base.place.value, 'operationId'), keyOf(revision.place.value, 'operationId')]
  if (typeof name === 'string' && name !== newName) {
    raise('api-operation-id-removed', name, `operationId, from ${name} to ${newName ?? 'none'}`)
  } else if (name === undefined && typeof newName === 'string') {
    raise('api-operation-id-added', newName, `operationId ${newName} was added`)
  }
  const [tags, newTags] = [
    stringsOf(keyOf(base.place.value, 'tags')),
    stringsOf(keyOf(revision.place.value, 'tags')),
  ]
  for (const tag of tags)
    if (!newTags.includes(tag)) raise('api-tag-removed', tag, `the tag ${tag} was removed`)
  for (const tag of newTags) if (!tags.includes(tag)) raise('api-tag-added', tag, `the tag ${tag} was added`)
}

/** A callback is called by the server and answered by the client: everything in it works the other way round. */
function compareCallbacks(
  base: Operation,
  revision: Operation,
  scope: Scope,
  depth: number,
  context: Context,
): void {
  const others = new Map(entriesOf(at(revision.place, 'callbacks')))
  for (const [name, entry] of entriesOf(at(base.place, 'callbacks'))) {
    const other = others.get(name)
    const callback = follow(entry, context.base.resolve)
    if (other === undefined) {
      raiseCallback(`callback ${name}`, callback, revision.place, scope, context)
      continue
    }
    const after = follow(other, context.revision.resolve)
    for (const pair of pairPaths(callback, after, context.base, context.revision)) {
      if (pair.base === undefined) continue
      const [expression, item] = pair.base
      const to = pair.revision === undefined ? [] : operationsOf(pair.revision[1], expression)
      for (const operation of operationsOf(item, expression)) {
        const match = to.find(({ method }) => method === operation.method)
        const label = `callback ${name} ${expression} ${operation.method}`
        if (match === undefined) raiseCallback(label, operation.place, after, scope, context)
        else compareOperations(operation, match, callbackScope(scope, label), depth + 1, context)
      }
    }
  }
}

function callbackScope(scope: Scope, label: string): Scope {
  return { method: scope.method, path: `${scope.path} ${label}`, turned: !scope.turned }
}

function raiseCallback(where: string, base: Place, revision: Place, scope: Scope, context: Context): void {
  const { method, path } = scope
  const what = 'the callback was removed'
  context.report.raise({
    id: 'api-callback-removed',
    breaking: true,
    method,
    path,
    where,
    what,
    base,
    revision,
  })
}

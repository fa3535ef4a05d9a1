import { canonical, isObject, keyOf } from '../schema/json.ts'
import { at, type Place } from '../schema/place.ts'
import {
  bodyPosition,
  type Context,
  compareSchemas,
  followBase,
  followRevision,
  given,
  type Scope,
} from './context.ts'
import { includes, type MediaPair, mediaTypeOf, pairMediaTypes } from './media-types.ts'
import type { Operation } from './paths.ts'

export function compareRequestBodies(
  base: Operation,
  revision: Operation,
  scope: Scope,
  context: Context,
): void {
  const [from, to] = [given(base.place, 'requestBody'), given(revision.place, 'requestBody')]
  const before = from === undefined ? undefined : followBase(context, from)
  const after = to === undefined ? undefined : followRevision(context, to)
  const raise = (id: string, breaking: boolean, what: string): void => {
    const places = { base: before ?? base.place, revision: after ?? revision.place }
    context.report.raise({ id, breaking, ...operationOf(scope), where: 'request body', what, ...places })
  }
  const must = (place: Place | undefined): boolean => keyOf(place?.value, 'required') === true
  if (before === undefined && after === undefined) return
  if (before === undefined) {
    const required = must(after)
    const id = required ? 'request-body-added-required' : 'request-body-added-optional'
    raise(id, required && !scope.turned, 'a request body was added')
    return
  }
  if (after === undefined) {
    raise('request-body-removed', true, 'the request body was removed')
    return
  }
  if (must(before) !== must(after)) {
    const name = must(after) ? 'became-required' : 'became-optional'
    raise(`request-body-${name}`, must(after) !== scope.turned, name.replace('-', ' '))
  }
  compareContents('request', before, after, 'request body', scope, context)
}

const operationOf = ({ method, path }: Scope) => ({ method, path })

/** `content` of a request body or of a response. */
export function compareContents(
  side: 'request' | 'response',
  base: Place,
  revision: Place,
  where: string,
  scope: Scope,
  context: Context,
): void {
  const [from, to] = [at(base, 'content'), at(revision, 'content')]
  for (const pair of pairMediaTypes(mediaNames(from), mediaNames(to))) {
    compareMedia(side, pair, from, to, where, scope, context)
  }
}

const mediaNames = ({ value }: Place): readonly string[] => (isObject(value) ? Object.keys(value) : [])

function compareMedia(
  side: 'request' | 'response',
  pair: MediaPair,
  from: Place,
  to: Place,
  where: string,
  scope: Scope,
  context: Context,
): void {
  const serverReads = (side === 'request') !== scope.turned
  const name = pair.revision ?? pair.base ?? ''
  const here = `${where} ${name}`
  const before = pair.base === undefined ? undefined : at(from, pair.base)
  const after = pair.revision === undefined ? undefined : at(to, pair.revision)
  const places = { base: before ?? given(from), revision: after ?? given(to) }
  const raise = (id: string, breaking: boolean, what: string): void =>
    context.report.raise({ id, breaking, ...operationOf(scope), where: here, what, subject: name, ...places })
  const family = side === 'request' ? 'request-body-media-type' : 'response-media-type'
  if (before === undefined) {
    raise(`${family}-added`, false, 'the media type was added')
    return
  }
  if (after === undefined) {
    raise(`${family}-removed`, true, 'the media type was removed')
    return
  }
  compareNames(family, pair, serverReads, raise)
  const [schema, other] = [schemaOf(context, before, 'base'), schemaOf(context, after, 'revision')]
  if (schema !== undefined && other !== undefined) {
    compareSchemas(schema, other, bodyPosition(side, scope), here, scope, context)
  } else if (other !== undefined) {
    raise(`${side}-body-media-type-schema-added`, serverReads, 'the media type got a schema')
  } else if (schema !== undefined) {
    raise(`${side}-body-media-type-schema-removed`, !serverReads, 'the media type lost its schema')
  }
  const [item, otherItem] = [given(before, 'itemSchema'), given(after, 'itemSchema')]
  if (item !== undefined || otherItem !== undefined) {
    const nothing = at(before, 'itemSchema')
    compareSchemas(
      item ?? nothing,
      otherItem ?? nothing,
      bodyPosition(side, scope),
      `${here}, item`,
      scope,
      context,
    )
  }
  compareEncodings(before, after, raise, side)
}

function schemaOf(context: Context, media: Place, side: 'base' | 'revision'): Place | undefined {
  // OpenAPI 3.2 lets a media type be a reference.
  return given(side === 'base' ? followBase(context, media) : followRevision(context, media), 'schema')
}

function compareNames(
  family: string,
  { base = '', revision = '' }: MediaPair,
  serverReads: boolean,
  raise: (id: string, breaking: boolean, what: string) => void,
): void {
  const [from, to] = [mediaTypeOf(base), mediaTypeOf(revision)]
  if (from.essence === to.essence && from.parameters === to.parameters) return
  const what = `from ${base} to ${revision}`
  if (from.essence === to.essence) raise(`${family}-name-changed`, false, what)
  else if (includes(revision, base)) raise(`${family}-name-generalized`, !serverReads, what)
  else raise(`${family}-name-specialized`, serverReads, what)
}

/** How the parts of a form are written. */
function compareEncodings(
  base: Place,
  revision: Place,
  raise: (id: string, breaking: boolean, what: string) => void,
  side: 'request' | 'response',
): void {
  const [from, to] = [at(base, 'encoding').value, at(revision, 'encoding').value]
  for (const name of Object.keys(isObject(from) ? from : {})) {
    const [before, after] = [keyOf(from, name), keyOf(to, name)]
    for (const keyword of ['contentType', 'style', 'explode'] as const) {
      const [was, is] = [keyOf(before, keyword), keyOf(after, keyword)]
      if (was === undefined || canonical(was) === canonical(is)) continue
      const what = `${keyword} of ${name}, from ${String(was)} to ${is === undefined ? 'the default' : String(is)}`
      raise(`${side}-body-encoding-changed`, true, what)
    }
  }
}

import { keyOf } from '../schema/json.ts'
import { at, entriesOf, type Place } from '../schema/place.ts'
import { compareContents } from './bodies.ts'
import { type Context, compareSchemas, followBase, followRevision, given, type Scope } from './context.ts'
import type { Operation } from './paths.ts'

type Responses = ReadonlyMap<string, Place>

export function compareResponses(base: Operation, revision: Operation, scope: Scope, context: Context): void {
  const from = responsesOf(base, (place) => followBase(context, place))
  const to = responsesOf(revision, (place) => followRevision(context, place))
  const compared = new Set<string>()
  for (const [status, response] of from) {
    const others = counterparts(status, from, to)
    if (others.length === 0) {
      const kind = isSuccess(status) ? 'success' : 'non-success'
      const what = `the response ${status} was removed`
      raise(
        `response-${kind}-status-removed`,
        isSuccess(status),
        what,
        status,
        response,
        at(revision.place, 'responses'),
      )
    }
    for (const other of others) {
      compared.add(other)
      compareResponse(status, response, to.get(other) ?? response, scope, context)
    }
  }
  for (const [status, response] of to) {
    if (compared.has(status) || from.has(status)) continue
    const kind = isSuccess(status) ? 'success' : 'non-success'
    raise(
      `response-${kind}-status-added`,
      false,
      `a response ${status} was added`,
      status,
      at(base.place, 'responses'),
      response,
    )
  }

  function raise(
    id: string,
    breaking: boolean,
    what: string,
    status: string,
    before: Place,
    after: Place,
  ): void {
    const { method, path } = scope
    const where = `response ${status}`
    context.report.raise({
      id,
      breaking,
      method,
      path,
      where,
      what,
      subject: status,
      base: before,
      revision: after,
    })
  }
}

function responsesOf({ place }: Operation, follow: (place: Place) => Place): Responses {
  const entries = entriesOf(at(place, 'responses')).filter(([status]) => !status.startsWith('x-'))
  return new Map(entries.map(([status, response]) => [status.toUpperCase(), follow(response)]))
}

const isSuccess = (status: string): boolean => status.startsWith('2')
const rangeOf = (status: string): string => `${status.charAt(0)}XX`

/** The same status; else the range that takes it in; and for a range all statuses that it is told apart into. */
function counterparts(status: string, from: Responses, to: Responses): readonly string[] {
  if (to.has(status)) return [status]
  if (/^\d\d\d$/.test(status)) return to.has(rangeOf(status)) ? [rangeOf(status)] : []
  if (!/^\dXX$/.test(status)) return []
  return [...to.keys()].filter(
    (other) => /^\d\d\d$/.test(other) && rangeOf(other) === status && !from.has(other),
  )
}

function compareResponse(status: string, base: Place, revision: Place, scope: Scope, context: Context): void {
  const where = `response ${status}`
  compareContents('response', base, revision, where, scope, context)
  compareHeaders(base, revision, where, scope, context)
}

/** Names of headers have no case, and Content-Type is spoken for by the media types. */
function headersOf(
  response: Place,
  follow: (place: Place) => Place,
): ReadonlyMap<string, readonly [string, Place]> {
  const entries = entriesOf(at(response, 'headers')).filter(([name]) => name.toLowerCase() !== 'content-type')
  return new Map(entries.map(([name, place]) => [name.toLowerCase(), [name, follow(place)]]))
}

function compareHeaders(base: Place, revision: Place, where: string, scope: Scope, context: Context): void {
  const from = headersOf(base, (place) => followBase(context, place))
  const to = headersOf(revision, (place) => followRevision(context, place))
  const must = (place: Place): boolean => keyOf(place.value, 'required') === true
  const { method, path } = scope
  for (const [key, [name, header]] of from) {
    const here = `${where}, header ${name}`
    const raise = (id: string, breaking: boolean, what: string, after: Place): void =>
      context.report.raise({ id, breaking, method, path, where: here, what, base: header, revision: after })
    const other = to.get(key)
    if (other === undefined) {
      const id = must(header) ? 'required-response-header-removed' : 'optional-response-header-removed'
      raise(id, must(header) && !scope.turned, 'the header was removed', revision)
      continue
    }
    const [, after] = other
    if (must(header) !== must(after)) {
      const name = must(after) ? 'became-required' : 'became-optional'
      raise(`response-header-${name}`, must(header) !== scope.turned, name.replace('-', ' '), after)
    }
    const [schema, newSchema] = [schemaOf(header), schemaOf(after)]
    if (schema === undefined && newSchema === undefined) continue
    const nothing = at(header, 'schema')
    const position = { kind: 'header', side: 'response', serverReads: scope.turned, text: true } as const
    compareSchemas(schema ?? nothing, newSchema ?? nothing, position, here, scope, context)
  }
  for (const [key, [name, header]] of to) {
    if (from.has(key)) continue
    const breaking = scope.turned && must(header)
    const here = `${where}, header ${name}`
    context.report.raise({
      id: 'response-header-added',
      breaking,
      method,
      path,
      where: here,
      what: 'a header was added',
      base,
      revision: header,
    })
  }
}

function schemaOf(header: Place): Place | undefined {
  return (
    given(header, 'schema') ?? entriesOf(at(header, 'content')).map(([, media]) => given(media, 'schema'))[0]
  )
}

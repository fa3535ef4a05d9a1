import { keyOf } from '../schema/json.ts'
import { areTwins, at, entriesOf, type Place } from '../schema/place.ts'
import { bit } from '../schema/types.ts'
import { type Context, compareSchemas, given, raisePair, type Scope } from './context.ts'
import { compareParameterLifecycle, removedParameter } from './lifecycle.ts'
import { type Operation, type Parameter, parametersOf } from './paths.ts'
import type { Position } from './schema-position.ts'

export function compareParameters(
  base: Operation,
  revision: Operation,
  scope: Scope,
  context: Context,
): void {
  const from = parametersOf(base, context.base.resolve)
  const to = parametersOf(revision, context.revision.resolve)
  for (const [key, parameter] of from) {
    const other = to.get(key)
    if (other === undefined) removed(parameter, scope, context)
    else compareParameter(parameter, other, scope, context)
  }
  for (const [key, parameter] of to) if (!from.has(key)) added(parameter, scope, context)
}

const required = ({ place, where }: Parameter): boolean =>
  where === 'path' || keyOf(place.value, 'required') === true
const nameOf = ({ name, where }: Parameter): string => `${where} parameter ${name}`

function removed(parameter: Parameter, scope: Scope, context: Context): void {
  // What is sent in vain does no harm as a rule; in a callback the client still waits for it.
  const breaking = scope.turned && required(parameter)
  const what = 'the parameter was removed'
  const announced = scope.turned ? undefined : removedParameter(parameter.place, context.policy.lifecycle)
  if (announced !== undefined) {
    raise(announced.id, announced.breaking, announced.what, parameter, undefined, scope, context)
    return
  }
  raise('request-parameter-removed', breaking, what, parameter, undefined, scope, context)
}

function added(parameter: Parameter, scope: Scope, context: Context): void {
  const must = required(parameter)
  const breaking = must && !scope.turned
  const kind = must ? 'required' : 'optional'
  const id =
    parameter.where === 'path'
      ? 'new-request-path-parameter'
      : parameter.ofPath
        ? `new-${kind}-request-default-parameter-to-existing-path`
        : `new-${kind}-request-parameter`
  raise(id, breaking, `a new ${kind} parameter`, undefined, parameter, scope, context)
}

function compareParameter(base: Parameter, revision: Parameter, scope: Scope, context: Context): void {
  const [was, is] = [required(base), required(revision)]
  if (was !== is) {
    const name = is ? 'became-required' : 'became-optional'
    const breaking = is !== scope.turned
    raise(`request-parameter-${name}`, breaking, name.replace('-', ' '), base, revision, scope, context)
  }
  const position: Position = {
    kind: 'parameter',
    side: 'request',
    serverReads: !scope.turned,
    text: true,
    requestHeader: base.where === 'header',
  }
  compareSerialisation(base, revision, scope, context)
  compareParameterLifecycle(
    base.place,
    revision.place,
    (id, breaking, what) => raise(id, breaking, what, base, revision, scope, context),
    context,
  )
  const [from, to] = [schemaOf(base.place), schemaOf(revision.place)]
  const where = nameOf(revision)
  if (from === undefined && to === undefined) return
  if (from !== undefined && to !== undefined && areTwins(from, to)) return
  if (from !== undefined && to !== undefined && listOfOne(base, revision, from, to, position, scope, context))
    return
  const anything = at(base.place, 'schema')
  compareSchemas(from ?? anything, to ?? anything, position, where, scope, context)
}

/** `schema`, or the schema of the one media type of `content`. */
function schemaOf(place: Place): Place | undefined {
  return (
    given(place, 'schema') ?? entriesOf(at(place, 'content')).map(([, media]) => given(media, 'schema'))[0]
  )
}

const defaultStyles: Readonly<Record<string, string>> = {
  path: 'simple',
  header: 'simple',
  query: 'form',
  cookie: 'form',
}

function styleOf({ place, where }: Parameter): string {
  const style = keyOf(place.value, 'style')
  return typeof style === 'string' ? style : (defaultStyles[where] ?? 'form')
}

function explodes(parameter: Parameter): boolean {
  const explode = keyOf(parameter.place.value, 'explode')
  return typeof explode === 'boolean' ? explode : ['form', 'cookie'].includes(styleOf(parameter))
}

/** How a value is written into the URL or a header: another way is another contract, for lists and objects. */
function compareSerialisation(base: Parameter, revision: Parameter, scope: Scope, context: Context): void {
  const report = (id: string, what: string): void =>
    raise(`request-parameter-${id}`, true, what, base, revision, scope, context)
  const [from, to] = [given(base.place, 'content'), given(revision.place, 'content')]
  if ((from === undefined) !== (to === undefined)) {
    report('serialization-changed', 'it is described by `content` on one side and by `schema` on the other')
    return
  }
  if (from !== undefined && to !== undefined) {
    const [media, other] = [Object.keys(from.value ?? {})[0] ?? '', Object.keys(to.value ?? {})[0] ?? '']
    if (media.toLowerCase() !== other.toLowerCase()) report('media-type-changed', `from ${media} to ${other}`)
    return
  }
  const [style, newStyle] = [styleOf(base), styleOf(revision)]
  if (style !== newStyle) report('style-changed', `from ${style} to ${newStyle}`)
  else if (explodes(base) !== explodes(revision)) {
    report('explode-changed', `from ${explodes(base)} to ${explodes(revision)}`)
  }
  for (const [keyword, id, lost] of [
    ['allowEmptyValue', 'allow-empty-value', 'an empty value is no longer allowed'],
    ['allowReserved', 'allow-reserved', 'reserved characters are no longer allowed unescaped'],
  ] as const) {
    const [was, is] = [
      keyOf(base.place.value, keyword) === true,
      keyOf(revision.place.value, keyword) === true,
    ]
    if (was === is) continue
    const breaking = was !== scope.turned
    const what = was ? lost : `${keyword} was added`
    raise(
      `request-parameter-${id}-${was ? 'removed' : 'added'}`,
      breaking,
      what,
      base,
      revision,
      scope,
      context,
    )
  }
}

/** With form and explode `?x=1` is a list of one, so a single value may become a list of such values. */
function listOfOne(
  base: Parameter,
  revision: Parameter,
  from: Place,
  to: Place,
  position: Position,
  scope: Scope,
  context: Context,
): boolean {
  const { comparer } = context
  if (styleOf(base) !== 'form' || styleOf(revision) !== 'form' || !explodes(revision)) return false
  const [single, list] = [comparer.base.of([from]), comparer.revision.of([to])]
  const compound = bit.array | bit.object
  if ((single.types & compound) !== 0 || (list.types & ~bit.null) !== bit.array || scope.turned) return false
  if ((list.bounds.get('min-items') ?? 0) > 1) return false
  const element = comparer.revision.rest(list) ?? comparer.revision.of([])
  const pair = comparer.pair(single, element)
  if (comparer.judge(pair) === 'both' || comparer.judge(pair) === 'narrows') return false
  raise(
    'request-parameter-type-generalized',
    false,
    'a single value became a list of such values',
    base,
    revision,
    scope,
    context,
  )
  raisePair(pair, position, nameOf(revision), scope, context)
  return true
}

function raise(
  id: string,
  breaking: boolean,
  what: string,
  base: Parameter | undefined,
  revision: Parameter | undefined,
  scope: Scope,
  context: Context,
): void {
  const one = revision ?? base
  if (one === undefined) return
  const { method, path } = scope
  context.report.raise({
    id,
    breaking,
    method,
    path,
    where: nameOf(one),
    what,
    base: base?.place,
    revision: revision?.place,
  })
}

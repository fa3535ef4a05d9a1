import { canonical, isObject, keyOf, listOf, stringsOf } from '../schema/json.ts'
import { at, entriesOf, follow, type Place } from '../schema/place.ts'
import { type Context, followBase, followRevision, given, type Scope } from './context.ts'
import { type Operation, operationsOf } from './paths.ts'

/** One way to be let in: every scheme of it with its scopes. Without schemes: anybody. */
type Way = ReadonlyMap<string, readonly string[]>

/** Requirements in force for an operation; a list of ways, of which a client needs one. */
function waysOf(place: Place): readonly Way[] {
  const ways = listOf(place.value).map(
    (way): Way => new Map(isObject(way) ? Object.keys(way).map((name) => [name, stringsOf(way[name])]) : []),
  )
  return ways.length === 0 ? [new Map()] : ways
}

/** Whether a client that came in by `held` comes in by `asked` as well. */
function suffices(held: Way, asked: Way): boolean {
  return [...asked].every(
    ([name, scopes]) => scopes.every((scope) => held.get(name)?.includes(scope) === true) && held.has(name),
  )
}

type Kind = 'api-security' | 'api-global-security'

/** An operation with requirements of its own; those of the whole document are compared once. */
export function compareOperationSecurity(
  base: Operation,
  revision: Operation,
  scope: Scope,
  context: Context,
): void {
  const [own, newOwn] = [given(base.place, 'security'), given(revision.place, 'security')]
  if (own === undefined && newOwn === undefined) return
  const from = own ?? at(context.base.root, 'security')
  const to = newOwn ?? at(context.revision.root, 'security')
  compareWays('api-security', from, to, scope, context)
}

export function compareGlobalSecurity(context: Context, everywhere: Scope): void {
  const [from, to] = [at(context.base.root, 'security'), at(context.revision.root, 'security')]
  compareWays('api-global-security', from, to, everywhere, context, inherits(context))
}

/** Whether an operation asks for what the document asks for; where all have their own, its list binds nobody. */
function inherits({ base, revision }: Context): boolean {
  const uses = ({ root, resolve }: Context['base']): boolean => {
    const operations = entriesOf(at(root, 'paths')).flatMap(([path, item]) =>
      operationsOf(follow(item, resolve), path),
    )
    return operations.length === 0 || operations.some(({ place }) => given(place, 'security') === undefined)
  }
  return uses(base) && uses(revision)
}

/**
 * Each way of old has to be enough for one of the new ways. Ids follow what was written; whether the edit breaks
 * follows from that alone, so that a second way beside the first is free and a second scheme in one way is not.
 */
function compareWays(
  kind: Kind,
  from: Place,
  to: Place,
  scope: Scope,
  context: Context,
  binding = true,
): void {
  const [ways, newWays] = [waysOf(from), waysOf(to)]
  if (sameWays(ways, newWays)) return
  const lost = ways.filter((way) => !newWays.some((other) => suffices(way, other)))
  const breaking = lost.length > 0 && !scope.turned
  const raise = (id: string, subject: string, what: string, breaks: boolean): void =>
    context.report.raise({
      id,
      breaking: breaks && binding,
      ...(scope.method === '' ? {} : { method: scope.method, path: scope.path }),
      where: kind === 'api-security' ? 'security' : 'security of the document',
      what,
      subject,
      base: from.value === undefined ? from.parent : from,
      revision: to.value === undefined ? to.parent : to,
    })
  const open = (list: readonly Way[]): boolean => list.some((way) => way.size === 0)
  const gone = ways.filter((way) => way.size > 0 && !newWays.some((other) => sameSchemes(way, other)))
  const come = newWays.filter((way) => way.size > 0 && !ways.some((other) => sameSchemes(way, other)))
  for (const way of gone) {
    const stranded = lost.includes(way) && come.length === 0
    raise(
      `${kind}-${stranded ? 'alternative-removed' : 'removed'}`,
      nameOf(way),
      `${nameOf(way)} was removed`,
      stranded && !scope.turned,
    )
  }
  for (const way of come) {
    raise(`${kind}-added`, nameOf(way), `${nameOf(way)} was added`, breaking)
  }
  if (open(ways) && !open(newWays) && come.length === 0) {
    raise(`${kind}-anonymous-removed`, 'anonymous', 'nobody is let in without credentials any more', breaking)
  }
  for (const way of ways) {
    const other = newWays.find((one) => way.size > 0 && sameSchemes(way, one))
    if (other !== undefined) compareScopes(kind, way, other, raise, !scope.turned)
  }
}

function compareScopes(
  kind: Kind,
  from: Way,
  to: Way,
  raise: (id: string, subject: string, what: string, breaks: boolean) => void,
  forward: boolean,
): void {
  for (const [name, scopes] of from) {
    const now = to.get(name) ?? []
    for (const scope of scopes.filter((one) => !now.includes(one))) {
      raise(
        `${kind}-scope-removed`,
        `${name} ${scope}`,
        `the scope ${scope} of ${name} is no longer asked for`,
        false,
      )
    }
    for (const scope of now.filter((one) => !scopes.includes(one))) {
      raise(`${kind}-scope-added`, `${name} ${scope}`, `the scope ${scope} of ${name} is asked for`, forward)
    }
  }
}

const nameOf = (way: Way): string => [...way.keys()].sort().join(' with ')
const sameSchemes = (one: Way, other: Way): boolean => nameOf(one) === nameOf(other)

function sameWays(one: readonly Way[], other: readonly Way[]): boolean {
  const text = (ways: readonly Way[]): string =>
    ways
      .map((way) =>
        canonical(Object.fromEntries([...way].map(([name, scopes]) => [name, [...scopes].sort()]))),
      )
      .sort()
      .join()
  return text(one) === text(other)
}

/** Where credentials go, by field: another place or form of them shuts out every client of old. */
const fields = [
  ['type', 'type-changed'],
  ['in', 'in-changed'],
  ['name', 'name-changed'],
  ['scheme', 'scheme-changed'],
] as const

export function compareSecuritySchemes(context: Context): void {
  const schemes = (root: Place): Place => at(root, 'components', 'securitySchemes')
  const [from, to] = [schemes(context.base.root), schemes(context.revision.root)]
  const now = new Map(entriesOf(to))
  const before = new Map(entriesOf(from))
  const raise = (
    id: string,
    breaking: boolean,
    name: string,
    what: string,
    base: Place,
    revision: Place,
  ): void =>
    context.report.raise({
      id: `api-security-component-${id}`,
      breaking,
      where: `security scheme ${name}`,
      what,
      subject: name,
      base,
      revision,
    })
  for (const [name, place] of before) {
    const other = now.get(name)
    // Operations say what they ask for; a scheme that none names shuts out nobody.
    if (other === undefined)
      raise('removed', false, name, 'the scheme was removed', place, context.revision.root)
    else compareScheme(name, followBase(context, place), followRevision(context, other), raise)
  }
  for (const [name, place] of now) {
    if (!before.has(name)) raise('added', false, name, 'a scheme was added', context.base.root, place)
  }
}

type RaiseScheme = (
  id: string,
  breaking: boolean,
  name: string,
  what: string,
  base: Place,
  revision: Place,
) => void

function compareScheme(name: string, base: Place, revision: Place, raise: RaiseScheme): void {
  for (const [field, id] of fields) {
    const [was, is] = [textOf(base, field), textOf(revision, field)]
    // Header names and HTTP schemes have no case.
    if (was?.toLowerCase() === is?.toLowerCase()) continue
    raise(
      id,
      was !== undefined && is !== undefined,
      name,
      `${field}, from ${was ?? 'nothing'} to ${is ?? 'nothing'}`,
      base,
      revision,
    )
    if (field === 'type') return
  }
  const [flows, newFlows] = [at(base, 'flows'), at(revision, 'flows')]
  const others = new Map(entriesOf(newFlows))
  for (const [kind, flow] of entriesOf(flows)) {
    const other = others.get(kind)
    if (other === undefined)
      raise('oauth-flow-removed', true, name, `the flow ${kind} was removed`, flow, newFlows)
    else compareFlow(name, kind, flow, other, raise)
  }
}

function compareFlow(name: string, kind: string, base: Place, revision: Place, raise: RaiseScheme): void {
  for (const [field, id] of [
    ['authorizationUrl', 'oauth-url-changed'],
    ['tokenUrl', 'oauth-token-url-changed'],
  ] as const) {
    const [was, is] = [textOf(base, field), textOf(revision, field)]
    if (was !== is)
      raise(
        id,
        false,
        name,
        `${field} of ${kind}, from ${was ?? 'nothing'} to ${is ?? 'nothing'}`,
        base,
        revision,
      )
  }
  const [scopes, newScopes] = [at(base, 'scopes').value, at(revision, 'scopes').value]
  const names = (value: unknown): readonly string[] => (isObject(value) ? Object.keys(value) : [])
  for (const scope of names(scopes)) {
    const [was, is] = [keyOf(scopes, scope), keyOf(newScopes, scope)]
    if (is === undefined)
      raise('oauth-scope-removed', false, name, `the scope ${scope} of ${kind}`, base, revision)
    else if (was !== is)
      raise('oauth-scope-changed', false, name, `the scope ${scope} of ${kind}`, base, revision)
  }
  for (const scope of names(newScopes)) {
    if (keyOf(scopes, scope) === undefined)
      raise('oauth-scope-added', false, name, `the scope ${scope} of ${kind}`, base, revision)
  }
}

function textOf(place: Place, field: string): string | undefined {
  const value = keyOf(place.value, field)
  return typeof value === 'string' ? value : undefined
}

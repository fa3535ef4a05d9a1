import { unsupported } from '../faults.ts'
import { canonical, clone, isObject, type Json, type JsonObject, type KubeObject, same } from '../objects.ts'
import { pointer } from '../patch.ts'
import { type IgnoreRule, lastAppliedAnnotation, trackingAnnotation } from './argocd-types.ts'

type Path = readonly (string | number)[]

/** Paths of an object whose differences do not count, with every list index written out. */
export function ignoredPaths(rules: readonly IgnoreRule[], object: KubeObject): Path[] {
  const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : ''
  const paths: Path[] = []
  for (const rule of rules) {
    const about =
      [rule.group ?? '', '*'].includes(rule.group === '*' ? '*' : (group ?? '')) &&
      ['*', object.kind].includes(rule.kind)
    if (!about || (rule.name ?? object.metadata.name) !== object.metadata.name) continue
    for (const text of rule.jsonPointers ?? []) paths.push(pointer(text))
    for (const text of rule.jqPathExpressions ?? []) paths.push(...jqPaths(text, object as unknown as Json))
  }
  return paths
}

/** The jq of `.spec.http[].route[].weight`: names, indexes and "all of a list". */
function jqPaths(expression: string, document: Json): Path[] {
  const steps = expression.match(/\.[A-Za-z_][\w-]*|\."[^"]+"|\[\d*\]\??/g) ?? []
  if (steps.join('') !== expression) throw unsupported(`the jq expression ${expression}`)
  let found: { path: (string | number)[]; value: Json | undefined }[] = [{ path: [], value: document }]
  for (const step of steps) {
    found = found.flatMap(({ path, value }) => {
      const index = /^\[(\d*)\]\??$/.exec(step)
      if (index === null) {
        const name = step.slice(1).replaceAll('"', '')
        return isObject(value) && value[name] !== undefined
          ? [{ path: [...path, name], value: value[name] }]
          : []
      }
      if (!Array.isArray(value)) return []
      const items = value.map((item, at) => ({ path: [...path, at], value: item }))
      return index[1] === '' ? items : items.slice(Number(index[1]), Number(index[1]) + 1)
    })
  }
  return found.map(({ path }) => path)
}

function read(document: Json | undefined, path: Path): Json | undefined {
  let at: Json | undefined = document
  for (const part of path) {
    if (Array.isArray(at)) at = at[Number(part)]
    else if (isObject(at)) at = at[String(part)]
    else return undefined
  }
  return at
}

function assign(document: Json, path: Path, value: Json | undefined): void {
  const parent = read(document, path.slice(0, -1))
  const last = path.at(-1)
  if (last === undefined) return
  if (isObject(parent)) {
    if (value === undefined) delete parent[String(last)]
    else parent[String(last)] = value
  } else if (Array.isArray(parent) && value !== undefined) parent[Number(last)] = value
}

/** The object as Argo CD would send it: with the mark of its Application. */
export function tracked(object: KubeObject, app: string, namespace: string | undefined): KubeObject {
  const copy = clone(object)
  if (namespace !== undefined) copy.metadata.namespace ??= namespace
  const group = copy.apiVersion.includes('/') ? copy.apiVersion.split('/')[0] : ''
  const id = `${app}:${group}/${copy.kind}:${copy.metadata.namespace}/${copy.metadata.name}`
  copy.metadata.annotations = { ...copy.metadata.annotations, [trackingAnnotation]: id }
  delete copy.status
  return copy
}

/**
 * What the live object becomes when the wanted one is applied: wanted fields are set, fields of the last
 * application that are no longer wanted go, fields that others wrote stay.
 */
export function applied(wanted: KubeObject, live: KubeObject | undefined, keep: readonly Path[]): KubeObject {
  const record = canonical(wanted)
  const stamped = clone(wanted)
  stamped.metadata.annotations = { ...stamped.metadata.annotations, [lastAppliedAnnotation]: record }
  if (live === undefined) return stamped
  const before = lastApplied(live)
  const next = merge(
    before,
    stamped as unknown as Json,
    clone(live) as unknown as Json,
  ) as unknown as KubeObject
  for (const path of keep) {
    assign(next as unknown as Json, path, read(live as unknown as Json, path))
  }
  return next
}

function lastApplied(live: KubeObject): Json | undefined {
  const text = live.metadata.annotations?.[lastAppliedAnnotation]
  return text === undefined ? undefined : (JSON.parse(text) as Json)
}

function merge(before: Json | undefined, wanted: Json, live: Json | undefined): Json {
  if (Array.isArray(wanted)) return mergeList(before, wanted, live)
  if (!isObject(wanted) || !isObject(live)) return clone(wanted)
  const old: JsonObject = isObject(before) ? before : {}
  const next: JsonObject = { ...live }
  for (const name of Object.keys(old)) if (wanted[name] === undefined) delete next[name]
  for (const [name, value] of Object.entries(wanted)) {
    if (value !== undefined) next[name] = merge(old[name], value, live[name])
  }
  return next
}

/** Lists of equal length keep what others wrote into their items (the weight of a route); others are replaced. */
function mergeList(before: Json | undefined, wanted: Json[], live: Json | undefined): Json {
  if (!Array.isArray(live) || live.length !== wanted.length) return clone(wanted)
  const old = Array.isArray(before) && before.length === wanted.length ? before : []
  return wanted.map((item, at) => merge(old[at], item, live[at]))
}

/** True when applying the wanted object would change the live one, apart from the ignored paths. */
export function differs(wanted: KubeObject, live: KubeObject | undefined, ignored: readonly Path[]): boolean {
  if (live === undefined) return true
  const next = applied(wanted, live, ignored)
  const strip = (object: KubeObject) => {
    const copy = clone(object)
    delete copy.metadata.annotations?.[lastAppliedAnnotation]
    delete copy.status
    copy.apiVersion = live.apiVersion
    return copy
  }
  return !same(strip(next), strip(live))
}

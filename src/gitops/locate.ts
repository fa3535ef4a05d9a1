import type { Document, Node, Pair, Scalar } from 'yaml'
import { isAlias, isMap, isScalar, isSeq, Scalar as ScalarNode, visit } from 'yaml'
import { formatYamlPath, type YamlPath, type YamlStep } from './yaml-path.ts'

/** Where a scalar stands: its node, and the position in its parent of each step, which YAML 1.1 and 1.2 share. */
export interface Located {
  readonly node: Scalar
  readonly indexes: readonly number[]
}

/** `missing` = there is no such place; `refused` = there is, and an edit of it could change something else. */
export interface NotLocated {
  readonly kind: 'missing' | 'refused'
  readonly why: string
  readonly offset?: number
}

export type Locating = { readonly found: Located } | { readonly problem: NotLocated }

/** Follows `path` from the root of `doc` to a scalar that one line holds and nothing else refers to. */
export function locate(doc: Document, path: YamlPath): Locating {
  const aliased = aliasedAnchors(doc)
  const indexes: number[] = []
  let node: unknown = doc.contents
  for (const [depth, step] of path.entries()) {
    const here = formatYamlPath(path.slice(0, depth)) || 'the document'
    const shared = sharedBy(node, aliased, here)
    if (shared !== undefined) return { problem: shared }
    const taken = take(node, step, here)
    if ('problem' in taken) return taken
    indexes.push(taken.index)
    node = taken.value
  }
  const name = formatYamlPath(path)
  const problem = sharedBy(node, aliased, name) ?? unfit(node, name)
  return problem === undefined ? { found: { node: node as Scalar, indexes } } : { problem }
}

type Taken = { readonly value: unknown; readonly index: number } | { readonly problem: NotLocated }

function take(node: unknown, step: YamlStep, here: string): Taken {
  return typeof step === 'string' ? takeKey(node, step, here) : takeElement(node, step, here)
}

function takeKey(node: unknown, key: string, here: string): Taken {
  if (!isMap(node)) return missing(`${here} is not a map, so it has no ${key}`, node)
  const pairs = node.items as readonly Pair[]
  const merge = pairs.find(
    (pair) => isScalar(pair.key) && (pair.key.value === '<<' || typeof pair.key.value === 'symbol'),
  )
  if (merge !== undefined) return refused(`${here} takes over keys of another map by <<`, merge.key)
  const matches = pairs.flatMap((pair, index) => (keyText(pair.key) === key ? [{ pair, index }] : []))
  const [match, second] = matches
  if (match === undefined) return missing(`${here} has no key ${key}`, node)
  const { pair, index } = match
  // `on` and `"on"` are two keys for some readers and one for others.
  if (second !== undefined) return refused(`${here} has the key ${key} in two forms`, second.pair.key)
  if (pair.value === null) return missing(`${key} of ${here} stands there without a colon`, pair.key)
  return { value: pair.value, index }
}

/** As it is written: under YAML 1.1 the key `on` is a boolean, and means `on` all the same to who wrote it. */
function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined
  return typeof key.value === 'string' ? key.value : key.source
}

function takeElement(node: unknown, step: { key: string; value: string }, here: string): Taken {
  if (!isSeq(node)) return missing(`${here} is not a list`, node)
  const matches = node.items.flatMap((item, index) => {
    const value = isMap(item) ? item.get(step.key) : undefined
    return value === step.value ? [{ value: item as unknown, index }] : []
  })
  const [match, second] = matches
  if (match === undefined) return missing(`no element of ${here} has ${step.key}: ${step.value}`, node)
  if (second !== undefined)
    return refused(`more than one element of ${here} has ${step.key}: ${step.value}`, second.value)
  return match
}

/** An anchor that an alias refers to: to change what is below it changes the other place, too. */
function sharedBy(node: unknown, aliased: ReadonlySet<string>, name: string): NotLocated | undefined {
  if (isAlias(node)) return refused(`${name} is an alias (*${node.source})`, node).problem
  const anchor = (node as Partial<Scalar> | null)?.anchor
  if (anchor === undefined || !aliased.has(anchor)) return undefined
  return refused(`${name} carries the anchor &${anchor}, which another place refers to`, node).problem
}

const stringTag = 'tag:yaml.org,2002:str'

function unfit(node: unknown, name: string): NotLocated | undefined {
  if (!isScalar(node)) return refused(`${name} is not a single value`, node).problem
  if (node.anchor !== undefined) return refused(`${name} carries the anchor &${node.anchor}`, node).problem
  if (node.tag !== undefined && node.tag !== '!' && node.tag !== stringTag) {
    // The parser takes a text for any tag; others refuse `!!int "sha256:…"`.
    return refused(`${name} has the tag ${node.tag}`, node).problem
  }
  if (node.type === ScalarNode.BLOCK_LITERAL || node.type === ScalarNode.BLOCK_FOLDED) {
    return refused(`${name} is a block scalar (| or >)`, node).problem
  }
  return undefined
}

function aliasedAnchors(doc: Document): ReadonlySet<string> {
  const names = new Set<string>()
  visit(doc, { Alias: (_, alias) => void names.add(alias.source) })
  return names
}

function missing(why: string, node: unknown): { readonly problem: NotLocated } {
  return { problem: { kind: 'missing', why, ...offsetOf(node) } }
}

function refused(why: string, node: unknown): { readonly problem: NotLocated } {
  return { problem: { kind: 'refused', why, ...offsetOf(node) } }
}

function offsetOf(node: unknown): { offset?: number } {
  const range = (node as Partial<Node> | null)?.range
  return range == null ? {} : { offset: range[0] }
}

import { isMap, isScalar, type YAMLMap } from 'yaml'
import { type Digest, err, type Fault, ok, type Result } from '../release/index.ts'
import { parseYaml, yamlVersions } from './prove.ts'

/** A name that is a text under YAML 1.1, too, without quotes. */
export const plainKey = /^(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z][a-z0-9-]*$/

/**
 * The pins file with one more workload at the end of its `workloads`: whole new lines, and proved to be nothing else.
 * Its own style of indentation is kept; a map in braces is refused, since a line could not be added to it.
 */
export function insertWorkload(text: string, workload: string, digest: Digest, file: string): Result<string> {
  const mark = text.startsWith('\ufeff') ? '\ufeff' : ''
  const source = text.slice(mark.length)
  const [doc] = parseYaml(source, '1.2')
  const map: unknown = isMap(doc?.contents) ? doc.contents.get('workloads', true) : undefined
  if (!isMap(map) || map.flow === true || map.items.length === 0) {
    return err(refused(file, workload, 'its `workloads` are not written as lines'))
  }
  const key = (map as YAMLMap<unknown>).items[0]?.key
  const first = isScalar(key) ? (key.range?.[0] ?? 0) : 0
  const column = first - (source.lastIndexOf('\n', first - 1) + 1)
  const eol = source.includes('\r\n') ? '\r\n' : '\n'
  const at = endOfMap(source, map as YAMLMap<unknown>)
  const pad = ' '.repeat(column)
  const name = plainKey.test(workload) ? workload : JSON.stringify(workload)
  const lines = [`${pad}${name}:`, `${pad}  image:`, `${pad}    digest: "${digest}"`].join(eol)
  const lead = at === 0 || source[at - 1] === '\n' ? '' : eol
  const added = `${lead}${lines}${eol}`
  const after = source.slice(0, at) + added + source.slice(at)
  const why = disproof(source, after, workload, digest)
  return why === undefined ? ok(mark + after) : err(refused(file, workload, why))
}

/** The start of the line after the last value of the map: comments below it stay below. */
function endOfMap(source: string, map: YAMLMap<unknown>): number {
  const value = map.items.at(-1)?.value as { readonly range?: readonly number[] | null } | null | undefined
  const end = value?.range?.[1] ?? source.length
  // The range of a block value may end at the start of the line that follows it.
  if (end > 0 && source[end - 1] === '\n') return end
  const next = source.indexOf('\n', end)
  return next < 0 ? source.length : next + 1
}

/** Reading it anew has to show the one workload more, in both versions of YAML, and all else as it was. */
function disproof(before: string, after: string, workload: string, digest: Digest): string | undefined {
  for (const version of yamlVersions) {
    const [was, is] = [parseYaml(before, version), parseYaml(after, version)]
    const [old, fresh] = [was[0], is[0]]
    if (was.length !== 1 || is.length !== 1 || old === undefined || fresh === undefined)
      return 'it is not one document'
    if (fresh.errors.length > 0) return `it would not parse under YAML ${version}`
    const expected = old.toJS({ mapAsMap: true, maxAliasCount: 100 }) as Map<unknown, unknown>
    const workloads = expected.get('workloads')
    if (!(workloads instanceof Map) || workloads.has(workload)) return 'it has the workload already'
    workloads.set(workload, new Map([['image', new Map([['digest', digest]])]]))
    if (!same(expected, fresh.toJS({ mapAsMap: true, maxAliasCount: 100 })))
      return 'more than the new lines would change'
  }
  return undefined
}

function same(left: unknown, right: unknown): boolean {
  if (left instanceof Map && right instanceof Map) {
    const [a, b] = [[...left], [...right]]
    return (
      a.length === b.length && a.every(([key, value], at) => same(key, b[at]?.[0]) && same(value, b[at]?.[1]))
    )
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((value, at) => same(value, right[at]))
  }
  return (
    Object.is(left, right) ||
    (left instanceof Date && right instanceof Date && left.getTime() === right.getTime())
  )
}

function refused(file: string, workload: string, why: string): Fault {
  return {
    blame: 'user',
    reason: 'yaml-target-refused',
    cause: `The workload ${workload} cannot be added to ${file}: ${why}.`,
    likely: 'The file was written by hand in another form.',
    next: `Add workloads.${workload}.image.digest to ${file} once by hand, with the digest that it runs now.`,
    at: { file },
  }
}

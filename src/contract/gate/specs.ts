import { posix } from 'node:path'
import { nearest } from '../../release/index.ts'

export const contractKinds = ['openapi', 'asyncapi', 'events', 'json-schema', 'avro', 'protobuf'] as const
export type ContractKind = (typeof contractKinds)[number]

/** A contract of the service: a document in the repository, which may have had another path before. */
export interface ContractSpec {
  readonly kind: ContractKind
  readonly path: string
  readonly was?: string
}

export type SpecsRead =
  | { readonly ok: true; readonly value: readonly ContractSpec[] }
  | { readonly ok: false; readonly why: string }

/** One contract a line: `openapi api/openapi.yaml was=openapi.yaml`. */
export function parseContractLines(lines: readonly string[]): SpecsRead {
  const specs: ContractSpec[] = []
  for (const line of lines.map((text) => text.trim()).filter((text) => text !== '')) {
    const [kind = '', path, ...rest] = line.split(/\s+/)
    const known = contractKinds.find((one) => one === kind)
    if (known === undefined) {
      const meant = nearest(kind, contractKinds)
      return no(
        line,
        `"${kind}" is no kind of contract${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      )
    }
    if (path === undefined) return no(line, 'names no file')
    const spec = specOf(known, path, rest)
    if (typeof spec === 'string') return no(line, spec)
    if (specs.some((one) => one.path === spec.path)) return no(line, `names ${spec.path} a second time`)
    specs.push(spec)
  }
  return { ok: true, value: specs }
}

function specOf(kind: ContractKind, path: string, rest: readonly string[]): ContractSpec | string {
  const here = insideOf(path)
  if (here === undefined) return `${path} leads out of the repository`
  let was: string | undefined
  for (const part of rest) {
    const [key, value] = part.split('=', 2)
    if (key !== 'was' || value === undefined || value === '') return `"${part}" is not was=PATH`
    was = insideOf(value)
    if (was === undefined) return `${value} leads out of the repository`
  }
  return { kind, path: here, ...(was === undefined ? {} : { was }) }
}

/** A path from the root of the repository, or undefined for one that leaves it. */
export function insideOf(path: string): string | undefined {
  const whole = posix.normalize(path.replaceAll('\\', '/'))
  if (posix.isAbsolute(whole) || whole === '..' || whole.startsWith('../')) return undefined
  return whole === '.' || whole.endsWith('/') ? undefined : whole
}

const no = (line: string, why: string): SpecsRead => ({ ok: false, why: `has the line "${line}": ${why}` })

/** Which types turn into which without USING: casts in the context of an assignment (pg_cast.castcontext i and a). */
import type { TypeRef } from './catalogue/model.ts'

const families: readonly (readonly string[])[] = [
  ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'],
  ['text', 'varchar', 'bpchar', 'name', 'citext', 'char'],
  ['json', 'jsonb'],
  ['inet', 'cidr'],
  ['bit', 'varbit'],
  ['date', 'timestamp', 'timestamptz'],
  ['time', 'timetz'],
  ['macaddr', 'macaddr8'],
]

const pairs = new Set(
  (
    'timestamp>time timestamptz>time timestamptz>timetz time>interval interval>time int4>money int8>money ' +
    'numeric>money money>numeric int2>oid int4>oid int8>oid oid>int4 oid>int8 text>regclass varchar>regclass'
  ).split(' '),
)

/** Every type has a way to a string; from a string only USING leads to another type. */
const strings = new Set(['text', 'varchar', 'bpchar', 'name', 'citext'])

export function assignable(from: TypeRef, to: TypeRef): boolean {
  if (from.name === to.name && from.array === to.array) return true
  if (!to.array && strings.has(to.name)) return true
  if (from.array !== to.array) return false
  if (families.some((family) => family.includes(from.name) && family.includes(to.name))) return true
  const registry = (name: string) =>
    name.startsWith('reg') || name === 'oid' || name === 'int4' || name === 'int8'
  if ((from.name.startsWith('reg') || to.name.startsWith('reg')) && registry(from.name) && registry(to.name))
    return true
  return pairs.has(`${from.name}>${to.name}`)
}

/** Types without an order: no b-tree index can hold them. */
export const unordered: ReadonlySet<string> = new Set([
  ...['json', 'xml', 'point', 'box', 'circle', 'line', 'lseg', 'path', 'polygon', 'xid', 'cid', 'aclitem'],
])

/** What ALTER COLUMN … TYPE costs: nothing, its indexes, or the whole table (tablecmds.c, ATColumnChangeRequiresRewrite). */
import { as, type Node, nameParts, type Of } from './ast.ts'
import { findType } from './catalogue/lookup.ts'
import type { Catalogue, Column, TypeRef } from './catalogue/model.ts'
import { isKnownType, resolve, typeRef } from './catalogue/type-ref.ts'

export interface TypeChange {
  readonly rewrite: boolean
  /** Without a rewrite: indexes on the column itself no longer sort as before. */
  readonly reindex: boolean
  /** The new type may hold less than the old one. */
  readonly narrowing: boolean
  readonly same: boolean
  readonly assumed?: string
}

const free = { rewrite: false, reindex: false, narrowing: false, same: false } as const

export function typeChange(catalogue: Catalogue, from: Column, definition: Of<'ColumnDef'>): TypeChange {
  const to = typeRef(definition.typeName)
  const using = definition.raw_default
  const steps = using === undefined ? [to] : coercions(using, from.name)
  const collation = nameParts(definition.collClause?.collname).at(-1)
  if (steps === undefined) return { ...free, rewrite: true, narrowing: false }
  if (!isKnownType(catalogue, to))
    return { ...free, rewrite: true, assumed: `type ${to.name} is not known and may need a rewrite` }
  let at = from.type
  let typmodKnown = true
  let rewrite = false
  let narrowing = false
  for (const step of using === undefined ? steps : [...steps, to]) {
    const change = coerce(catalogue, at, typmodKnown, step)
    rewrite ||= change.rewrite
    narrowing ||= change.narrowing
    typmodKnown = change.typmodKnown
    at = step
  }
  const [old, next] = [resolve(catalogue, from.type), resolve(catalogue, to)]
  const other = operators(catalogue, old.base) !== operators(catalogue, next.base)
  const sorted = collatable.has(next.base.name) || next.base.name === 'citext'
  const before = from.collation ?? old.collation ?? defaultCollation(old.base)
  const after = collation ?? next.collation ?? defaultCollation(next.base)
  const recollated = sorted && before !== after
  return {
    rewrite,
    reindex: other || recollated,
    narrowing,
    same: sameType(from.type, to) && !recollated && using === undefined,
  }
}

const collatable = new Set(['text', 'varchar', 'bpchar', 'name', 'citext'])

/** `name` sorts by the C collation, all others by that of the database. */
function defaultCollation({ name }: TypeRef): string {
  return name === 'name' ? 'C' : 'default'
}

/** USING as a chain of casts of the column itself; undefined when it computes something. */
function coercions(using: Node, own: string): TypeRef[] | undefined {
  const cast = as(using, 'TypeCast')
  if (cast?.arg !== undefined) {
    const inner = coercions(cast.arg, own)
    return inner === undefined ? undefined : [...inner, typeRef(cast.typeName)]
  }
  const collate = as(using, 'CollateClause')
  if (collate?.arg !== undefined) return coercions(collate.arg, own)
  const fields = as(using, 'ColumnRef')?.fields
  return fields !== undefined && nameParts(fields).at(-1) === own ? [] : undefined
}

function sameType(left: TypeRef, right: TypeRef): boolean {
  return (
    left.name === right.name && left.array === right.array && left.typmods.join() === right.typmods.join()
  )
}

interface Step {
  readonly rewrite: boolean
  readonly narrowing: boolean
  readonly typmodKnown: boolean
}

function coerce(catalogue: Catalogue, from: TypeRef, fromTypmod: boolean, to: TypeRef): Step {
  const old = resolve(catalogue, from)
  const next = resolve(catalogue, to)
  if (next.domain && from.name === to.name)
    return { rewrite: false, narrowing: false, typmodKnown: fromTypmod }
  const [a, b] = [old.base, next.base]
  const checked = next.constrained
  if (a.name === b.name && a.array === b.array) {
    const free = !lengthCoercion(fromTypmod ? a : { ...a, typmods: [] }, b)
    return { rewrite: checked || !free, narrowing: checked || narrows(a, b), typmodKnown: true }
  }
  const relabel = !a.array && !b.array && binary.has(`${a.name} ${b.name}`)
  const shift = !a.array && !b.array && isZoneShift(a.name, b.name) && isUtc(catalogue.timeZone)
  if (!relabel && !shift) return { rewrite: true, narrowing: losesByCast(a.name, b.name), typmodKnown: true }
  const length = lengthCoercion({ ...b, typmods: [] }, b)
  return { rewrite: checked || length, narrowing: checked || length, typmodKnown: b.typmods.length > 0 }
}

/** Casts WITHOUT FUNCTION between different types (pg_cast.castmethod = 'b'); citext adds its own. */
const binary = new Set([
  ...[
    'text varchar',
    'text bpchar',
    'varchar text',
    'varchar bpchar',
    'xml text',
    'xml varchar',
    'xml bpchar',
  ],
  ...['cidr inet', 'bit varbit', 'varbit bit', 'pg_node_tree text'],
  ...['text citext', 'citext text', 'varchar citext', 'citext varchar', 'citext bpchar'],
  ...['int4 oid', 'oid int4'],
  ...['regproc', 'regprocedure', 'regoper', 'regoperator', 'regclass', 'regcollation', 'regtype']
    .concat(['regconfig', 'regdictionary', 'regrole', 'regnamespace'])
    .flatMap((one) => [`${one} oid`, `oid ${one}`, `int4 ${one}`, `${one} int4`]),
  ...['regproc regprocedure', 'regprocedure regproc', 'regoper regoperator', 'regoperator regoper'],
])

function isZoneShift(from: string, to: string): boolean {
  return (from === 'timestamp' && to === 'timestamptz') || (from === 'timestamptz' && to === 'timestamp')
}

/** Only a zone that is known to be UTC saves the rewrite. */
function isUtc(zone: string | undefined): boolean {
  return (
    zone !== undefined &&
    /^(utc|gmt|etc\/(utc|gmt|uct|zulu|greenwich|universal)|uct|zulu|universal|greenwich|0)$/i.test(zone)
  )
}

/** True when every value has to pass through a function that cuts or pads it. */
function lengthCoercion(from: TypeRef, to: TypeRef): boolean {
  const [old, next] = [from.typmods, to.typmods]
  if (next.length === 0 || old.join() === next.join()) return false
  if (to.array) return true
  switch (to.name) {
    case 'varchar':
    case 'varbit':
      return !(old[0] !== undefined && old[0] <= (next[0] ?? 0))
    case 'numeric':
      return !(old[0] !== undefined && (old[1] ?? 0) === (next[1] ?? 0) && old[0] <= (next[0] ?? 0))
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
      return !((next[0] ?? 0) >= 6 || (old[0] !== undefined && old[0] <= (next[0] ?? 0)))
    case 'interval':
      return cutsInterval(old, next)
    default:
      return true
  }
}

/** Bits of an interval's range, finest first (datetime.h); without a range it goes down to seconds. */
const secondsBit = 1 << 12
const finest = [secondsBit, 1 << 11, 1 << 10, 1 << 3, 1 << 1, 1 << 2]

function cutsInterval(old: readonly number[], next: readonly number[]): boolean {
  const least = ([range]: readonly number[]) =>
    range === undefined || range === 0x7fff
      ? 0
      : Math.max(
          0,
          finest.findIndex((bit) => (range & bit) !== 0),
        )
  const precision = ([, digits]: readonly number[]) =>
    digits === undefined || digits === 0xffff ? 6 : digits
  const [from, to] = [least(old), least(next)]
  return !(to <= from && (from > 0 || precision(next) >= 6 || precision(next) >= precision(old)))
}

function narrows(from: TypeRef, to: TypeRef): boolean {
  return lengthCoercion(from, to) && !['timestamp', 'timestamptz', 'time', 'timetz'].includes(to.name)
}

const widths: Readonly<Record<string, number>> = {
  int2: 1,
  int4: 2,
  int8: 3,
  numeric: 4,
  float4: 2,
  float8: 3,
}

function losesByCast(from: string, to: string): boolean {
  const [old, next] = [widths[from], widths[to]]
  if (old !== undefined && next !== undefined) return next < old
  return !['text', 'varchar', 'jsonb', 'citext'].includes(to)
}

/** Types that share the operators of their default index class sort alike; polymorphic classes never do. */
function operators(catalogue: Catalogue, type: TypeRef): string {
  if (type.array) return `${type.name}[]`
  const named = findType(catalogue, type)
  if (named !== undefined) return `${named.kind} ${named.schema}.${named.name}`
  if (type.name === 'varchar') return 'text'
  if (type.name === 'cidr') return 'inet'
  if (type.name.startsWith('reg')) return 'oid'
  return type.name
}

import { as, literal, nameParts, type TypeName } from '../ast.ts'
import { findType } from './lookup.ts'
import type { Catalogue, NamedType, TypeRef } from './model.ts'

/** Names that people write and the grammar leaves as they are. */
const aliases: Readonly<Record<string, string>> = {
  serial: 'int4',
  serial4: 'int4',
  bigserial: 'int8',
  serial8: 'int8',
  smallserial: 'int2',
  serial2: 'int2',
}

export function isSerial(type: TypeName | undefined): boolean {
  const parts = nameParts(type?.names)
  return parts.length === 1 && Object.hasOwn(aliases, parts[0] ?? '')
}

export function typeRef(type: TypeName | undefined): TypeRef {
  const parts = nameParts(type?.names)
  const written = parts.at(-1) ?? 'unknown'
  const schema = parts.length > 1 && parts[0] !== 'pg_catalog' ? parts.at(-2) : undefined
  return {
    ...(schema === undefined ? {} : { schema }),
    name: aliases[written] ?? written,
    typmods: (type?.typmods ?? []).flatMap((typmod) => {
      const value = Number(literal(typmod))
      return Number.isFinite(value) && as(typmod, 'A_Const') !== undefined ? [value] : []
    }),
    array: (type?.arrayBounds ?? []).length > 0,
  }
}

export function namedType(catalogue: Catalogue, type: TypeRef): NamedType | undefined {
  return findType(catalogue, type)
}

export interface Resolved {
  /** The type below all domains. */
  readonly base: TypeRef
  /** A domain on the way has a NOT NULL or CHECK. */
  readonly constrained: boolean
  readonly domain: boolean
  readonly collation?: string | undefined
}

export function resolve(catalogue: Catalogue, type: TypeRef): Resolved {
  const named = type.array ? undefined : namedType(catalogue, type)
  if (named?.kind !== 'domain' || named.base === undefined)
    return { base: type, constrained: false, domain: false }
  const below = resolve(catalogue, named.base)
  return {
    base: below.base,
    constrained: below.constrained || named.notNull || named.checks.length > 0,
    domain: true,
    collation: named.collation ?? below.collation,
  }
}

const builtIn = new Set(
  (
    'bool bytea char name int8 int2 int4 text oid tid xid xid8 cid json jsonb xml point lseg path box polygon line ' +
    'float4 float8 circle money macaddr macaddr8 inet cidr bpchar varchar date time timestamp timestamptz interval ' +
    'timetz bit varbit numeric uuid pg_lsn tsvector tsquery int4range numrange tsrange tstzrange daterange int8range ' +
    'int4multirange nummultirange tsmultirange tstzmultirange datemultirange int8multirange regproc regclass regtype ' +
    'regrole regnamespace regoper regoperator regprocedure regconfig regdictionary regcollation jsonpath refcursor ' +
    'txid_snapshot pg_snapshot int2vector oidvector'
  ).split(' '),
)

/** False: a type that neither the server nor the catalogue is known to have; it may be a domain. */
export function isKnownType(catalogue: Catalogue, type: TypeRef): boolean {
  if (type.schema === undefined && builtIn.has(type.name)) return true
  if (namedType(catalogue, type) !== undefined) return true
  // Types of extensions are plain types, where the extension is or may be there.
  const brought = ['citext', 'hstore', 'ltree', 'vector', 'geometry', 'geography'].includes(type.name)
  return brought && (!catalogue.complete || catalogue.extensions.size > 0)
}

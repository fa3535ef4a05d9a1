import type { Node, RangeVar, TypeName } from '@pgsql/types'

type KeyOf<T> = T extends unknown ? keyof T : never
export type Kind = KeyOf<Node>
export type Of<K extends Kind> = Extract<Node, Record<K, unknown>>[K]
export type { Node, RangeVar, TypeName }

/** The node as one of `kind`, or undefined when it is another. */
export function as<K extends Kind>(node: Node | undefined, kind: K): Of<K> | undefined {
  return node === undefined ? undefined : (node as unknown as Partial<Record<K, Of<K>>>)[kind]
}

export function kindOf(node: Node): Kind {
  return Object.keys(node)[0] as Kind
}

/** The text of a String node. */
export function text(node: Node | undefined): string | undefined {
  return as(node, 'String')?.sval
}

/** Parts of a dotted name, in whichever list form the grammar gave it. */
export function nameParts(node: Node | readonly Node[] | undefined): string[] {
  if (node === undefined) return []
  if (Array.isArray(node)) return (node as readonly Node[]).flatMap((part) => text(part) ?? [])
  const list = as(node as Node, 'List')
  if (list !== undefined) return (list.items ?? []).flatMap((part) => text(part) ?? [])
  const single = text(node as Node)
  if (single !== undefined) return [single]
  const type = as(node as Node, 'TypeName')
  if (type !== undefined) return nameParts(type.names)
  const call = as(node as Node, 'ObjectWithArgs')
  return call === undefined ? [] : nameParts(call.objname)
}

/** Visits every node below `value`, itself included, children of each in order. */
export function walk(value: unknown, visit: (kind: Kind, node: Record<string, unknown>) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit)
    return
  }
  if (value === null || typeof value !== 'object') return
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== null && typeof inner === 'object') {
      if (!Array.isArray(inner) && /^[A-Z]/.test(key)) visit(key as Kind, inner as Record<string, unknown>)
      walk(inner, visit)
    }
  }
}

/** Every relation that a query names, names of WITH queries left out. */
export function relationsIn(value: unknown): RangeVar[] {
  const named = new Set<string>()
  walk(value, (kind, node) => {
    if (kind === 'CommonTableExpr') named.add(String(node.ctename))
  })
  const found: RangeVar[] = []
  walk({ Root: value }, (kind, node) => {
    const bare = node.relation as RangeVar | undefined
    // Some statements hold their relation without its kind around it.
    if (bare !== undefined && typeof bare === 'object' && 'relname' in bare) found.push(bare)
    if (kind === 'RangeVar') found.push(node as RangeVar)
  })
  return found.filter(({ relname, schemaname }) => schemaname !== undefined || !named.has(relname ?? ''))
}

/** Last parts of the column references below: `a` of `a`, `t.a` and `(t).a`; `*` for a star. */
export function columnsIn(value: unknown): Set<string> {
  const names = new Set<string>()
  walk({ Root: value }, (kind, node) => {
    if (kind !== 'ColumnRef') return
    const last = (node.fields as readonly Node[] | undefined)?.at(-1)
    names.add(last !== undefined && 'A_Star' in last ? '*' : (text(last) ?? '*'))
  })
  return names
}

/** The functions called below: the last part of the name, and whether something is given to it. */
export function callsIn(value: unknown): { readonly name: string; readonly bare: boolean }[] {
  const calls: { name: string; bare: boolean }[] = []
  walk({ Root: value }, (kind, node) => {
    if (kind !== 'FuncCall') return
    const name = text((node.funcname as readonly Node[] | undefined)?.at(-1)) ?? ''
    calls.push({ name, bare: ((node.args as readonly Node[] | undefined) ?? []).length === 0 })
  })
  return calls
}

export function functionsIn(value: unknown): string[] {
  return callsIn(value).map(({ name }) => name)
}

/** A literal as text: `5`, `abc`, `-3`, `true`; undefined when it is no literal. Casts are looked through. */
export function literal(node: Node | undefined): string | undefined {
  const cast = as(node, 'TypeCast')
  if (cast !== undefined) return literal(cast.arg)
  const minus = as(node, 'A_Expr')
  if (minus !== undefined && minus.lexpr === undefined && text(minus.name?.[0]) === '-') {
    const value = literal(minus.rexpr)
    return value === undefined ? undefined : `-${value}`
  }
  const constant = as(node, 'A_Const')
  if (constant === undefined || constant.isnull === true) return undefined
  if (constant.ival !== undefined) return String(constant.ival.ival ?? 0)
  if (constant.fval !== undefined) return constant.fval.fval ?? '0'
  if (constant.sval !== undefined) return constant.sval.sval ?? ''
  if (constant.boolval !== undefined) return String(constant.boolval.boolval ?? false)
  return undefined
}

/** An option in parentheses: `(FULL)`, `(FULL on)`; `false`, `off` and `0` turn it off, as the server reads them. */
export function optionOn(options: readonly Node[] | undefined, name: string): boolean {
  return (options ?? []).some((one) => {
    const option = as(one, 'DefElem')
    if (option?.defname !== name) return false
    const number = as(option.arg, 'Integer')
    if (number !== undefined) return (number.ival ?? 0) !== 0
    return !/^(false|off)$/i.test(text(option.arg) ?? literal(option.arg) ?? 'true')
  })
}

/** True for the literal NULL, cast or not. */
export function isNull(node: Node | undefined): boolean {
  const cast = as(node, 'TypeCast')
  return cast === undefined ? as(node, 'A_Const')?.isnull === true : isNull(cast.arg)
}

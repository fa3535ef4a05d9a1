/** Sets of values of one column that a condition allows, as far as plain comparisons with literals tell. */
import { as, literal, type Node, nameParts, text } from './ast.ts'
import { compare } from './catalogue/follow-rows.ts'
import type { Bound, Edge } from './catalogue/model.ts'

export interface Interval {
  /** Undefined = open. */
  readonly from?: string | undefined
  readonly fromIncluded: boolean
  readonly to?: string | undefined
  readonly toIncluded: boolean
}

const everything: Interval = { fromIncluded: false, toIncluded: false }

/** Values of `column` for which `condition` can hold; undefined when the condition says nothing plain of it. */
export function allowed(condition: Node | undefined, column: string): readonly Interval[] | undefined {
  const logic = as(condition, 'BoolExpr')
  const parts = logic?.args ?? []
  if (logic?.boolop === 'AND_EXPR') {
    const told = parts.flatMap((part) => {
      const set = allowed(part, column)
      return set === undefined ? [] : [set]
    })
    return told.length === 0 ? undefined : told.reduce(intersect)
  }
  if (logic?.boolop === 'OR_EXPR') {
    const told = parts.map((part) => allowed(part, column))
    return told.some((set) => set === undefined) ? undefined : told.flatMap((set) => set ?? [])
  }
  return comparison(as(condition, 'A_Expr'), column)
}

function comparison(
  expression: ReturnType<typeof as<'A_Expr'>>,
  column: string,
): readonly Interval[] | undefined {
  if (expression === undefined) return undefined
  const onLeft = isColumn(expression.lexpr, column)
  if (!onLeft && !isColumn(expression.rexpr, column)) return undefined
  const other = onLeft ? expression.rexpr : expression.lexpr
  const operator = text(expression.name?.[0])
  const listed = as(other, 'List')?.items?.map((item) => literal(item))
  if (listed?.some((value) => value === undefined)) return undefined
  if (expression.kind === 'AEXPR_IN' && operator === '=') return listed?.map((value) => point(value ?? ''))
  if (expression.kind === 'AEXPR_BETWEEN') {
    const [from, to] = listed ?? []
    return [{ from, fromIncluded: true, to, toIncluded: true }]
  }
  if (expression.kind === 'AEXPR_OP_ANY' && operator === '=') {
    const elements = as(other, 'A_ArrayExpr')?.elements?.map((item) => literal(item))
    return elements?.every((value) => value !== undefined)
      ? elements.map((value) => point(value ?? ''))
      : undefined
  }
  const value = literal(other)
  if (expression.kind !== 'AEXPR_OP' || value === undefined) return undefined
  const turned: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' }
  switch (onLeft ? operator : (turned[operator ?? ''] ?? operator)) {
    case '=':
      return [point(value)]
    case '<':
      return [{ ...everything, to: value }]
    case '<=':
      return [{ ...everything, to: value, toIncluded: true }]
    case '>':
      return [{ ...everything, from: value }]
    case '>=':
      return [{ ...everything, from: value, fromIncluded: true }]
    default:
      return undefined
  }
}

function isColumn(node: Node | undefined, column: string): boolean {
  const cast = as(node, 'TypeCast')
  if (cast !== undefined) return isColumn(cast.arg, column)
  const fields = as(node, 'ColumnRef')?.fields
  return fields !== undefined && nameParts(fields).at(-1) === column
}

function point(value: string): Interval {
  return { from: value, fromIncluded: true, to: value, toIncluded: true }
}

export function intersect(left: readonly Interval[], right: readonly Interval[]): readonly Interval[] {
  return left.flatMap((a) => right.map((b) => meet(a, b)).filter((both) => !isEmpty(both)))
}

function meet(a: Interval, b: Interval): Interval {
  const lower = higherStart(a, b)
  const upper = lowerEnd(a, b)
  return { from: lower.from, fromIncluded: lower.fromIncluded, to: upper.to, toIncluded: upper.toIncluded }
}

function higherStart(a: Interval, b: Interval): Interval {
  if (a.from === undefined) return b
  if (b.from === undefined) return a
  const order = compare(a.from, b.from)
  return order > 0 || (order === 0 && !a.fromIncluded) ? a : b
}

function lowerEnd(a: Interval, b: Interval): Interval {
  if (a.to === undefined) return b
  if (b.to === undefined) return a
  const order = compare(a.to, b.to)
  return order < 0 || (order === 0 && !a.toIncluded) ? a : b
}

function isEmpty({ from, to, fromIncluded, toIncluded }: Interval): boolean {
  if (from === undefined || to === undefined) return false
  const order = compare(from, to)
  return order > 0 || (order === 0 && !(fromIncluded && toIncluded))
}

export function overlap(left: readonly Interval[], right: readonly Interval[]): boolean {
  return intersect(left, right).length > 0
}

/** Every interval of `inner` lies in one of `outer`. */
export function within(inner: readonly Interval[], outer: readonly Interval[]): boolean {
  return inner.every((small) =>
    outer.some((large) => {
      const both = meet(small, large)
      return (
        both.from === small.from &&
        both.to === small.to &&
        both.fromIncluded === small.fromIncluded &&
        both.toIncluded === small.toIncluded
      )
    }),
  )
}

/** Values that a partition takes; undefined when that is not plain (hash, default, several key columns). */
export function boundSet(bound: Bound | undefined): readonly Interval[] | undefined {
  if (bound?.kind === 'list')
    return bound.values.every((value) => value !== undefined)
      ? bound.values.map((value) => point(value ?? ''))
      : undefined
  if (bound?.kind !== 'range' || bound.from.length !== 1) return undefined
  const [from, to] = [bound.from[0], bound.to[0]]
  if (from === undefined || to === undefined) return undefined
  return [{ from: edge(from), fromIncluded: edge(from) !== undefined, to: edge(to), toIncluded: false }]
}

function edge(value: Edge): string | undefined {
  return typeof value === 'object' ? value.value : undefined
}

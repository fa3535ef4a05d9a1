import { as, callsIn, functionsIn, type Node, walk } from './ast.ts'
import { immutableFunctions, volatileFunctions, withoutArguments } from './builtin-functions.ts'
import type { Catalogue } from './catalogue/model.ts'

export type Volatility = 'volatile' | 'stable' | 'unknown'

/**
 * Whether two rows would get different values from the expression. Only volatile ones make ADD COLUMN write every
 * row (PostgreSQL documentation, ALTER TABLE, notes); `unknown` = a function that nobody described.
 */
export function volatilityOf(catalogue: Catalogue, expression: Node | undefined): Volatility {
  if (expression === undefined) return 'stable'
  let worst: Volatility = 'stable'
  for (const { name, bare } of callsIn(expression)) {
    const own = [...catalogue.functions].find((one) => one.name === name)
    const found: Volatility =
      own !== undefined
        ? own.volatility === 'volatile'
          ? 'volatile'
          : 'stable'
        : !bare && withoutArguments.has(name)
          ? 'unknown'
          : volatileFunctions.has(name)
            ? 'volatile'
            : immutableFunctions.has(name)
              ? 'stable'
              : 'unknown'
    if (found === 'volatile') return 'volatile'
    if (found === 'unknown') worst = 'unknown'
  }
  return worst
}

/** A constant that every row can share: no column, no function. */
export function isConstant(expression: Node | undefined): boolean {
  let constant = expression !== undefined
  walk({ Root: expression }, (kind) => {
    if (kind === 'ColumnRef' || kind === 'FuncCall' || kind === 'SubLink') constant = false
  })
  return constant
}

/** `nextval('s')` and friends, for advice. */
export function isNextval(expression: Node | undefined): boolean {
  return as(expression, 'FuncCall') !== undefined && functionsIn(expression).includes('nextval')
}

/**
 * What an edit does to the set of instances that a schema accepts. The comparer knows no direction: a request breaks
 * when the set narrows, a response when it widens (contravariance and covariance), and `both` breaks either.
 */
export type Effect = 'none' | 'narrows' | 'widens' | 'both'

export function effectOf(narrows: boolean, widens: boolean): Effect {
  if (narrows) return widens ? 'both' : 'narrows'
  return widens ? 'widens' : 'none'
}

export function flipped(effect: Effect): Effect {
  if (effect === 'narrows') return 'widens'
  return effect === 'widens' ? 'narrows' : effect
}

export const narrows = (effect: Effect): boolean => effect === 'narrows' || effect === 'both'
export const widens = (effect: Effect): boolean => effect === 'widens' || effect === 'both'

import type { Random } from './random.ts'

const scalars = [
  null,
  true,
  false,
  0,
  1,
  2,
  3,
  4,
  6,
  -1,
  0.5,
  1.5,
  2.5,
  '',
  'a',
  'b',
  'ab',
  'ba',
  'aab',
  'abcd',
] as const

/** Small values of the same few names, numbers and letters that the random schemas speak of. */
export function randomInstance(random: Random, depth = 0): unknown {
  const kind = random.below(depth > 2 ? 3 : 7)
  if (kind <= 2) return random.pick(scalars)
  if (kind <= 4) return Array.from({ length: random.below(4) }, () => randomInstance(random, depth + 1))
  const chosen = ['a', 'b', 'c', 'ab'].filter(() => random.chance(0.5))
  return Object.fromEntries(chosen.map((name) => [name, randomInstance(random, depth + 1)]))
}

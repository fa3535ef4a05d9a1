import fc from 'fast-check'
import type { Config } from '../../config/index.ts'
import { type Broken, check } from './invariants.ts'
import type { Bounds, Node } from './model.ts'
import { type Group, movesOf, type Rules } from './moves.ts'
import { adoptedWorld } from './world.ts'

/** For tests: walks at random through worlds too large to see all of. */

/** One step: of what kind, and which of those that are possible then. */
export interface Pick {
  readonly group: Group
  readonly index: number
}

/** Ticks and clusters go on most of the time, or no walk would come to the last region. */
const pick: fc.Arbitrary<Pick> = fc.record({
  group: fc.oneof(
    { weight: 5, arbitrary: fc.constant<Group>('tick') },
    { weight: 5, arbitrary: fc.constant<Group>('world') },
    { weight: 3, arbitrary: fc.constant<Group>('outcome') },
    { weight: 1, arbitrary: fc.constant<Group>('people') },
  ),
  index: fc.nat(1023),
})

export interface Walked {
  readonly steps: number
  readonly path: readonly string[]
  readonly broken?: Broken
}

/** Until the picks are over or an invariant breaks. A kind that has nothing to offer is passed over. */
export function walk(config: Config, use: Rules, bounds: Bounds, picks: readonly Pick[]): Walked {
  let node: Node = { world: adoptedWorld(config) }
  const path: string[] = []
  for (const { group, index } of picks) {
    const list = movesOf(group, node, config, use, bounds)
    const move = list[index % Math.max(1, list.length)]
    if (move === undefined) continue
    const [by, next, saw] = move
    path.push(by)
    const found = check(node.world, next.world, config, by, saw)
    const broken = found.find((one) => bounds.without?.includes(one.invariant.split(' ')[0] ?? '') !== true)
    if (broken !== undefined) return { steps: path.length, path, broken }
    node = next
  }
  return { steps: path.length, path }
}

export interface Walks {
  readonly walks: number
  readonly steps: number
  /** The shortest way that was found to what broke. */
  readonly broken?: Broken & { readonly path: readonly string[] }
}

/** As many walks as asked for, from one seed; what breaks is shrunk. */
export function walks(
  config: Config,
  use: Rules,
  bounds: Bounds,
  run: { readonly count: number; readonly length: number; readonly seed: number },
): Walks {
  let steps = 0
  const starts = fc.array(pick, { maxLength: run.length, size: 'max' })
  const property = fc.property(starts, (picks) => {
    const walked = walk(config, use, bounds, picks)
    steps += walked.steps
    return walked.broken === undefined
  })
  const details = fc.check(property, { numRuns: run.count, seed: run.seed })
  const [picks] = details.counterexample ?? []
  const walked = picks === undefined ? undefined : walk(config, use, bounds, picks)
  const { broken, path = [] } = walked ?? {}
  return { walks: details.numRuns, steps, ...(broken !== undefined && { broken: { ...broken, path } }) }
}

import { type Bounds, explore } from '../../src/train/testing/model.ts'
import { modelConfig } from '../../src/train/testing/model-config.ts'
import { rules } from '../../src/train/testing/moves.ts'
import { adoptedWorld } from '../../src/train/testing/world.ts'

/** The state machine over decide() itself, breadth first: how many states, how long, how much memory, what broke. */
export const setups: readonly (readonly [name: string, regions: readonly string[], bounds: Bounds])[] = [
  ['3 regions, 2 releases', ['us', 'eu', 'ap'], { releases: 2, states: 2_000_000 }],
  [
    '3 regions, 2 releases, two ticks at once',
    ['us', 'eu', 'ap'],
    { releases: 2, states: 2_000_000, slowTicks: true },
  ],
  [
    '3 regions, 2 releases, the second a hotfix',
    ['us', 'eu', 'ap'],
    { releases: 2, states: 2_000_000, hotfix: true },
  ],
]

export const largeSetups: typeof setups = [
  [
    '2 regions, 2 releases, hotfix, holds, exclusions, cancels, rollbacks, revoked approvals',
    ['us', 'eu'],
    // A person who ends a train half way, or skips a region, chooses a third version.
    {
      releases: 2,
      states: 2_000_000,
      hotfix: true,
      people: ['hold', 'exclude', 'cancel', 'rollback', 'revoke'],
      without: ['I9'],
    },
  ],
  ['3 regions, 3 releases', ['us', 'eu', 'ap'], { releases: 3, states: 3_000_000 }],
  [
    '4 regions, 2 releases, two ticks at once',
    ['us', 'eu', 'ap', 'me'],
    { releases: 2, states: 3_000_000, slowTicks: true },
  ],
]

export function measureModel(list: typeof setups, print: (line: object) => void): boolean {
  let good = true
  for (const [name, regions, bounds] of list) {
    const config = modelConfig(regions)
    const start = performance.now()
    const result = explore(config, adoptedWorld(config), rules, bounds)
    const { states, complete, stuck, stuckBy, broken } = result
    const seconds = Math.round((performance.now() - start) / 100) / 10
    const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024)
    print({ bench: 'train-model', name, states, complete, stuck, stuckBy, broken, seconds, peakMiB })
    good &&= complete && stuck === 0 && broken.length === 0
  }
  return good
}

import { describe, expect, it } from 'vitest'
import type { Config } from '../config/index.ts'
import { explore } from './testing/model.ts'
import { modelConfig } from './testing/model-config.ts'
import { rules } from './testing/moves.ts'
import { mutants } from './testing/mutants.ts'
import { adoptedWorld, environmentOf } from './testing/world.ts'

const config = modelConfig(['us', 'eu'])
const migrating: Config = {
  ...config,
  migrations: {
    folder: 'migrations',
    schema: 'public',
    lockTimeoutMs: 100,
    budgetMs: 1000,
    stallMs: 150,
    stallBudgetMs: 1000,
  },
  environments: Object.fromEntries(
    ['staging', 'us', 'eu'].map((name) => [
      name,
      environmentOf(name, { database: { urlEnv: 'DATABASE_URL', login: 'url', tenants: [], parallel: 4 } }),
    ]),
  ),
}

const people = ['hold', 'exclude', 'revoke'] as const

describe('decide() over every interleaving of ticks, syncs, canaries, alarms, people and days', () => {
  it.each([
    ['one release', config, { releases: 1 }],
    ['two releases', config, { releases: 2 }],
    ['two releases with migrations', migrating, { releases: 2 }],
    ['three regions', modelConfig(['us', 'eu', 'ap']), { releases: 2 }],
    ['a second release that is a hotfix', config, { releases: 2, hotfix: true }],
    ['two ticks at once', config, { releases: 1, slowTicks: true }],
    ['people who hold, leave out and revoke', config, { releases: 1, people }],
  ] as const)(
    'keeps every invariant with %s, and every state has a way to quiet',
    (_name, policy, bounds) => {
      const result = explore(policy, adoptedWorld(policy), rules, { states: 200_000, ...bounds })
      expect(result.broken).toEqual([])
      expect(result.complete).toBe(true)
      expect(result.stuck).toBe(0)
      expect(result.states).toBeGreaterThan(bounds.releases === 1 ? 100 : 1_000)
    },
    120_000,
  )
})

describe('the model notices', () => {
  it.each(mutants.map((m) => [m.name, m] as const))(
    'when %s',
    (_name, { breaks, change, regions, bounds }) => {
      const policy = regions === undefined ? config : modelConfig(regions)
      const limits = { releases: 2, states: 30_000, until: breaks, ...bounds }
      const result = explore(policy, adoptedWorld(policy), { ...rules, ...change }, limits)
      expect(result.broken.map((b) => `${b.invariant}: ${b.path.length} steps`).join('\n')).toContain(
        `${breaks} `,
      )
    },
    120_000,
  )
})

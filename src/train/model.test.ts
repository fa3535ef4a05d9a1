import { describe, expect, it } from 'vitest'
import type { Config } from '../config/index.ts'
import { regionOf } from '../ledger/index.ts'
import { decide } from './decide.ts'
import { explore } from './testing/model.ts'
import { type Rules, rules } from './testing/moves.ts'
import { adoptedWorld, configOf, environmentOf, factsOf } from './testing/world.ts'

// One approval that lasts over the model's weeks, so that its states are not multiplied by its age.
const base = configOf(['us', 'eu'])
const config = {
  ...base,
  approvals: { required: 1, expiresMs: 400 * 86_400_000 },
  train: { ...base.train, bakeRequests: 0, watchMs: 86_400_000, progressMs: 7_200_000 },
}
const start = adoptedWorld(config)
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

describe('decide() over every interleaving of ticks, syncs, canaries, alarms, people and days', () => {
  it.each([
    ['one release', config, 1],
    ['two releases', config, 2],
    ['two releases with migrations', migrating, 2],
  ] as const)(
    'keeps every invariant with %s, and every state has a way to quiet',
    (_name, policy, releases) => {
      const result = explore(policy, adoptedWorld(policy), rules, { releases, states: 60_000 })
      expect(result.broken).toEqual([])
      expect(result.complete).toBe(true)
      expect(result.stuck).toBe(0)
      expect(result.states).toBeGreaterThan(releases === 1 ? 100 : 1_000)
    },
    120_000,
  )
})

/** Each changes one rule; a model that passes them all would prove nothing. */
const mutants: readonly (readonly [string, string, Partial<Rules>])[] = [
  [
    'a halt is not looked at',
    'I3',
    {
      decide: (state, facts, policy, now) => {
        const { halt: _, ...free } = state
        return decide(free, facts, policy, now)
      },
    },
  ],
  [
    'days are not counted',
    'I6',
    { decide: (state, facts, policy, now) => decide({ ...state, starts: [] }, facts, policy, now) },
  ],
  [
    'health is not tied to the live digest',
    'I8',
    {
      facts: (world, policy, age) => {
        const clusters = Object.fromEntries(
          Object.entries(world.clusters).map(([name, cluster]) => {
            const pins = regionOf(world.state, name)?.pins ?? cluster.carried
            return [name, { carried: pins, served: pins.workloads }]
          }),
        )
        return factsOf({ ...world, clusters }, policy, age)
      },
    },
  ],
  ['a veto is forgotten', 'I12', { keeps: (event) => event.type !== 'vetoed' }],
  [
    'alarms are watched in the rolling region only',
    'I25',
    {
      facts: (world, policy, age) => {
        const facts = factsOf(world, policy, age)
        const regions = [...facts.regions].map(([name, view]) => {
          const moving = regionOf(world.state, name)?.phase !== 'steady'
          const known = view.facts
          return [
            name,
            moving || known === undefined ? view : { ...view, facts: { ...known, alarms: [] } },
          ] as const
        })
        return { ...facts, regions: new Map(regions) }
      },
    },
  ],
  ['a decision is committed on a ledger that went on', 'I3', { compareAndSwap: false }],
  ['old facts count as new', 'I18', { facts: (world, policy) => factsOf(world, policy, 0) }],
  [
    'a region goes back in the order it went forward',
    'I4',
    {
      decide: (state, facts, policy, now) => {
        const turned =
          state.halt === undefined
            ? state
            : { ...state, halt: { ...state.halt, regions: state.halt.regions.toReversed() } }
        const decision = decide(turned, facts, policy, now)
        return decision.reason === 'alarm-on-release'
          ? { ...decision, events: decision.events.filter((e) => e.type !== 'rollback-started'), pins: [] }
          : decision
      },
    },
  ],
]

describe('the model notices', () => {
  it.each(mutants)(
    'when %s',
    (_name, invariant, change) => {
      const result = explore(config, start, { ...rules, ...change }, { releases: 2, states: 20_000 })
      expect(result.broken.map((b) => `${b.invariant}: ${b.path.length} steps`).join('\n')).toContain(
        invariant,
      )
    },
    120_000,
  )
})

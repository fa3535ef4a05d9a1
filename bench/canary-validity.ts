/**
 * The promises of the judge as properties: `npm run -s bench:canary-validity [-- --worlds 10000] [--seed N]`. Each is refuted
 * only when the exact binomial 99.9 % lower bound of the measured share lies above what is claimed; one JSON line each.
 */
import { parseArgs } from 'node:util'
import { binomialLower, judge } from '../src/canary/index.ts'
import { properties } from './canary/properties.ts'

const { values } = parseArgs({
  options: {
    worlds: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '20261121' },
  },
})
const worlds = Number(values.worlds)

for (const [at, property] of properties.entries()) {
  const seed = Number(values.seed) + at * 1_000_000
  let alarms = 0
  for (let world = 0; world < worlds; world++) {
    const { policy, blocks, history } = property.world(seed + world)
    if (judge(policy, blocks, history).at(-1)?.alarm !== undefined) alarms++
  }
  const atLeast = binomialLower(alarms, worlds, 0.001)
  const holds = atLeast <= property.claimed
  if (!holds) process.exitCode = 1
  const figure = { property: property.name, claimed: property.claimed, worlds, seed, alarms }
  console.log(JSON.stringify({ bench: 'canary-validity', ...figure, share: alarms / worlds, atLeast, holds }))
}

/**
 * A Tuesday of many services on one GitOps repository and on shards of it, in simulated time and with GitHub's limits:
 * one JSON line a layout. `node bench/fleet.ts [seed]`
 */
import { github } from './fleet/limits.ts'
import { simulate } from './fleet/tuesday.ts'

const [seed = 1] = process.argv.slice(2).map(Number)
const layouts = [
  ...[10, 50, 100, 200, 500, 1000, 2000].flatMap((services) => [
    { services, shards: 1, tokens: 1, writer: 'api' as const },
    { services, shards: 1, tokens: 1, writer: 'push' as const },
  ]),
  { services: 500, shards: 5, tokens: 1, writer: 'api' as const },
  { services: 500, shards: 5, tokens: 5, writer: 'api' as const },
  { services: 500, shards: 10, tokens: 10, writer: 'api' as const },
  { services: 500, shards: 5, tokens: 1, writer: 'push' as const },
  { services: 2000, shards: 20, tokens: 20, writer: 'api' as const },
  { services: 2000, shards: 40, tokens: 40, writer: 'api' as const },
  { services: 2000, shards: 20, tokens: 1, writer: 'push' as const },
]
for (const layout of layouts) {
  console.log(
    JSON.stringify({ bench: 'fleet', seed, ...layout, ...simulate({ ...layout, limits: github, seed }) }),
  )
}

import { createHash } from 'node:crypto'
import type { Rig } from '../rig/index.ts'
import type { Digest } from '../src/release/index.ts'
import { makeSite, type Site } from './site.ts'

export const madeUp = (name: string): Digest =>
  `sha256:${createHash('sha256').update(name).digest('hex')}` as Digest

/**
 * For tests whose subject begins when a release is on its way already: no builder and no databases. Digests are made
 * up, since pods of the rig pull nothing.
 */
export function bareSite(rig: Rig, say: (line: string) => void): Promise<Site> {
  const making = {
    name: 'bare-site',
    pace: { holds: { 5: '1s', 25: '1s', 50: '1s' }, bake: '1s', bakeRequests: 1 },
    databaseEnv: undefined,
    requestsPerSecond: () => 200,
    env: async () => ({}),
    digest: async () => madeUp('baseline'),
  }
  return makeSite(rig, making, say)
}

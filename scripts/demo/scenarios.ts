import type { RegionEvidence } from '../../src/report/index.ts'
import { type StandInSite, standInStory } from '../../testkit/site/index.ts'
import {
  approve,
  badRelease,
  type Expectation,
  goodRelease,
  keptFacts,
  release,
  type Tick,
  tickUntil,
} from '../../testkit/workflows/index.ts'
import { evidenceOf } from './evidence.ts'
import type { Progress } from './progress.ts'

export interface Told {
  readonly digest: string
  readonly evidence: readonly RegionEvidence[]
  readonly expectations: readonly Expectation[]
}

/** Of the ten minutes for which a fact counts in the example. */
const keptMs = 8 * 60_000

/** Scenario 1: a release without a fault, from a commit to the last region. */
export async function goodScenario(site: StandInSite, told: Progress): Promise<Told> {
  told.title('A good release')
  const change = { 'src/change.txt': 'A change that is good.\n' }
  const { proposed, ticks } = await carry(site, told, change, () => {}, 'train-done')
  const expectations = told.checked(goodRelease(await standInStory(site), proposed))
  return { digest: proposed.digest, evidence: evidenceFrom(ticks, proposed.release), expectations }
}

/** The morning after the first train has ended on which the next one may start: Tuesday, 9:00 in New York. */
const secondStart = new Date('2026-11-24T14:00:00.000Z')

/** Scenario 2: the next one answers every twentieth request with an error. */
export async function badScenario(site: StandInSite, told: Progress, stable: string): Promise<Told> {
  told.title('A bad release: its pods answer 5 % of the requests with an error')
  site.time.jumpTo(secondStart)
  const change = { 'src/change.txt': 'A change that is bad.\n' }
  const spoil = (digest: string) =>
    site.parts.load.setBehaviour(digest, { errorRate: 0.05, latencySeconds: 0.02 })
  const { proposed, ticks } = await carry(site, told, change, spoil, 'halted')
  const expectations = told.checked(badRelease(await standInStory(site), proposed, stable))
  return { digest: proposed.digest, evidence: evidenceFrom(ticks, proposed.release), expectations }
}

async function carry(
  site: StandInSite,
  told: Progress,
  change: Readonly<Record<string, string>>,
  built: (digest: string) => void,
  end: string,
) {
  told.clock(site.time.now())
  const commit = site.service.commit('a change', change)
  const { layout, digest } = await site.layoutOf(commit)
  built(digest)
  const proposed = await release(site, { commit, build: { layout }, author: 'ada' })
  await approve(site, proposed, 'grace')
  const ticks: Tick[] = []
  await tickUntil(site, [end], {
    ticks: 120,
    facts: keptFacts(site, keptMs),
    bakeMs: site.config.train.bakeMs,
    onTick: (tick) => {
      ticks.push(tick)
      told.tick(tick)
    },
    onJump: told.clock,
  })
  return { proposed, ticks }
}

function evidenceFrom(ticks: readonly Tick[], id: string): readonly RegionEvidence[] {
  return ticks.flatMap(({ step, region, work }) =>
    step === 'canary' && work !== undefined ? [evidenceOf(region, id, work)] : [],
  )
}

import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { attachRig } from '../rig/index.ts'
import { bareSite, madeUp } from './bare-site.ts'
import { type Hands, hands } from './hands.ts'
import { type Durations, disturbed, killSeed, mean, undisturbed } from './kill.ts'
import { answering, running } from './seen.ts'
import type { Site } from './site.ts'
import { type RunAction, story, told } from './story.ts'

let site: Site
let by: Hands
beforeAll(async () => {
  site = await bareSite(attachRig(inject('rig')), (line) => console.log(line))
  by = hands(site)
})
afterAll(() => site?.close())

/** What is left when a story has been told: in the ledger, in Git, and in front of customers. */
async function end(name: string, run: RunAction) {
  const before = await site.ledger()
  await story(site, by, madeUp(name), run)
  const { events, state, snapshot } = await site.ledger()
  const range = `${before.snapshot.head}..${snapshot.head}`
  const commits = execFileSync('git', ['-C', site.gitops.path, 'rev-list', '--count', range], {
    encoding: 'utf8',
  })
  const environments = Object.values(site.config.environments).filter(({ production }) => production)
  const serving = async (namespace: string) => ({
    traffic: await answering(site.rig, namespace),
    pods: await running(site.rig, namespace, ['delivery-outbox-relay', 'delivery-event-projector']),
  })
  await site.rig.waitFor('requests on one release alone', 20, async () => {
    const seen = await Promise.all(environments.map(({ namespace }) => answering(site.rig, namespace)))
    if (seen.every((digests) => digests.length === 1)) return true
    throw new Error(`requests go to ${JSON.stringify(seen)}`)
  })
  return {
    told: told(events.slice(before.events.length)),
    commits: Number(commits),
    pins: Object.fromEntries(environments.map(({ name }) => [name, state.regions[name]?.pins])),
    phases: Object.fromEntries(environments.map(({ name }) => [name, state.regions[name]?.phase])),
    served: await Promise.all(environments.map(({ namespace }) => serving(namespace))),
  }
}

test('killed at twenty points or more and run again, a release and its rollback end as if nothing had happened', async () => {
  const durations: Durations = new Map()
  const wanted = await end('nobody disturbs it', undisturbed(site, durations))
  expect(new Set(wanted.served.flatMap(({ traffic }) => traffic))).toEqual(new Set([site.baseline.digest]))
  site.say(
    `undisturbed: ${[...durations].map(([kind, ms]) => `${kind} ${Math.round(mean(ms))} ms`).join(', ')}`,
  )

  const seed = killSeed()
  site.say(`KILL_SEED=${seed}`)
  const { run, kills } = disturbed(site, { seed, durations })
  expect(await end('killed', run)).toEqual(wanted)
  const wrote = kills.filter((kill) => kill.wrote).length
  site.say(`${kills.length} kills, ${wrote} of them after the first commit of the run`)
  expect(kills.length).toBeGreaterThanOrEqual(20)
  expect(kills.filter(({ kind }) => kind === 'rollback').length).toBeGreaterThanOrEqual(2)
  expect(new Set(kills.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(6)
}, 1_800_000)

import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { attachRig } from '../rig/index.ts'
import type { Digest } from '../src/release/index.ts'
import type { BundleRun } from '../testkit/runner/index.ts'
import { passed, rollback, rollout } from '../testkit/workflows/index.ts'
import { bareSite, madeUp } from './bare-site.ts'
import { type QuickTrain, quickTrain } from './quick-train.ts'
import { answering, application, everRun, running, throughout } from './seen.ts'
import type { Site } from './site.ts'

let site: Site
let train: QuickTrain
beforeAll(async () => {
  site = await bareSite(attachRig(inject('rig')), (line) => console.log(line))
  train = quickTrain(site)
})
afterEach(() => train.cleared())
afterAll(() => site?.close())

const inputs = { person: 'grace', reason: 'orders fail' }
const workloads = () => site.config.workloads.map(({ name }) => name)
const followers = () => workloads().slice(1)
const namespaceOf = (region: string) => site.config.environments[region]?.namespace ?? ''
const applicationOf = (region: string) => site.config.environments[region]?.argocd.application ?? ''

interface Report {
  readonly region: string
  readonly ok: boolean
  readonly seconds: number
  readonly abortSeconds?: number
}

const reports = (run: BundleRun): readonly Report[] => JSON.parse(run.outputs.regions ?? '[]')

/** The one command, and what it says of itself. */
async function back(
  more: Readonly<Record<string, string>>,
): Promise<{ run: BundleRun; reports: readonly Report[] }> {
  const began = performance.now()
  const run = await rollback(site, { ...inputs, ...more })
  const seconds = (performance.now() - began) / 1000
  site.say(`rollback ${JSON.stringify(more)}: ${seconds.toFixed(1)} s ${JSON.stringify(reports(run))}`)
  expect(run.outputs).toMatchObject({ verdict: 'pass', 'reason-code': 'rolled-back' })
  return { run, reports: reports(run) }
}

/** By the rig itself: requests, pods and Argo CD, for longer than self-heal would need to take it back. */
async function servesOnly(regions: readonly string[], digest: Digest): Promise<void> {
  await site.rig.waitFor('requests on the old release alone', 10, async () => {
    const seen = await Promise.all(regions.map((region) => answering(site.rig, namespaceOf(region))))
    return seen.every((each) => each.length === 1 && each[0] === digest) ? true : undefined
  })
  await throughout(6, async () => {
    for (const region of regions) {
      // A busy machine misses scrapes; what must not be is an answer of another digest.
      const others = (await answering(site.rig, namespaceOf(region))).filter((each) => each !== digest)
      expect(others, region).toEqual([])
      // Pods of a canary stay up for a while after an abort; requests do not reach them.
      const pods = await running(site.rig, namespaceOf(region), followers())
      expect(pods, region).toEqual(Object.fromEntries(followers().map((name) => [name, [digest]])))
    }
  })
  for (const region of regions) {
    const { spec } = await application(site.rig, applicationOf(region))
    expect(spec.syncPolicy?.automated?.selfHeal).toBe(true)
    await site.rig.waitFor(`${region} to be Synced`, 20, async () => {
      const { status } = await application(site.rig, applicationOf(region))
      return status?.sync?.status === 'Synced' ? true : undefined
    })
  }
}

/** Halt and veto once, then each region back in this order, each begun before it was done. */
async function writtenDown(
  digest: Digest,
  regions: readonly string[],
  how: 'in flight' | 'finished' | 'fast',
): Promise<void> {
  const { events, state } = await site.ledger()
  const since = events.findLastIndex(({ type }) => type === 'halted')
  const after = events
    .slice(since)
    .map((event) => ('region' in event ? `${event.type} ${event.region}` : event.type))
  // The train of a finished release has ended by itself before.
  const halt = how === 'in flight' ? ['halted', 'vetoed', 'train-ended'] : ['halted', 'vetoed']
  expect(after.slice(0, halt.length)).toEqual(halt)
  const steps = after.slice(halt.length)
  if (how === 'fast') {
    expect(steps.slice(0, regions.length)).toEqual(regions.map((region) => `rollback-started ${region}`))
    expect(steps.slice(regions.length).sort()).toEqual(
      regions.map((region) => `rolled-back ${region}`).sort(),
    )
  } else {
    expect(steps).toEqual(
      regions.flatMap((region) => [`rollback-started ${region}`, `rolled-back ${region}`]),
    )
  }
  expect(events[since]).toMatchObject({ person: 'grace', why: 'orders fail', regions, auto: false })
  expect(state.vetoed.map((each) => each.digest)).toContain(digest)
  expect(state.halt?.regions).toEqual([])
  for (const region of site.regions) {
    const pins = Object.fromEntries(workloads().map((name) => [name, site.baseline.digest]))
    expect(state.regions[region]).toMatchObject({ phase: 'steady', pins: { workloads: pins } })
  }
}

describe('rollback as one command', () => {
  test.each([5, 25])(
    'takes a canary at %i % out of traffic, then pins the release before it',
    async (weight) => {
      const digest = madeUp(`in flight at ${weight} %`)
      await train.ready(digest)
      await train.canaryIn('prod-us', weight)
      const { reports: seen } = await back({})
      expect(seen).toMatchObject([{ region: 'prod-us', ok: true }])
      expect(seen[0]?.abortSeconds).toBeGreaterThan(0)
      await servesOnly(site.regions, site.baseline.digest)
      await writtenDown(digest, ['prod-us'], 'in flight')
      for (const follower of followers())
        expect(await everRun(site.rig, namespaceOf('prod-us'), follower), follower).not.toContain(digest)
    },
  )

  test.each([false, true])('brings all four regions of a finished release back (fast: %s)', async (fast) => {
    const digest = madeUp(`finished, fast: ${fast}`)
    await train.ready(digest)
    for (const region of site.regions) await train.verifiedIn(region)
    await servesOnly(site.regions, digest)
    const reversed = site.regions.toReversed()
    const { reports: seen } = await back({ fast: String(fast) })
    expect(seen).toMatchObject(reversed.map((region) => ({ region, ok: true })))
    await servesOnly(site.regions, site.baseline.digest)
    await writtenDown(digest, reversed, fast ? 'fast' : 'finished')
    const before = (await site.ledger()).snapshot.head
    expect((await rollback(site, inputs)).outputs).toMatchObject({ 'reason-code': 'nothing-to-do' })
    expect((await site.ledger()).snapshot.head).toBe(before)
  })

  test('a vetoed digest is not released again', async () => {
    const digest = madeUp('finished, fast: true')
    const proposed = await rollout(site, 'propose', { digest, person: 'bob' })
    expect(proposed.outputs).toMatchObject({ verdict: 'fail', 'reason-code': 'digest-vetoed' })
    expect(passed('status', await rollout(site, 'status')).outputs.verdict).toBe('pass')
  })
})

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { attachRig, type Rig } from '../rig/index.ts'
import { readLedger } from '../src/ledger/index.ts'
import { unwrap } from '../src/release/index.ts'
import { approve, release, type Tick, tickUntil } from '../testkit/workflows/index.ts'
import { type RigSite, rigSite } from './rig-site.ts'
import { answering, everRun, running } from './seen.ts'

const minutes = 60_000
const say = (line: string) => console.log(line)

let rig: Rig
let site: RigSite
beforeAll(async () => {
  rig = attachRig(inject('rig'))
  site = await rigSite(rig, say)
}, 5 * minutes)
afterAll(() => site?.close())

const ledger = async () =>
  unwrap(await readLedger(site.reader(), site.config.service, [], AbortSignal.timeout(120_000)))
const namespaceOf = (region: string) => site.config.environments[region]?.namespace ?? ''
const workloads = () => site.config.workloads.map(({ name }) => name)

/** A train starts on Tuesday, and an approval does not last a week: the people of this test approve on the day. */
function onNextTuesday(): void {
  const at = site.time.now()
  at.setUTCDate(at.getUTCDate() + ((2 - at.getUTCDay() + 7) % 7 || 7))
  at.setUTCHours(15, 0, 0, 0)
  site.time.jumpTo(at)
}

/** Ships a commit to its end, and answers the digest and every tick on the way. */
async function ship(message: string, until: readonly string[], bad: boolean) {
  const commit = site.service.commit(message, { 'src/change.txt': `${message}\n` })
  const proposed = await release(site, { commit, build: site.build, author: 'ada' })
  if (bad) await rig.load.setBehaviour(proposed.digest, { errorRate: 0.05, latencySeconds: 0.02 })
  await approve(site, proposed, 'grace')
  const ticks: Tick[] = []
  const onTick = (tick: Tick) => {
    ticks.push(tick)
    say(`${tick.step} ${tick.region} ${tick.verdict} ${tick.reason}: ${tick.message}`)
  }
  await tickUntil(site, until, { ticks: 200, onTick })
  return { ...proposed, commit, ticks }
}

describe('a release on the real parts, by the least-privilege account', () => {
  let good: Awaited<ReturnType<typeof ship>>

  test('a good one reaches 100 % in all four regions, in order and written down before it is done', {
    timeout: 12 * minutes,
  }, async () => {
    good = await ship('a good change', ['train-done'], false)
    const { events } = await ledger()
    const of = (type: string) =>
      events.flatMap((e) => (e.type === type && 'region' in e && e.region !== 'staging' ? [e.region] : []))
    const order = site.config.train.order
    for (const type of ['started', 'migration-done', 'canary-passed', 'live', 'verified']) {
      expect([type, of(type)]).toEqual([type, order])
    }
    expect(of('pinned')).toEqual(order.flatMap((region) => [region, region]))
    for (const region of order) {
      // Pods of the Rollout's release before are kept warm; the workers have none, and requests reach none.
      const workers = workloads().slice(1)
      const digests = Object.fromEntries(workers.map((name) => [name, [good.digest]]))
      expect(await running(rig, namespaceOf(region), workers)).toEqual(digests)
      expect(await answering(rig, namespaceOf(region))).toEqual([good.digest])
    }
    // Each region begins only when the one before it is verified.
    const steps = events.flatMap((e) =>
      (e.type === 'started' || e.type === 'verified') && e.region !== 'staging' ? [e.type] : [],
    )
    expect(steps).toEqual(order.flatMap(() => ['started', 'verified']))
  })

  test('one whose canary answers 5 % errors is aborted in prod-us and goes nowhere else', {
    timeout: 6 * minutes,
  }, async () => {
    onNextTuesday()
    const bad = await ship('a bad change', ['rolled-back', 'halted'], true)
    const gate = bad.ticks.findLast((tick) => tick.step === 'canary')
    expect(gate?.work?.outputs).toMatchObject({ verdict: 'fail', 'reason-code': 'canary-worse' })
    // The reason names the evidence: how many of the canary's requests were bad, beside the stable ones.
    expect(gate?.work?.stdout).toMatch(/\d+ of \d+ requests/)

    const { state, events } = await ledger()
    expect(state.halt).toMatchObject({ auto: true })
    expect(state.vetoed.map(({ digest }) => digest)).toEqual([bad.digest])
    const pinned = events.flatMap((e) =>
      e.type === 'pinned' && Object.values(e.pins.workloads).includes(bad.digest as never) ? [e.region] : [],
    )
    expect(pinned).toEqual(['prod-us'])

    const [first = '', ...others] = site.config.train.order
    const back = async () => {
      const digests = await answering(rig, namespaceOf(first))
      return digests.length === 1 && digests[0] === good.digest ? true : undefined
    }
    await rig.waitFor('all requests of prod-us to reach the release before', 60, back)
    for (const name of workloads().slice(1)) {
      expect(await everRun(rig, namespaceOf(first), name)).not.toContain(bad.digest)
    }
    for (const region of others) {
      for (const name of workloads()) {
        expect(await everRun(rig, namespaceOf(region), name)).not.toContain(bad.digest)
      }
    }
  })
})

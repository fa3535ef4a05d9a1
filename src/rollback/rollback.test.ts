import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readLedger, regionOf } from '../ledger/index.ts'
import { ok, unwrap } from '../release/index.ts'
import { type RollbackContext, rollBack } from './index.ts'
import {
  baseline,
  digestOf,
  environmentOf,
  openSite,
  pinsOf,
  regions,
  release,
  type TestSite,
} from './testing/site.ts'

let site: TestSite
beforeEach(async () => {
  site = await openSite()
})
afterEach(() => site.close())

describe('a rollback', () => {
  it.each([false, true])(
    'of a finished release brings every region back in reverse order (fast: %s)',
    async (fast) => {
      await site.stagedRelease()
      for (const region of regions) await site.verifiedIn(region)
      const outcome = unwrap(await rollBack(site.context(), site.request({ fast })))
      expect(outcome, site.lines.join('\n')).toMatchObject({ verdict: 'pass', reason: 'rolled-back' })
      expect(outcome.regions.map((each) => each.region)).toEqual(['eu', 'us'])
      for (const region of regions) await site.proved(region, baseline)
      const ledger = await site.state()
      expect(ledger.vetoed.map((each) => each.digest)).toEqual([release])
      for (const region of regions) {
        expect(regionOf(ledger, region)).toMatchObject({ phase: 'steady', pins: pinsOf(baseline) })
      }
      // Twice is once, with and without the digest.
      const before = await site.head()
      expect(unwrap(await rollBack(site.context(), site.request()))).toMatchObject({
        verdict: 'pass',
        reason: 'nothing-to-do',
      })
      expect(unwrap(await rollBack(site.context(), site.request({ digest: release })))).toMatchObject({
        reason: 'nothing-to-do',
      })
      expect(await site.head()).toBe(before)
    },
  )

  it('of a canary takes it out of traffic before anything is written, and the other workloads never ran it', async () => {
    await site.stagedRelease()
    await site.canaryIn('us')
    const outcome = unwrap(await rollBack(site.context(), site.request()))
    expect(outcome, site.lines.join('\n')).toMatchObject({
      verdict: 'pass',
      regions: [{ region: 'us', ok: true }],
    })
    expect(outcome.regions[0]?.abortSeconds).toBeGreaterThan(0)
    await site.proved('us', baseline)
    const [abortAt] = site.bench.cluster.requests.flatMap((each, index) =>
      each.method === 'PATCH' && each.url.endsWith('/rollouts/api/status') ? [index] : [],
    )
    const refreshes = site.bench.cluster.requests.flatMap((each, index) =>
      each.method === 'PATCH' && each.url.includes('/applications/') ? [index] : [],
    )
    expect(abortAt).toBeLessThan(refreshes.at(-1) ?? 0)
  })

  it('goes on after it died between any two of its steps', async () => {
    await site.stagedRelease()
    for (const region of regions) await site.verifiedIn(region)
    const died = new Error('killed')
    for (let allowed = 1; allowed < 8; allowed++) {
      let left = allowed
      const process = new AbortController()
      const dying: RollbackContext['journal'] = async (decide) => {
        if (left-- <= 0) throw died
        return site.context().journal(decide)
      }
      const run = rollBack(site.context({ journal: dying, signal: process.signal }), site.request())
      const ended = await run.catch((error: unknown) => error)
      process.abort(died)
      if (ended !== died) break
    }
    const outcome = unwrap(await rollBack(site.context(), site.request()))
    expect(outcome.verdict).toBe('pass')
    for (const region of regions) await site.proved(region, baseline)
    const ledger = unwrap(await readLedger(site.repo, 'shop', [], site.signal))
    for (const type of ['halted', 'vetoed'] as const) {
      expect(ledger.events.filter((each) => each.type === type)).toHaveLength(1)
    }
    expect(ledger.events.filter((each) => each.type === 'rolled-back').map((each) => each.region)).toEqual([
      'eu',
      'us',
    ])
  })

  it('leaves a region alone whose pins somebody else changed, and brings the others back', async () => {
    await site.stagedRelease()
    for (const region of regions) await site.verifiedIn(region)
    await site.commit([], { us: pinsOf(digestOf(3)) })
    const outcome = unwrap(await rollBack(site.context(), site.request()))
    expect(outcome).toMatchObject({ verdict: 'fail', reason: 'pin-drift' })
    expect(outcome.regions).toMatchObject([
      { region: 'eu', ok: true },
      { region: 'us', ok: false },
    ])
    await site.proved('eu', baseline)
    const path = environmentOf('us').gitops.pins
    expect(unwrap(await site.repo.read([path], site.signal)).files.get(path)).toContain(digestOf(3))
  })

  it('says which region is not proved, and a later run ends it', async () => {
    await site.stagedRelease()
    for (const region of regions) await site.verifiedIn(region)
    const fault = { blame: 'world', reason: 'cluster-unreachable', cause: 'no route', next: 'later' } as const
    const away: RollbackContext['kube'] = async (name) =>
      name === 'eu' ? { ok: false, fault } : ok(site.kube)
    const outcome = unwrap(await rollBack(site.context({ kube: away }), site.request()))
    expect(outcome).toMatchObject({ verdict: 'unknown', reason: 'rollback-not-proved' })
    expect(outcome.why).toContain('eu: no route')
    await site.proved('us', baseline)
    expect(unwrap(await rollBack(site.context(), site.request()))).toMatchObject({
      verdict: 'pass',
      regions: [{ region: 'eu' }],
    })
    await site.proved('eu', baseline)
  })

  it('refuses a digest that the ledger does not know', async () => {
    const answer = await rollBack(site.context(), site.request({ digest: digestOf(7) }))
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'nothing-to-roll-back' } })
  })
})

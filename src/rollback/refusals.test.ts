import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connectKube } from '../cluster/index.ts'
import { type Fault, ok, unwrap } from '../release/index.ts'
import { type RollbackContext, type RollbackRequest, rollBack } from './index.ts'
import {
  baseline,
  digestOf,
  first,
  openSite,
  regions,
  release,
  second,
  type TestSite,
} from './testing/site.ts'

let site: TestSite
const opening = async () => {
  site = await openSite()
}
const closing = () => site.close()

const nothing = async () => {}

/** Releases r1 and r2 in every region, as the ledger writes them; clusters are not needed to refuse. */
async function twoVerified(): Promise<void> {
  for (const { id, digest } of [first, second]) {
    await site.stagedRelease({ id, digest, before: baseline })
    for (const region of regions) await site.writtenAsVerified(region, id, digest)
    await site.commit([{ type: 'train-ended', release: id, outcome: 'done' }])
  }
}

describe('a rollback refuses, and changes nothing,', () => {
  beforeAll(opening)
  afterAll(closing)
  // One ledger that grows from line to line.
  it.each<[string, () => Promise<void>, Partial<RollbackRequest>, Fault['reason']]>([
    ['when nothing was shipped', nothing, {}, 'nothing-to-roll-back'],
    ['a digest that the ledger does not know', twoVerified, { digest: digestOf(7) }, 'nothing-to-roll-back'],
    ['a region that is none', nothing, { regions: ['mars'] }, 'environment-unknown'],
    ['a target that is unknown', nothing, { to: 'r9' }, 'rollback-target-unknown'],
    [
      'a target that was never verified there',
      () => site.stagedRelease({ id: 'r3', digest: digestOf(4), before: baseline }),
      { to: 'r3' },
      'rollback-target-unverified',
    ],
    [
      'a target that was vetoed',
      () => site.commit([{ type: 'vetoed', digest: release, why: 'it leaks' }]),
      { to: 'r1' },
      'rollback-target-vetoed',
    ],
    [
      'when every release of the region was vetoed',
      () => site.commit([{ type: 'vetoed', digest: baseline, why: 'it leaks' }]),
      {},
      'no-rollback-target',
    ],
  ])('%s', async (_, before, asked, reason) => {
    await before()
    const head = await site.head()
    const answer = await rollBack(site.context(), site.request(asked))
    expect(answer).toMatchObject({ ok: false, fault: { reason } })
    expect(answer.ok ? '' : answer.fault.next).not.toBe('')
    expect(await site.head()).toBe(head)
  })
})

describe('a rollback does the most that can be done, and says what is left,', () => {
  beforeEach(opening)
  afterEach(closing)
  const refused: Fault = {
    blame: 'world',
    reason: 'gitops-rejected',
    cause: 'The branch is protected.',
    next: 'Let it push.',
  }
  /** Reads, and every write is refused. */
  const readOnly = (): RollbackContext['journal'] => async (decide) => {
    const answer = await site.context().journal(async (ledger, now) => {
      const decided = await decide(ledger, now)
      return decided.ok && decided.value.events.length > 0 ? { ok: false, fault: refused } : decided
    })
    return answer
  }

  it('when Git refuses the pin of a canary: it is out of traffic', async () => {
    await site.stagedRelease()
    await site.canaryIn('us')
    const outcome = unwrap(await rollBack(site.context({ journal: readOnly() }), site.request()))
    expect(outcome).toMatchObject({ verdict: 'unknown', reason: 'gitops-rejected', next: 'Let it push.' })
    expect(outcome.why).toContain('The branch is protected')
    expect(await site.shareOf('us', release)).toBe(0)
    expect((await site.state()).vetoed).toEqual([])
  })

  it('when Git refuses the pin of a finished release and nothing heals: it serves the target', async () => {
    await site.stagedRelease()
    await site.verifiedIn('us')
    await site.withoutSelfHeal('us')
    const asked = site.request({ regions: ['us'] })
    const outcome = unwrap(await rollBack(site.context({ journal: readOnly() }), asked))
    expect(outcome).toMatchObject({ verdict: 'unknown', reason: 'gitops-rejected' })
    expect(outcome.why).toContain('serves 111111111111 now, but Git')
    await site.proved('us', baseline)
  })

  it('when Git refuses the pin of a finished release and Argo CD heals: it says so and does not fight', async () => {
    await site.stagedRelease()
    await site.verifiedIn('us')
    const asked = site.request({ regions: ['us'] })
    const outcome = unwrap(await rollBack(site.context({ journal: readOnly() }), asked))
    expect(outcome).toMatchObject({ verdict: 'unknown', reason: 'gitops-rejected' })
    expect(outcome.why).toContain('serves 222222222222 100 %')
    expect(await site.shareOf('us', release)).toBe(1)
  })

  it('when the credentials of a cluster have expired: the others go back, its pin stands', async () => {
    await site.stagedRelease()
    for (const region of regions) await site.verifiedIn(region)
    const text = site.bench.cluster.kubeconfig({ us: {} }).replaceAll(site.bench.cluster.token, 'run-out')
    const expired = await connectKube({ kubeconfig: { text }, context: 'us', clock: site.clock })
    const kube: RollbackContext['kube'] = async (name) => (name === 'eu' ? expired : ok(site.kube))
    const outcome = unwrap(await rollBack(site.context({ kube }), site.request()))
    expect(outcome).toMatchObject({ verdict: 'unknown', reason: 'rollback-not-proved' })
    expect(outcome.regions.find(({ region }) => region === 'eu')).toMatchObject({
      ok: false,
      reason: 'credentials-expired',
    })
    await site.proved('us', baseline)
    expect((await site.state()).regions.eu).toMatchObject({ phase: 'rolling-back' })
    expect(unwrap(await rollBack(site.context(), site.request()))).toMatchObject({
      verdict: 'pass',
      regions: [{ region: 'eu', ok: true }],
    })
  })

  it('when the registry holds the newest target no more: the next one is taken, and the only one all the same', async () => {
    await twoVerified()
    await site.stagedRelease({ id: 'r3', digest: digestOf(4), before: baseline })
    for (const region of regions) await site.writtenAsVerified(region, 'r3', digestOf(4))
    const present: RollbackContext['present'] = async (digest) => digest !== second.digest
    const asked = site.request({ fast: true })
    const bounds = { observedMs: 1_000, servedMs: 1_000 }
    const outcome = unwrap(await rollBack(site.context({ present, bounds }), asked))
    expect(outcome.regions.map(({ release: to }) => to)).toEqual(['r1', 'r1'])
  })
})

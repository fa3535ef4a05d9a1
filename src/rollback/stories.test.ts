import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readPins } from '../gitops/index.ts'
import { readLedger, regionOf } from '../ledger/index.ts'
import { unwrap } from '../release/index.ts'
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

/** Ledger, Git and the clusters say the same. */
async function agree(digest = baseline): Promise<void> {
  const files = regions.map((region) => environmentOf(region).gitops.pins)
  const { state, snapshot } = unwrap(await readLedger(site.repo, 'shop', files, site.signal))
  for (const region of regions) {
    await site.proved(region, digest)
    expect(regionOf(state, region)).toMatchObject({ phase: 'steady', pins: pinsOf(digest) })
    const pins = unwrap(readPins(snapshot.files.get(environmentOf(region).gitops.pins) ?? ''))
    expect(Object.fromEntries(pins.digests)).toEqual(pinsOf(digest).workloads)
  }
}

async function finished(): Promise<void> {
  await site.stagedRelease()
  for (const region of regions) await site.verifiedIn(region)
}

const events = async () => unwrap(await readLedger(site.repo, 'shop', [], site.signal)).events

describe('a rollback', () => {
  it('that two people ask for at once happens once', async () => {
    await finished()
    const answers = await Promise.all(
      ['ada', 'bob'].map((person) => rollBack(site.context(), site.request({ person, fast: true }))),
    )
    for (const answer of answers) expect(unwrap(answer).verdict, site.lines.join('\n')).toBe('pass')
    await agree()
    for (const type of ['halted', 'vetoed'] as const)
      expect((await events()).filter((each) => each.type === type)).toHaveLength(1)
    expect((await events()).filter((each) => each.type === 'rolled-back')).toHaveLength(regions.length)
  })

  it('that is killed, and meets a new release when it is run again, ends what it began and blames nothing else', async () => {
    await site.stagedRelease()
    await site.canaryIn('us')
    const killed = new AbortController()
    let writes = 0
    const dying: RollbackContext['journal'] = async (decide) => {
      const answer = await site.context().journal(decide)
      // The halt, the veto and the pin are written; nothing else is.
      if (++writes === 2) killed.abort(new Error('killed'))
      return answer
    }
    const cut = rollBack(site.context({ journal: dying, signal: killed.signal }), site.request())
    await expect(cut).rejects.toThrow('killed')
    expect((await site.state()).regions.us).toMatchObject({ phase: 'rolling-back' })
    await site.stagedRelease({ id: 'r2', digest: digestOf(3), before: baseline })
    const outcome = unwrap(await rollBack(site.context(), site.request()))
    expect(outcome.verdict, site.lines.join('\n')).toBe('pass')
    await agree()
    const { halt, vetoed, train } = await site.state()
    expect(halt).toMatchObject({ release: 'r1', regions: [] })
    expect(vetoed.map(({ digest }) => digest)).toEqual([release])
    expect(train).toMatchObject({ release: 'r2', started: [] })
  })

  it('is not undone by a second apply of what Git says', async () => {
    await finished()
    unwrap(await rollBack(site.context(), site.request({ fast: true })))
    for (const region of regions) await site.refresh(region)
    await agree()
    for (const region of regions) expect(await site.shareOf(region, release)).toBe(0)
    expect((await site.state()).vetoed.map((each) => each.digest)).toEqual([release])
  })
})

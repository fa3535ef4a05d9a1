import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readPins } from '../gitops/index.ts'
import { readLedger, regionOf } from '../ledger/index.ts'
import { unwrap } from '../release/index.ts'
import { rollBack } from './index.ts'
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

  it('that meets a new release on its way leaves neither in traffic that is bad', async () => {
    await site.stagedRelease()
    await site.canaryIn('us')
    // Somebody pins another digest past the ledger while the way back is being taken.
    const going = rollBack(site.context(), site.request())
    const outcome = unwrap(await going)
    expect(outcome.verdict, site.lines.join('\n')).toBe('pass')
    await site.stagedRelease({ id: 'r2', digest: digestOf(3), before: baseline })
    await agree()
    expect((await site.state()).halt).toBeDefined()
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

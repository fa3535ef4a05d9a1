import { setTimeout as sleep } from 'node:timers/promises'
import type { LedgerEvent } from '../src/ledger/index.ts'
import type { Digest } from '../src/release/index.ts'
import type { BundleRun } from '../testkit/runner/index.ts'
import type { Hands } from './hands.ts'
import { nextTuesday, type Site } from './site.ts'

/** Runs one shipped action to its end, however often it dies on the way. */
export type RunAction = (action: string, inputs: Readonly<Record<string, string>>) => Promise<BundleRun>

/**
 * One release from staging through two regions and back again. Every write to the ledger is a run of a shipped
 * action; only the canary itself is promoted by hand.
 */
export async function story(site: Site, by: Hands, digest: Digest, run: RunAction): Promise<void> {
  const { time } = site
  time.jumpTo(nextTuesday(time.now()))
  const commit = site.service.commit(`a change as ${digest.slice(7, 19)}`)
  const inRegion = { environment: 'prod-us', person: 'grace' }
  const mode = async (name: string, inputs: Readonly<Record<string, string>>) => {
    const ended = await run('region-rollout', { mode: name, ...inputs })
    if (ended.outputs.verdict === undefined) throw new Error(`${name}: ${ended.stdout.slice(-2000)}`)
    return ended.outputs
  }
  const must = async (name: string, inputs: Readonly<Record<string, string>>) => {
    const { verdict, 'reason-code': reason } = await mode(name, inputs)
    if (verdict !== 'pass') throw new Error(`${name} answered ${verdict} (${reason})`)
  }

  const artifact = { digest, 'source-sha': commit, 'config-sha': commit }
  await must('stage', { environment: site.staging, person: 'bob', wait: '2m', ...artifact })
  await must('propose', { digest, person: 'bob' })
  await must('approve', { digest, person: 'grace' })
  await must('hold', { ...inRegion, reason: 'a look at the dashboards' })
  await must('resume', { ...inRegion, reason: 'looks good' })
  for (const region of site.regions.slice(0, 2)) await carried(region)
  const back = await run('rollback', { person: 'grace', reason: 'orders fail' })
  if (back.outputs.verdict !== 'pass') throw new Error(`rollback: ${back.stdout.slice(-4000)}`)
  await must('resume', { person: 'grace', reason: 'understood' })

  async function carried(region: string): Promise<void> {
    let last = ''
    for (const end = performance.now() + 600_000; performance.now() < end; ) {
      const next = await mode('next', { facts: JSON.stringify(await by.facts()) })
      const { step = '', transition = '', until = '', verdict } = next
      last = `${verdict} ${next['reason-code']}`
      if (step === 'canary') {
        await by.promoteFully(region, digest)
        await must('record', { transition, outcome: 'pass', 'outcome-reason': 'canary-passed' })
      } else if (step === 'pin') await by.refresh(region)
      else if (await isVerified(site, region, digest)) return
      else if (step === 'none' && until !== '') time.jumpTo(new Date(until))
      else await sleep(200)
    }
    throw new Error(`${region} is not verified: ${last}`)
  }
}

async function isVerified(site: Site, region: string, digest: Digest): Promise<boolean> {
  const { state } = await site.ledger()
  return state.regions[region]?.verified.some((each) => each.digest === digest) ?? false
}

/** What was written, without what differs between two releases: who, where, what, in this order. */
export function told(events: readonly LedgerEvent[]): readonly string[] {
  return events.map((event) => {
    const parts = ['region', 'group', 'person', 'reason'] as const
    const named = event as unknown as Readonly<Record<string, unknown>>
    return [event.type, ...parts.map((part) => named[part]).filter((value) => value !== undefined)].join(' ')
  })
}

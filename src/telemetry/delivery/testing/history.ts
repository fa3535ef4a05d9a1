import { chance } from '../../../../testkit/chance/index.ts'
import { genesisHash, type LedgerEvent, type NewEvent } from '../../../ledger/index.ts'
import type { CommitSha, Digest } from '../../../release/index.ts'

export const order = ['us', 'eu', 'me', 'ap'] as const
const hour = 3_600_000

export interface History {
  readonly events: readonly LedgerEvent[]
  readonly commits: ReadonlyMap<string, readonly Date[]>
}

/**
 * Weeks of trains as a ledger has them: whole ones, some that fail in a canary, some that alarm later and go back,
 * some that a hotfix mends, some that never start. Not a run of decide(): what is measured from a log has to hold for
 * any log.
 */
export function history(seed: number, trains: number): History {
  const draw = chance(seed)
  const events: LedgerEvent[] = []
  const commits = new Map<string, readonly Date[]>()
  let at = Date.parse('2025-01-06T09:00:00Z')
  const log = (event: NewEvent) => {
    at += draw.whole(60_000, 40 * 60_000)
    const number = events.length + 1
    events.push({
      schema: 1,
      id: `shop/${number}`,
      transition: `t-${number.toString(16).padStart(16, '0')}`,
      at: new Date(at).toISOString(),
      actor: 'ada',
      run: 'https://ci/1',
      clock: 'simulated',
      prevHash: genesisHash('shop'),
      ...event,
    } as LedgerEvent)
  }
  for (let count = 1; count <= trains; count++) {
    const release = `r${count}`
    const digest = `sha256:${count.toString(16).padStart(64, '0')}` as Digest
    const sha = count.toString(16).padStart(40, '0') as CommitSha
    const artifact = { digest, configSha: sha }
    const pins = { configSha: sha, workloads: { api: digest } }
    const hotfix = draw.next() < 0.12
    commits.set(
      release,
      Array.from({ length: draw.whole(0, 9) }, () => new Date(at - draw.whole(1, 90) * hour)),
    )
    const kind = hotfix ? 'hotfix' : 'normal'
    log({
      type: 'staged',
      region: 'staging',
      release,
      ...artifact,
      sourceSha: sha,
      kind,
      author: 'ada',
      pins,
      base: sha,
    })
    log({ type: 'staging-verified', region: 'staging', release })
    log({ type: 'proposed', release, order: [...order], planHash: 'a'.repeat(64), person: 'ada' })
    if (draw.next() < 0.1) {
      log({ type: 'train-ended', release, outcome: 'superseded' })
      continue
    }
    const stop = draw.next() < 0.25 ? draw.whole(0, order.length - 1) : order.length
    const inCanary = draw.next() < 0.5
    const serving: string[] = []
    for (const [index, region] of order.entries()) {
      if (index > stop) break
      log({ type: 'started', release, region, day: new Date(at).toISOString().slice(0, 10) })
      if (draw.next() < 0.03) {
        log({ type: 'migration-failed', release, region, reason: 'migration-locked', why: 'no lock' })
        break
      }
      log({ type: 'pinned', release, region, group: 'lead', pins, base: sha })
      serving.push(region)
      if (index === stop && inCanary) {
        log({ type: 'canary-failed', release, region, reason: 'errors', why: 'too many' })
        break
      }
      log({ type: 'canary-passed', release, region, why: 'good' })
      log({ type: 'live', release, region })
      if (index === stop) break
      at += draw.whole(1, 20) * hour
      log({ type: 'verified', release, region, requests: 10 })
    }
    if (stop < order.length) {
      const back = serving.toReversed()
      log({
        type: 'halted',
        reason: 'alarm',
        why: 'burn',
        person: 'tuesday',
        auto: true,
        release,
        regions: back,
      })
      log({ type: 'train-ended', release, outcome: 'rolled-back' })
      for (const region of back) {
        log({
          type: 'rollback-started',
          region,
          target: { ...artifact, at: new Date(at).toISOString() },
          pins,
          base: sha,
        })
        // Some regions stay broken until the next release comes.
        const end = draw.next()
        if (end < 0.85) log({ type: 'rolled-back', region, ...artifact })
        else if (end < 0.9) log({ type: 'adopted', region, pins, ...artifact, person: 'grace' })
      }
      log({ type: 'cleared', why: 'mended', person: 'grace' })
    } else log({ type: 'train-ended', release, outcome: 'done' })
    at += draw.whole(8, 60) * hour
  }
  return { events, commits }
}

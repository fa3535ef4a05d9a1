import type { CommitSha, Digest } from '../../release/index.ts'
import type { NewEvent } from '../events.ts'
import { extendLog, genesisHash, type VerifiedLog } from '../log.ts'
import { emptyState } from '../state.ts'

const service = 'shop'
const digestOf = (n: number): Digest => `sha256:${String(n).repeat(64)}` as Digest
const shaOf = (n: number): CommitSha => String(n).repeat(40) as CommitSha
const pinsOf = (n: number) => ({ configSha: shaOf(n), workloads: { api: digestOf(n), relay: digestOf(n) } })
const regions = ['us', 'eu', 'ap', 'me']
const hash = 'a'.repeat(64)
const hour = 3_600_000

/** A service that ships week after week until its ledger has as many events as asked for. */
export function longLedger(events: number): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  let log: VerifiedLog = { state: emptyState(service, genesisHash(service)), events: [], logs: new Map() }
  let at = Date.parse('2023-01-03T10:00:00.000Z')
  const append = (batch: readonly NewEvent[]): void => {
    const author = {
      at: new Date(at),
      actor: 'bench',
      run: 'https://ci.example.com/1',
      clock: 'simulated',
    } as const
    const extended = extendLog(log, batch.slice(0, events - log.state.head.seq), author)
    for (const [path, text] of extended.files) files.set(path, text)
    log = extended.after
    at += 2 * hour
  }
  append(['staging', ...regions].map(adopted))
  for (let week = 1; log.state.head.seq < events; week++) {
    const release = `r${week}`
    append([staged(release)])
    append([{ type: 'staging-verified', region: 'staging', release }])
    append([{ type: 'proposed', release, order: regions, planHash: hash, person: 'ada' }])
    append([
      { type: 'approved', release, planHash: hash, person: 'grace', until: '2030-01-01T00:00:00.000Z' },
    ])
    for (const region of regions) for (const batch of moved(release, region, at)) append(batch)
    append([{ type: 'train-ended', release, outcome: 'done' }])
    at += 3 * 24 * hour
  }
  return files
}

function adopted(region: string): NewEvent {
  return { type: 'adopted', region, pins: pinsOf(9), digest: digestOf(9), configSha: shaOf(9), person: 'ada' }
}

function staged(release: string): NewEvent {
  const artifact = { digest: digestOf(1), configSha: shaOf(1), sourceSha: shaOf(2) }
  const rest = { kind: 'normal', author: 'ada', pins: pinsOf(1), base: shaOf(3) } as const
  return { type: 'staged', region: 'staging', release, ...artifact, ...rest }
}

function moved(release: string, region: string, at: number): readonly (readonly NewEvent[])[] {
  const of = { region, release }
  const pinned = { ...of, pins: pinsOf(1), base: shaOf(3) }
  return [
    [
      { type: 'started', ...of, day: new Date(at).toISOString().slice(0, 10) },
      { type: 'pinned', ...pinned, group: 'lead' },
    ],
    [{ type: 'canary-passed', ...of, why: 'no difference in 50000 requests' }],
    [{ type: 'pinned', ...pinned, group: 'followers' }],
    [{ type: 'live', ...of }],
    [{ type: 'verified', ...of, requests: 50_000 }],
  ]
}

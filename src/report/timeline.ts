import type { Config } from '../config/index.ts'
import { type LedgerState, type RegionState, regionOf, releaseOf } from '../ledger/index.ts'
import { type Digest, shortDigest } from '../release/index.ts'

/** What one region shows: one row of the timeline, the same in Markdown and on the page. */
export interface RegionRow {
  readonly region: string
  /** `done` verified on the train's release, `moving` on its way, `back` rolling back, `waiting` not begun, `held`. */
  readonly mark: 'done' | 'moving' | 'back' | 'waiting' | 'held'
  readonly phase: string
  readonly runs: string
  readonly since: string
}

const phases: Readonly<Record<RegionState['phase'], string>> = {
  steady: 'steady',
  migrating: 'migrating the database',
  migrated: 'migrated',
  pinned: 'canary',
  'canary-passed': 'canary passed',
  following: 'other workloads follow',
  baking: 'baking',
  'rolling-back': 'rolling back',
}

export function regionRows(state: LedgerState, config: Config): readonly RegionRow[] {
  return config.train.order.map((name) => {
    const region = regionOf(state, name)
    if (region === undefined)
      return { region: name, mark: 'waiting', phase: 'not adopted', runs: '-', since: '-' }
    return {
      region: name,
      mark: markOf(state, region),
      phase:
        region.hold === undefined ? phases[region.phase] : `held by ${region.hold.by}: ${region.hold.reason}`,
      runs: runsOf(state, region),
      since: region.since,
    }
  })
}

function markOf(state: LedgerState, region: RegionState): RegionRow['mark'] {
  if (region.hold !== undefined) return 'held'
  if (region.phase === 'rolling-back') return 'back'
  if (region.phase !== 'steady') return 'moving'
  const newest = state.train?.release ?? `r${state.releaseCount}`
  return region.verified.at(-1)?.release === newest && runsRelease(state, region, newest) ? 'done' : 'waiting'
}

function runsRelease(state: LedgerState, region: RegionState, id: string): boolean {
  const release = releaseOf(state, id)
  return (
    release !== undefined && Object.values(region.pins?.workloads ?? {}).every((d) => d === release.digest)
  )
}

/** `r7 3f9c0a…`, or both digests while the workloads differ. */
function runsOf(state: LedgerState, region: RegionState): string {
  const digests = [...new Set(Object.values(region.pins?.workloads ?? {}))]
  if (digests.length === 0) return '-'
  return digests.map((digest) => labelOf(state, digest)).join(' and ')
}

export function labelOf(state: LedgerState, digest: Digest): string {
  const release = Object.values(state.releases).findLast((r) => r.digest === digest)
  return release === undefined ? shortDigest(digest) : `${release.id} ${shortDigest(digest)}`
}

const signs: Readonly<Record<RegionRow['mark'], string>> = {
  done: '✅',
  moving: '🚂',
  back: '↩️',
  waiting: '⏳',
  held: '✋',
}

/** The train for the job summary. `why` and `until` say what it waits for. */
export function timelineMarkdown(
  state: LedgerState,
  config: Config,
  answer: { readonly why: string; readonly until?: Date },
): string {
  const { train, queue, halt } = state
  const release = train === undefined ? undefined : releaseOf(state, train.release)
  const lines = [
    release === undefined
      ? `**${config.service}**: no train.`
      : `**${config.service} ${release.id}** \`${shortDigest(release.digest)}\`, proposed by ${plain(train?.proposedBy ?? '')}, ${train?.approvals.length ?? 0} of ${config.approvals.required} approvals.`,
    '',
    '| | region | phase | runs | since |',
    '|---|---|---|---|---|',
    ...regionRows(state, config).map(
      (r) => `| ${signs[r.mark]} | ${r.region} | ${plain(r.phase)} | ${r.runs} | ${r.since} |`,
    ),
    '',
    plain(answer.why) + (answer.until === undefined ? '' : ` Next at ${times(config, answer.until)}.`),
  ]
  if (queue !== undefined) lines.push('', `${queue.release} waits behind it.`)
  if (halt !== undefined) lines.push('', `**Halted** by ${plain(halt.by)} at ${halt.at}: ${plain(halt.why)}`)
  return lines.join('\n')
}

/** A moment in UTC and in the zone of the train. */
function times(config: Config, at: Date): string {
  const local = at.toLocaleString('en-GB', {
    timeZone: config.train.timezone,
    dateStyle: 'medium',
    timeStyle: 'short',
  })
  return `${at.toISOString()} (${local} ${config.train.timezone})`
}

/** Text of people and servers must not become markup, a table border or a mention. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>|#@~]/g, (c) => `&#${c.charCodeAt(0)};`)
}

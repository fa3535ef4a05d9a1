import type { Config } from '../../config/index.ts'
import { type LedgerState, type RegionState, regionOf, releaseOf, sameArtifact } from '../../ledger/index.ts'
import type { Digest } from '../../release/index.ts'
import { releaseNumber } from '../rollback.ts'
import { digestOf, type World } from './world.ts'

export interface Broken {
  readonly invariant: string
  readonly what: string
}

interface Change {
  readonly before: World
  readonly after: World
  readonly config: Config
  readonly by: string
  /** The live alarm that the tick knew of. What came after it had looked is the next tick's. */
  readonly saw: Digest | undefined
}

/**
 * What must hold over every step, by what the world is and not by what the rules say of it. Numbers are those
 * of the table of invariants that the state machine was designed by.
 */
export function check(
  before: World,
  after: World,
  config: Config,
  by: string,
  saw?: Digest,
): readonly Broken[] {
  const change: Change = { before, after, config, by, saw }
  return Object.entries(invariants).flatMap(([invariant, holds]) => {
    const what = holds(change)
    return what === undefined ? [] : [{ invariant, what }]
  })
}

const invariants: Readonly<Record<string, (change: Change) => string | undefined>> = {
  'I1 one region at a time': ({ after, config }) => {
    const moving = config.train.order.filter((r) => isForward(regionOf(after.state, r)))
    return moving.length > 1 ? `${moving.join(' and ')} are under way` : undefined
  },
  'I2 a region starts after those before are verified on the same release': (change) =>
    each(started(change), (name) => {
      const { after, config } = change
      const release = releaseOf(after.state, after.state.train?.release ?? '')
      const before = orderOf(config).slice(0, orderOf(config).indexOf(name))
      const missing = before.find((r) => {
        const region = regionOf(after.state, r)
        const passedBy =
          region?.hold?.skip === true || (region?.excluded !== undefined && release?.kind === 'hotfix')
        return (
          !passedBy && !(region?.phase === 'steady' && region.verified.some((v) => v.release === release?.id))
        )
      })
      return missing === undefined ? undefined : `${name} started without ${missing}`
    }),
  'I3 nothing moves forward while halted': ({ before, after, config }) =>
    before.state.halt === undefined
      ? undefined
      : each(config.train.order, (r) =>
          forwardPin(before, after, r) ? `${r} was pinned forward` : undefined,
        ),
  'I4 the last region goes back first': (change) =>
    each(wentBack(change), (name) => {
      const { before, after, config } = change
      const bad = carriedRelease(before.state, name)
      const index = orderOf(config).indexOf(name)
      const still = config.train.order
        .slice(index + 1)
        .find((r) => bad !== undefined && carriedRelease(after.state, r) === bad)
      return still === undefined ? undefined : `${name} goes back while ${still} still has ${bad}`
    }),
  'I5 no bake is skipped': ({ before, after, config }) =>
    each(config.train.order, (r) => {
      const was = regionOf(before.state, r)
      const is = regionOf(after.state, r)
      const added = is?.verified.at(-1)
      if (was === undefined || is === undefined || added?.release === undefined) return undefined
      if (is.verified.length <= was.verified.length) return undefined
      const baked =
        was.phase === 'baking' && Date.parse(added.at) - Date.parse(was.since) >= config.train.bakeMs
      return baked ? undefined : `${r} was verified without its bake`
    }),
  'I6 one start a day': ({ after }) => {
    const days = after.state.starts.map((s) => s.day)
    return new Set(days).size === days.length ? undefined : `two regions started on ${days.at(-1)}`
  },
  'I7 only what was proven on staging is pinned': ({ before, after, config }) =>
    each(config.train.order, (r) => {
      if (!forwardPin(before, after, r)) return undefined
      const release = releaseOf(after.state, regionOf(after.state, r)?.release ?? '')
      return release?.stagingVerifiedAt === undefined ? `${r} runs what was not staged` : undefined
    }),
  'I8 the bake starts when the digest is live': ({ before, after, config }) =>
    each(config.train.order, (r) => {
      const region = regionOf(after.state, r)
      if (region?.phase !== 'baking' || regionOf(before.state, r)?.phase === 'baking') return undefined
      const served = Object.values(after.clusters[r]?.served ?? {})
      const digest = releaseOf(after.state, region.release ?? '')?.digest
      return served.every((d) => d === digest) ? undefined : `${r} bakes while it serves something else`
    }),
  'I9 at most two versions are pinned, three with a hotfix': ({ after, config }) => {
    const versions = new Set(
      config.train.order.flatMap((r) => Object.values(regionOf(after.state, r)?.pins?.workloads ?? {})),
    )
    return versions.size <= (after.hotfixed === true ? 3 : 2)
      ? undefined
      : `${versions.size} versions are pinned`
  },
  'I10 forward pins only grow': ({ before, after, config }) =>
    each(config.train.order, (r) => {
      const was = carriedRelease(before.state, r)
      const is = carriedRelease(after.state, r)
      if (!forwardPin(before, after, r) || was === undefined || is === undefined) return undefined
      return releaseNumber(is) < releaseNumber(was) ? `${r} went from ${was} to ${is}` : undefined
    }),
  'I11 what alarmed or failed is never pinned again': ({ before, after, config }) =>
    each(config.train.order, (r) => {
      if (!forwardPin(before, after, r)) return undefined
      const digests = Object.values(regionOf(after.state, r)?.pins?.workloads ?? {})
      return digests.some((d) => before.condemned?.includes(d))
        ? `${r} was pinned to what went back before`
        : undefined
    }),
  'I12 a region goes back to what was verified there and is good': (change) =>
    each(wentBack(change), (name) => {
      const { after } = change
      const region = regionOf(after.state, name)
      const pins = region?.pins
      const known = region?.verified.some(
        (v) =>
          pins !== undefined &&
          Object.values(pins.workloads).every((digest) =>
            sameArtifact({ digest, configSha: pins.configSha }, v),
          ),
      )
      if (known !== true) return `${name} goes back to what was never verified there`
      const digest = Object.values(pins?.workloads ?? {})[0]
      return digest !== undefined && after.condemned?.includes(digest)
        ? `${name} goes back to what is bad`
        : undefined
    }),
  'I13 only what is live is blamed': ({ before, after, by, saw }) => {
    const added = after.state.vetoed.slice(before.state.vetoed.length)
    return each(added, ({ digest }) =>
      by.includes('tick') && saw !== digest ? 'a digest was vetoed that did not alarm' : undefined,
    )
  },
  'I18 stale facts move nothing forward': ({ before, after, by, config }) =>
    by.startsWith('tick on stale facts')
      ? each(config.train.order, (r) => {
          const moved = forwardPin(before, after, r) || verifiedIn(after, r) > verifiedIn(before, r)
          return moved ? `${r} moved on stale facts` : undefined
        })
      : undefined,
  'I20 a region starts with an approval of this plan by another than the author': (change) =>
    each(started(change), (name) => {
      const { train } = change.after.state
      const author = releaseOf(change.after.state, train?.release ?? '')?.author
      const good = train?.approvals.some((a) => a.planHash === train.planHash && a.person !== author)
      return good === true ? undefined : `${name} started without an approval`
    }),
  'I25 nothing starts while the release alarms anywhere': (change) =>
    each(started(change), (name) => {
      const { after, saw } = change
      const digest = releaseOf(after.state, after.state.train?.release ?? '')?.digest
      return digest !== undefined && saw === digest ? `${name} started during an alarm` : undefined
    }),
  'T13 a held or excluded region is not moved forward': ({ before, after, config }) =>
    each(config.train.order, (r) => {
      const region = regionOf(before.state, r)
      const barred = region?.hold !== undefined || region?.excluded !== undefined
      return barred && forwardPin(before, after, r) ? `${r} was pinned forward` : undefined
    }),
  'T12 a hotfix never takes the place of a train between a pin and its bake': ({ before, after, config }) => {
    const was = before.state.train
    if (was === undefined || after.state.train?.release === was.release) return undefined
    if (releaseOf(after.state, after.state.train?.release ?? '')?.kind !== 'hotfix') return undefined
    // A train that ends otherwise leaves the hotfix behind it as well; only what moves is asked about.
    return each(config.train.order, (r) => {
      const phase = regionOf(after.state, r)?.phase
      return phase === 'pinned' || phase === 'canary-passed' || phase === 'following'
        ? `${r} is ${phase}`
        : undefined
    })
  },
  'the baseline is never vetoed': ({ after }) =>
    after.state.vetoed.some((v) => v.digest === digestOf(9)) ? 'the baseline was vetoed' : undefined,
}

function verifiedIn({ state }: World, region: string): number {
  return regionOf(state, region)?.verified.length ?? 0
}

function each<T>(items: readonly T[], of: (item: T) => string | undefined): string | undefined {
  return items.map(of).find((what) => what !== undefined)
}

/** Names as plain text, as the ledger has them. */
function orderOf(config: Config): readonly string[] {
  return config.train.order
}

function isForward(region: RegionState | undefined): boolean {
  return region !== undefined && region.phase !== 'steady' && region.phase !== 'rolling-back'
}

/** Regions that this step started. */
function started({ before, after }: Change): readonly string[] {
  const train = after.state.train
  if (train === undefined) return []
  const had = before.state.train?.release === train.release ? before.state.train.started.length : 0
  return train.started.slice(had)
}

function wentBack({ before, after, config }: Change): readonly string[] {
  return config.train.order.filter(
    (r) =>
      regionOf(after.state, r)?.phase === 'rolling-back' &&
      regionOf(before.state, r)?.phase !== 'rolling-back',
  )
}

function forwardPin(before: World, after: World, name: string): boolean {
  const was = regionOf(before.state, name)
  const is = regionOf(after.state, name)
  const same = was?.pins === is?.pins || JSON.stringify(was?.pins) === JSON.stringify(is?.pins)
  return !same && is?.phase !== 'rolling-back'
}

/** The newest release that the pins of a region name; undefined for the baseline alone. */
function carriedRelease(state: LedgerState, name: string): string | undefined {
  const digests = Object.values(regionOf(state, name)?.pins?.workloads ?? {})
  return Object.values(state.releases)
    .filter((r) => digests.includes(r.digest))
    .map((r) => r.id)
    .toSorted((a, b) => releaseNumber(a) - releaseNumber(b))
    .at(-1)
}

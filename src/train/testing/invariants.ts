import type { Config } from '../../config/index.ts'
import { type LedgerState, type RegionState, regionOf, releaseOf, sameArtifact } from '../../ledger/index.ts'
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
}

/**
 * What must hold over every step, by what the world is and not by what the rules say of it. Numbers are those
 * of the table of invariants that the state machine was designed by.
 */
export function check(before: World, after: World, config: Config, by: string): readonly Broken[] {
  const change: Change = { before, after, config, by }
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
  'I2 a region starts after the one before is verified on the same release': (change) =>
    each(started(change), (name) => {
      const { after, config } = change
      const index = orderOf(config).indexOf(name)
      const before = config.train.order[index - 1]
      const release = after.state.train?.release
      if (before === undefined) return undefined
      const region = regionOf(after.state, before)
      const seen = region?.verified.some((v) => v.release === release) && region.phase === 'steady'
      return seen ? undefined : `${name} started without ${before}`
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
  'I9 at most two versions are pinned': ({ after, config }) => {
    const versions = new Set(
      config.train.order.flatMap((r) => Object.values(regionOf(after.state, r)?.pins?.workloads ?? {})),
    )
    return versions.size <= 2 ? undefined : `${versions.size} versions are pinned`
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
  'I13 only what is live is blamed': ({ before, after, by }) => {
    const added = after.state.vetoed.slice(before.state.vetoed.length)
    return each(added, ({ digest }) => {
      const alarms = by.startsWith('tick') && before.alarming !== digest
      return alarms ? 'a digest was vetoed that did not alarm' : undefined
    })
  },
  'I18 stale facts move nothing forward': ({ before, after, by, config }) =>
    by === 'tick on stale facts'
      ? each(config.train.order, (r) => {
          const moved =
            forwardPin(before, after, r) ||
            regionOf(before.state, r)?.verified.length !== regionOf(after.state, r)?.verified.length
          return moved ? `${r} moved on stale facts` : undefined
        })
      : undefined,
  'I25 nothing starts while the release alarms anywhere': (change) =>
    each(started(change), (name) => {
      const { before, after } = change
      const digest = releaseOf(after.state, after.state.train?.release ?? '')?.digest
      return before.alarming === digest && digest !== undefined
        ? `${name} started during an alarm`
        : undefined
    }),
  'the baseline is never vetoed': ({ after }) =>
    after.state.vetoed.some((v) => v.digest === digestOf(9)) ? 'the baseline was vetoed' : undefined,
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
  const starts = after.state.starts
  const last = before.state.starts.at(-1)
  const from =
    last === undefined ? 0 : starts.findIndex((s) => s.at === last.at && s.region === last.region) + 1
  return starts.slice(from).map((s) => s.region)
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
  return JSON.stringify(was?.pins) !== JSON.stringify(is?.pins) && is?.phase !== 'rolling-back'
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

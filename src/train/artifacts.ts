import type { Config } from '../config/index.ts'
import {
  type Artifact,
  type LedgerState,
  type NewEvent,
  type Pins,
  type ReleaseState,
  regionOf,
  releaseOf,
  type SchemaClaims,
  sameArtifact,
  vetoOf,
} from '../ledger/index.ts'
import { type CommitSha, err, ok, type Result, shortDigest } from '../release/index.ts'
import { refusal, vetoed, type Wish } from './wish.ts'

/** What serves in a region becomes its verified baseline, and ends a drift. One digest in all workloads. */
export function adopt(
  state: LedgerState,
  config: Config,
  wish: { readonly region: string; readonly pins: Pins; readonly person: string; readonly reason?: string },
): Result<Wish> {
  const { region, pins, person } = wish
  const names = config.workloads.map((w) => w.name)
  const digests = new Set(
    names.map((n) => (Object.hasOwn(pins.workloads, n) ? pins.workloads[n] : undefined)),
  )
  const [digest] = digests
  if (digest === undefined || digests.size !== 1) {
    return err(
      refusal(
        'mixed-digests',
        `The pins of ${region} name ${digests.size} digests.`,
        'Pin all workloads to one digest first.',
      ),
    )
  }
  const known = regionOf(state, region)
  if (known !== undefined && known.phase !== 'steady') {
    return err(
      refusal('release-running', `${region} is ${known.phase}.`, 'Let the train finish there, or roll back.'),
    )
  }
  const artifact = { digest, configSha: pins.configSha }
  const veto = vetoOf(state, artifact)
  if (veto !== undefined) return err(vetoed(artifact, veto.why))
  const last = known?.verified.at(-1)
  const before = known?.pins
  const samePins =
    before !== undefined &&
    names.every((n) => before.workloads[n] === digest) &&
    before.configSha === pins.configSha
  const why = `${person} adopts ${shortDigest(digest)} as the baseline of ${region}`
  if (samePins && last !== undefined && sameArtifact(last, artifact)) return ok({ events: [], why })
  const event: NewEvent = {
    type: 'adopted',
    region,
    pins,
    digest,
    configSha: pins.configSha,
    person,
    ...(wish.reason && { why: wish.reason }),
  }
  return ok({ events: [event], why })
}

interface Origin {
  readonly sourceSha: CommitSha
  readonly author: string
  /** Set for a hotfix: what it is for. */
  readonly incident?: NonNullable<ReleaseState['incident']>
  /** What the release says of the schema; absent without migrations. */
  readonly claims?: SchemaClaims
}

/** A release on its way to staging, with a new number; none when the newest one is this very artifact. */
export function stage(
  state: LedgerState,
  config: Config,
  release: Artifact & Origin,
  at: { readonly region: string; readonly head: CommitSha },
): Result<Wish & { readonly pins?: Pins; readonly id: string }> {
  const veto = vetoOf(state, release)
  if (veto !== undefined) return err(vetoed(release, veto.why))
  const newest = releaseOf(state, `r${state.releaseCount}`)
  const label = shortDigest(release.digest)
  const kind = release.incident === undefined ? 'normal' : 'hotfix'
  if (newest !== undefined && newest.kind === kind && sameArtifact(newest, release)) {
    return ok({ events: [], why: `${newest.id} (${label}) was staged before`, id: newest.id })
  }
  const id = `r${state.releaseCount + 1}`
  const { digest, configSha, sourceSha, author, incident, claims } = release
  const pins: Pins = {
    configSha,
    workloads: Object.fromEntries(config.workloads.map((w) => [w.name, digest])),
  }
  const event: NewEvent = {
    type: 'staged',
    region: at.region,
    release: id,
    digest,
    configSha,
    sourceSha,
    kind: incident === undefined ? 'normal' : 'hotfix',
    author,
    ...(incident && { incident }),
    pins,
    base: at.head,
    ...(claims !== undefined && { claims }),
  }
  return ok({ events: [event], why: `${id} (${label}) is pinned on ${at.region}`, pins, id })
}

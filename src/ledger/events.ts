import { z } from 'zod'
import type { CommitSha, Digest } from '../release/index.ts'

/**
 * Raised when a reader of the version before could no longer understand an event. Older events stay readable:
 * a version only adds kinds and optional fields; what is newer than this stops the reader.
 * 2: hotfixes and their incidents, levels of the schema, revoked approvals, excluded regions, failover.
 */
export const eventSchemaVersion = 2

const digest = z.custom<Digest>(
  (v) => typeof v === 'string' && /^sha256:[0-9a-f]{64}$/.test(v),
  'not a digest',
)
const sha = z.custom<CommitSha>(
  (v) => typeof v === 'string' && /^[0-9a-f]{40}$/.test(v),
  'not a full commit id',
)

/** How a digest and a commit stand in what is read from outside. */
export { digest as digestForm, sha as commitForm }

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const name = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
const releaseId = z.string().regex(/^r[1-9][0-9]*$/)
/** Free text of a person or a server: bounded, so that a ledger line stays a line one can read. */
export const longestText = 2000
const text = z.string().min(1).max(longestText)
const person = z.string().min(1).max(200)
const instant = z.iso.datetime({ offset: false, precision: 3 })

const pins = z.strictObject({ configSha: sha, workloads: z.record(name, digest) })
const artifact = { digest, configSha: sha }
export const incident = z.strictObject({
  id: person,
  severity: z.enum(['P1', 'P2']),
  link: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .exactOptional(),
})
const target = z.strictObject({ ...artifact, release: releaseId.exactOptional(), at: instant })

const migration = z.int().min(0).max(999_999_999)
const sqlFile = z.string().min(1).max(300)
/** What a release says of the schema, as `migrate` with mode `lint` derives it from the folder of the migrations. */
export const schemaClaims = z.strictObject({
  version: z.literal(1),
  /** Number of the last migration that its code needs. */
  needs: migration,
  /** Steps of the folder that take something away, and the release since which nothing uses it. */
  contracts: z
    .array(
      z.strictObject({
        file: sqlFile,
        number: migration,
        unusedSince: releaseId.exactOptional(),
        pair: sqlFile.exactOptional(),
      }),
    )
    .max(200),
  floor: releaseId.exactOptional(),
})
export type SchemaClaims = z.infer<typeof schemaClaims>

const envelope = {
  schema: z.literal([1, eventSchemaVersion]),
  /** `<service>/<number>`; the number counts from 1 without a gap. */
  id: z.string().regex(/^[^/]+\/[1-9][0-9]*$/),
  /** What belongs to one transition of a region carries one id, from its decision to its outcome. */
  transition: z.string().regex(/^t-[0-9a-f]{16}$/),
  at: instant,
  /** Who or what ran the command, as the platform names it. */
  actor: person,
  /** Where its log is. */
  run: z.string().max(500),
  clock: z.enum(['machine', 'simulated']),
  /** sha256 of the line before; of the name of the ledger for the first line. */
  prevHash: hash,
}

function event<T extends string, S extends z.ZodRawShape>(type: T, shape: S) {
  return z.strictObject({ ...envelope, type: z.literal(type), ...shape })
}

const inRegion = { region: name, release: releaseId }

/** Every decision that the ledger knows. Facts are not events: they can be read again. */
export const ledgerEvent = z.discriminatedUnion('type', [
  /** A named person vouches for what serves a region now: its first verified release, or the end of a drift. */
  event('adopted', { region: name, pins, ...artifact, person, why: text.exactOptional() }),
  event('staged', {
    region: name,
    release: releaseId,
    ...artifact,
    sourceSha: sha,
    kind: z.enum(['normal', 'hotfix']),
    author: person,
    pins,
    base: sha,
    /** What a hotfix is for: it has one, a normal release has none. */
    incident: incident.exactOptional(),
    claims: schemaClaims.exactOptional(),
  }),
  event('staging-verified', inRegion),
  event('proposed', { release: releaseId, order: z.array(name).min(1), planHash: hash, person }),
  event('approved', {
    release: releaseId,
    planHash: hash,
    person,
    until: instant,
    /** Where the platform says who it was: a review, a run, a comment. */
    evidence: z.string().min(1).max(500).exactOptional(),
  }),
  event('revoked', { release: releaseId, person, why: text }),
  /** The region is the train's from here on; `day` is the calendar day of the train's zone that it uses up. */
  event('started', { ...inRegion, day: z.iso.date() }),
  event('migration-started', inRegion),
  /** `level`: the last migration that stands whole in the region's journal. */
  event('migration-done', { ...inRegion, why: text, level: migration.exactOptional() }),
  event('migration-failed', { ...inRegion, reason: text, why: text }),
  /** Same commit as the change of the pins file. `lead` is the canaried workload, `followers` are the rest. */
  event('pinned', { ...inRegion, group: z.enum(['lead', 'followers']), pins, base: sha }),
  event('canary-passed', { ...inRegion, why: text }),
  event('canary-failed', { ...inRegion, reason: text, why: text }),
  /** Every workload was observed to serve the digest: the bake clock starts at `at`. */
  event('live', inRegion),
  event('verified', { ...inRegion, requests: z.int().min(0) }),
  event('train-ended', {
    release: releaseId,
    outcome: z.enum(['done', 'rolled-back', 'cancelled', 'superseded', 'preempted', 'partial']),
    person: person.exactOptional(),
    why: text.exactOptional(),
  }),
  /** `skip`: the regions after it go on without it. */
  event('held', { region: name, reason: text, person, skip: z.boolean().exactOptional() }),
  event('resumed', { region: name, reason: text, person }),
  /** The region is down or must not be touched: normal trains wait, a hotfix goes past it. */
  event('excluded', { region: name, reason: text, person }),
  event('included', { region: name, reason: text, person }),
  /** `to` serves the traffic of `region`, with what it has verified; nothing is pinned by it. */
  event('failed-over', { region: name, to: name, reason: text, person }),
  event('failed-back', { region: name, reason: text, person }),
  /** `regions`: those that go back to their target, in this order, before the halt can be cleared. */
  event('halted', {
    reason: text,
    why: text,
    person,
    auto: z.boolean(),
    release: releaseId.exactOptional(),
    regions: z.array(name),
  }),
  event('cleared', { why: text, person }),
  event('vetoed', { digest, configSha: sha.exactOptional(), why: text, person: person.exactOptional() }),
  /** Same commit as the change of the pins file back to `target`. */
  event('rollback-started', { region: name, release: releaseId.exactOptional(), target, pins, base: sha }),
  event('rolled-back', { region: name, ...artifact }),
])

export type LedgerEvent = z.infer<typeof ledgerEvent>
export type EventType = LedgerEvent['type']
export type EventOf<T extends EventType> = Extract<LedgerEvent, { type: T }>

type EnvelopeKey = keyof typeof envelope
type Body<E> = E extends LedgerEvent ? Omit<E, EnvelopeKey> : never

/** An event as it is decided: the ledger adds number, time, actor and hash when it is appended. */
export type NewEvent = Body<LedgerEvent> & {
  /** Absent: a transition of its own. */
  readonly transition?: string
}

/** Who speaks, and by which clock: the part of the envelope that a run brings along. */
export interface Author {
  readonly at: Date
  readonly actor: string
  readonly run: string
  readonly clock: 'machine' | 'simulated'
}

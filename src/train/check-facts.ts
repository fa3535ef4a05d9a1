import { z } from 'zod'
import { digestForm as digest, commitForm as sha } from '../ledger/index.ts'

/**
 * Facts of the checklist that are not read off a region's cluster: each says what was found, when, and where a
 * person can look it up. Whoever finds them (canary-gate, a scanner, a review) writes them down; here they are
 * only decided on.
 */
const name = z.string().min(1).max(63)
const text = z.string().max(2000)
const amount = z.number().min(0)

const common = {
  version: z.literal(1),
  asOf: z.iso.datetime(),
  /** Where the finding stands: a run, a dashboard, an incident. */
  link: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .exactOptional(),
}

function check<T extends string, S extends z.ZodRawShape>(kind: T, shape: S) {
  return z.strictObject({ ...common, check: z.literal(kind), ...shape })
}

export const checkFact = z.discriminatedUnion('check', [
  /** Part of the error budget that is left over the window of the objective. */
  check('budget', { region: name, slo: name, remaining: z.number().max(1) }),
  /**
   * Load in requests a second: the peak of the last days, what one replica carries safely (both measured),
   * ready replicas, and how many the autoscaler may make of them.
   */
  check('capacity', {
    region: name,
    demand: amount,
    perReplica: z.number().positive(),
    ready: z.int().min(0),
    most: z.int().min(0),
  }),
  check('schema', { region: name, level: z.int().min(0) }),
  check('provenance', { digest, verified: z.boolean(), why: text }),
  check('incident', {
    open: z.array(z.strictObject({ id: text, severity: z.enum(['P1', 'P2', 'P3', 'P4']) })),
  }),
  /** `newestSample`: how fresh the newest sample was when somebody looked, and whether a test alert arrived. */
  check('telemetry', { region: name, newestSample: z.iso.datetime(), alerting: z.boolean() }),
  /** `asOf` is when the rollback was rehearsed. */
  check('drill', { passed: z.boolean() }),
  check('told', { digest, channel: text }),
  check('reviewed', { sourceSha: sha, people: z.array(text) }),
  check('tested', { digest, passed: z.boolean() }),
])

export type CheckFact = z.infer<typeof checkFact>
export type CheckKind = CheckFact['check']
export type FactOf<K extends CheckKind> = Extract<CheckFact, { check: K }>

/** The newest fact of a kind that is about this subject. */
export function newest<K extends CheckKind>(
  facts: readonly CheckFact[],
  kind: K,
  about: (fact: FactOf<K>) => boolean,
): FactOf<K> | undefined {
  const found = facts.filter((f): f is FactOf<K> => f.check === kind).filter(about)
  return found.toSorted((a, b) => Date.parse(a.asOf) - Date.parse(b.asOf)).at(-1)
}

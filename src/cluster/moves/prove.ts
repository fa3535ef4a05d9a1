import {
  type Clock,
  type Digest,
  err,
  ok,
  type Result,
  shortDigest,
  type WorkloadFacts,
} from '../../release/index.ts'
import { readWorkloads, type WorkloadRef } from '../facts.ts'
import type { Kube } from '../kube.ts'
import { until } from './until.ts'

/** True when the workload runs the digest and nothing else gets its traffic. */
export function serves(facts: WorkloadFacts, digest: Digest): boolean {
  return (
    facts.desired === digest &&
    facts.served.length === 1 &&
    facts.served[0]?.digest === digest &&
    facts.served[0].share === 1
  )
}

/** Reads until every workload serves the digest at 100 %, and says which one does not. */
export async function proveServed(
  context: { readonly kube: Kube; readonly clock: Clock; readonly signal: AbortSignal },
  at: { readonly namespace: string; readonly workloads: readonly WorkloadRef[] },
  digest: Digest,
  withinMs: number,
): Promise<Result<readonly WorkloadFacts[]>> {
  let last = 'nothing could be read'
  const proved = await until({ ...context, withinMs, everyMs: 250 }, async () => {
    const facts = await readWorkloads(context.kube, at, context.signal)
    if (!facts.ok) {
      last = facts.fault.cause
      return undefined
    }
    const other = facts.value.find((each) => !serves(each, digest))
    if (other === undefined) return facts.value
    last = describe(other)
    return undefined
  })
  if (proved !== undefined) return ok(proved)
  return err({
    blame: 'world',
    reason: 'serving-not-proved',
    cause: `Not every workload serves ${shortDigest(digest)}: ${last}.`,
    likely: 'Pods are not ready yet, or something else changed the image.',
    next: 'Look at the named workload; running again goes on from here.',
  })
}

function describe(facts: WorkloadFacts): string {
  const served = facts.served.map((each) => `${shortDigest(each.digest)} ${Math.round(each.share * 100)} %`)
  const dark = facts.dark > 0 ? [`nothing ${Math.round(facts.dark * 100)} %`] : []
  return `${facts.name} serves ${[...served, ...dark].join(', ') || 'nothing'} (${facts.state}: ${facts.why})`
}

import { headerOf, isGood, type Reply } from '../client/answer.ts'
import type { Prepared } from '../client/client.ts'
import { type Judgement, tellsExistence, worst } from '../oracle/judge.ts'
import type { Case } from '../types.ts'
import { ask } from '../world/session.ts'
import { strangersId, type Thing } from '../world/things.ts'
import { targetOf } from '../world/views.ts'
import { around } from '../world/world.ts'
import { attack, caseOf, filledOr, overrides, type Part, recipeFor, type Sent } from './part.ts'

/** Reads with an id of the other tenant in the path: alone, below an own parent, with its entity tag, as nobody. */
export async function readAttacks(part: Part): Promise<readonly Case[]> {
  const { session, world, operation, from, to } = part
  const resource = targetOf(session, operation)
  const victim = resource === undefined ? undefined : world.stable(to, resource)
  const named = operation.parameters.some(
    (one) => one.in === 'path' && session.graph.sourceOf(operation, one.name) === 'tenant',
  )
  if (victim === undefined && !named) return []
  const recipe = recipeFor(part)
  const tenant = session.identities[to].tenant
  const base = { side: from, recipe, pick: around(world, to, victim), tenant, sent: sentBy(part, victim) }
  const request = filledOr(part, base)
  if (request === undefined) return []
  const owners = await ask(session, request, to)
  if (!isGood(owners)) {
    const why = `the owner itself gets ${owners.ok ? owners.status : owners.why}, so a refusal would say nothing`
    return [caseOf(part, 'path-id', { verdict: 'inconclusive', why }, request, to)]
  }
  const sent = [await attack(part, request, 'object', { owners })]
  const mixed = victim === undefined ? undefined : mixedRequest(part, victim)
  if (mixed !== undefined && mixed.target !== request.target)
    sent.push(await attack(part, mixed, 'object', { owners }))
  const plain = worst(sent.map((one) => ({ ...one, verdict: one.judgement.verdict }))) ?? sent[0]
  if (plain === undefined) return []
  return [
    caseOf(part, 'path-id', await withExistence(part, plain, victim), plain.request),
    await overridden(part, base, owners),
    ...(await cached(part, request, owners)),
    await anonymous(part, request, owners),
  ]
}

/** Everything of the victim that stands in the request: an echo of it tells nothing. */
export function sentBy({ session, to }: Part, victim: Thing | undefined): readonly string[] {
  const chain = victim === undefined ? [] : [victim, ...victim.parents.values()]
  const values = chain.flatMap((thing) => [String(thing.id)])
  return [...values, session.identities[to].tenant]
}

/** The attacker's own parent and the victim's child: the check of the parent alone does not help. */
function mixedRequest(part: Part, victim: Thing): Prepared | undefined {
  const { world, from, to } = part
  const own = around(world, from, undefined)
  return filledOr(part, {
    side: from,
    recipe: recipeFor(part),
    pick: (resource) => (resource === victim.resource ? victim : own(resource)),
    sent: sentBy({ ...part, to }, victim),
  })
}

/** Adds what the refusal tells beside the refusal. */
export async function withExistence(
  part: Part,
  { reply, judgement }: Sent,
  victim: Thing | undefined,
): Promise<Judgement> {
  if (judgement.verdict !== 'pass' || victim === undefined || isGood(reply)) return judgement
  const nobodys = await strangers(part, victim)
  const tells = nobodys === undefined ? undefined : tellsExistence(reply, nobodys)
  if (tells === undefined) return judgement
  const { existence } = part.session.config.policy
  if (existence === 'forbid')
    return { ...judgement, verdict: 'leak', why: `${tells}: a stranger learns what exists` }
  return { ...judgement, warning: tells }
}

/** The same request with an id that nobody has. */
export async function strangers(part: Part, victim: Thing): Promise<Reply | undefined> {
  const { world, from, to, session } = part
  const nobody: Thing = { ...victim, id: strangersId(victim.id), answer: strangersAnswer(victim) }
  const pick = around(world, to, victim)
  const request = filledOr(part, {
    side: from,
    recipe: recipeFor(part),
    pick: (resource) => (resource === victim.resource ? nobody : pick(resource)),
    tenant: session.identities[to].tenant,
  })
  return request === undefined ? undefined : ask(session, request, from)
}

/** For parameters that are no id but a key in the answer: `fileKey`. */
function strangersAnswer({ answer }: Thing): unknown {
  if (typeof answer !== 'object' || answer === null) return answer
  const entries = Object.entries(answer).map(([key, value]) => [
    key,
    typeof value === 'string' || typeof value === 'number' ? strangersId(value) : value,
  ])
  return Object.fromEntries(entries)
}

async function overridden(part: Part, base: Parameters<typeof filledOr>[1], owners: Reply): Promise<Case> {
  const { headers, query } = overrides(part)
  const ways = [filledOr(part, { ...base, headers }), filledOr(part, { ...base, query })].filter(
    (one) => one !== undefined,
  )
  const sent: Sent[] = []
  for (const way of ways) sent.push(await attack(part, way, 'object', isGood(owners) ? { owners } : {}))
  return refusedOverride(part, sent)
}

/** The same request without the override was answered, so whatever refuses it refuses the override. */
export function refusedOverride(part: Part, sent: readonly Sent[]): Case {
  const judged = sent.map((one) => ({
    ...one,
    verdict: softened(one.judgement).verdict,
    judgement: softened(one.judgement),
  }))
  const bad = worst(judged)
  return caseOf(
    part,
    'override',
    bad?.judgement ?? { verdict: 'inconclusive', why: 'nothing could be sent' },
    bad?.request,
  )
}

function softened(judgement: Judgement): Judgement {
  const refused = judgement.verdict === 'inconclusive' && [400, 405, 415, 422].includes(judgement.status ?? 0)
  return refused
    ? { ...judgement, verdict: 'pass', why: `the override was refused with ${judgement.status}` }
    : judgement
}

async function cached(part: Part, request: Prepared, owners: Reply): Promise<readonly Case[]> {
  if (!owners.ok) return []
  const shared = sharedCacheMayKeep(owners)
  if (shared !== undefined)
    return [caseOf(part, 'cache', { verdict: 'leak', why: shared, status: owners.status }, request, part.to)]
  const tag = headerOf(owners, 'etag')
  if (tag === undefined) return []
  const asked = {
    ...request,
    headers: { ...request.headers, 'if-none-match': tag },
    sent: [...request.sent, tag],
  }
  const { reply, judgement } = await attack(part, asked, 'object', isGood(owners) ? { owners } : {})
  if (reply.ok && reply.status === 304) {
    const why =
      "304 to the other tenant's entity tag: the service compared it before it looked at whose it is"
    return [caseOf(part, 'cache', { verdict: 'leak', why, status: 304 }, asked)]
  }
  return [caseOf(part, 'cache', judgement, asked)]
}

/** RFC 9111 §3.5: with credentials in `Authorization`, only these let a shared cache keep the answer. */
export function sharedCacheMayKeep(owners: Extract<Reply, { ok: true }>): string | undefined {
  const control = (headerOf(owners, 'cache-control') ?? '').toLowerCase()
  const vary = (headerOf(owners, 'vary') ?? '').toLowerCase()
  if (!/\bpublic\b|\bs-maxage=[1-9]/.test(control) || /\bprivate\b|\bno-store\b/.test(control))
    return undefined
  if (/\*|authorization|cookie/.test(vary)) return undefined
  return `the owner's answer says \`Cache-Control: ${control}\` and no \`Vary: Authorization\`: a shared cache may hand it to anybody`
}

export async function anonymous(part: Part, request: Prepared, owners: Reply): Promise<Case> {
  const { judgement } = await attack(part, request, 'object', {
    who: 'nobody',
    ...(isGood(owners) ? { owners } : {}),
  })
  return caseOf(part, 'anonymous', judgement, request, 'nobody')
}

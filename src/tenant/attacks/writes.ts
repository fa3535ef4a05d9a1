import { type Answer, isGood } from '../client/answer.ts'
import type { Prepared } from '../client/client.ts'
import { type Judgement, worst } from '../oracle/judge.ts'
import type { Case } from '../types.ts'
import { ask } from '../world/session.ts'
import type { Thing } from '../world/things.ts'
import { changeIn, isSeen, movingIn, type Snapshot, snapshot, targetOf, viewsOf } from '../world/views.ts'
import { around } from '../world/world.ts'
import { adoptMade, attack, caseOf, filledOr, overrides, type Part, recipeFor, type Sent } from './part.ts'
import { sentBy, strangers, withExistence } from './reads.ts'

/** The other tenant's object, and how its owner sees it: the judge of every write. */
export interface Watched {
  readonly thing: Thing
  readonly views: readonly Prepared[]
  readonly before: Snapshot
  readonly moving: ReadonlySet<string>
  /** The owner's first view, for revisions. */
  readonly view: Answer | undefined
}

/** An object of its owner, looked at twice; a sentence where it cannot be watched. */
export async function watch({ session, world }: Part, thing: Thing): Promise<Watched | string> {
  const views = viewsOf(session, world, thing)
  if (views.length === 0)
    return `no operation reads ${thing.resource} back, so nobody knows what a write does`
  const first = await snapshot(session, views, thing)
  const before = await snapshot(session, views, thing)
  if (!isSeen(views, before)) return `its owner does not see the ${thing.resource} that was made`
  const reply = views[0] === undefined ? undefined : await ask(session, views[0], thing.side)
  return {
    thing,
    views,
    before,
    moving: movingIn(first, before),
    view: reply !== undefined && isGood(reply) ? reply : undefined,
  }
}

export async function changed(
  { session }: Part,
  { thing, views, before, moving }: Watched,
): Promise<string | undefined> {
  return changeIn(before, await snapshot(session, views, thing), moving)
}

/** Writes on an object of the other tenant, each read back by its owner. */
export async function writeAttacks(part: Part): Promise<readonly Case[]> {
  const { session, world, operation, from, to } = part
  const resource = targetOf(session, operation)
  if (resource === undefined) return []
  const made = await world.fresh(to, resource)
  if (!made.ok) return [caseOf(part, 'write', { verdict: 'inconclusive', why: made.why }, undefined)]
  const watched = await watch(part, made.thing)
  if (typeof watched === 'string')
    return [caseOf(part, 'write', { verdict: 'inconclusive', why: watched }, undefined)]
  const recipe = recipeFor(part)
  const sent = sentBy(part, made.thing)
  const theirs = around(world, to, made.thing)
  const ours = around(world, from, undefined)
  const base = {
    side: from,
    recipe,
    // Ids in the path are the victim's, those in the body the attacker's own: the body shall not be what is refused.
    pick: (name: string) => (inPath(part, name) ? theirs(name) : ours(name)),
    tenant: session.identities[to].tenant,
    sent,
    ...(watched.view === undefined ? {} : { view: watched.view.json }),
  }
  const { headers, query } = overrides(part)
  const own = {
    ...base,
    pick: (name: string) => (name === resource ? made.thing : ours(name)),
    tenant: session.identities[from].tenant,
  }
  const plain = [filledOr(part, base), filledOr(part, own)].filter((one) => one !== undefined)
  const named = [filledOr(part, { ...base, headers, query })].filter((one) => one !== undefined)
  const broken = plain[0]?.body === undefined ? [] : [{ ...plain[0], body: '{"broken": ' }]

  const cases = [await written(part, 'write', watched, distinct(plain), 'from')]
  if (cases[0]?.verdict === 'leak') return cases
  cases.push(await written(part, 'override', watched, named, 'from'))
  if (broken.length > 0) cases.push(await written(part, 'errors', watched, broken, 'from'))
  cases.push(await written(part, 'anonymous', watched, plain.slice(0, 1), 'nobody'))
  return cases
}

function inPath({ session, operation }: Part, resource: string): boolean {
  return operation.parameters.some((one) => {
    const source = one.in === 'path' ? session.graph.sourceOf(operation, one.name) : undefined
    return source !== undefined && source !== 'tenant' && source.resource === resource
  })
}

function distinct(requests: readonly Prepared[]): readonly Prepared[] {
  return requests.filter((one, index) => requests.findIndex(({ target }) => target === one.target) === index)
}

async function written(
  part: Part,
  name: 'write' | 'override' | 'errors' | 'anonymous',
  watched: Watched,
  requests: readonly Prepared[],
  who: 'from' | 'nobody',
): Promise<Case> {
  const caller = who === 'nobody' ? who : part.from
  const judged: (Sent & { readonly verdict: Case['verdict'] })[] = []
  for (const request of requests) {
    const one = await attack(part, request, 'write', { who: caller })
    adoptMade(part, one)
    const change = await changed(part, watched)
    const judgement = change === undefined ? await settled(part, name, one, watched) : leakOf(one, change)
    judged.push({ ...one, judgement, verdict: judgement.verdict })
    if (judgement.verdict === 'leak') break
  }
  const bad = worst(judged)
  return caseOf(
    part,
    name,
    bad?.judgement ?? { verdict: 'inconclusive', why: 'no request could be made' },
    bad?.request,
    caller,
  )
}

function leakOf({ reply }: Sent, change: string): Judgement {
  const status = reply.ok ? { status: reply.status } : {}
  return { verdict: 'leak', why: `its owner sees it changed: ${change}`, found: change, ...status }
}

/** Nothing changed for the owner; what else did the answer say? */
async function settled(part: Part, name: string, sent: Sent, watched: Watched): Promise<Judgement> {
  const { judgement, reply } = sent
  if (judgement.verdict === 'leak') return judgement
  if (name === 'errors' || name === 'override') {
    // The form of these is wrong on purpose, and the owner sees everything as before.
    const refused =
      judgement.verdict === 'inconclusive' && [400, 405, 409, 415, 422].includes(judgement.status ?? 0)
    return refused
      ? { ...judgement, verdict: 'pass', why: `refused with ${judgement.status}, nothing changed` }
      : judgement
  }
  if (name === 'anonymous') {
    if (!isGood(reply)) return judgement
    return {
      ...judgement,
      verdict: 'inconclusive',
      why: `answered ${reply.status} to nobody, though nothing changed`,
    }
  }
  if (isGood(reply)) {
    const nobodys = await strangers(part, watched.thing)
    if (nobodys?.ok === true && !isGood(nobodys) && nobodys.status < 500 && nobodys.status !== 429)
      return {
        verdict: 'leak',
        why: `answered ${reply.status} for the other tenant's id and ${nobodys.status} for one that nobody has: it was found`,
        status: reply.status,
      }
    return judgement
  }
  return withExistence(part, sent, watched.thing)
}

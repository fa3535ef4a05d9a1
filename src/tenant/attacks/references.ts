import type { Reference } from '../api/graph.ts'
import { isGood } from '../client/answer.ts'
import { type Judgement, tellsExistence, worst } from '../oracle/judge.ts'
import type { Case } from '../types.ts'
import { withReference } from '../world/requests.ts'
import { ask } from '../world/session.ts'
import { sourceValue, strangersId, type Thing } from '../world/things.ts'
import { targetOf } from '../world/views.ts'
import { around } from '../world/world.ts'
import { adoptMade, attack, caseOf, filledOr, type Part, recipeFor, type Sent } from './part.ts'
import { changed, watch } from './writes.ts'

/** Ids of the other tenant in query parameters and fields: filters, parents, moves, and lists of ids. */
export async function referenceAttacks(part: Part): Promise<readonly Case[]> {
  const cases: Case[] = []
  for (const reference of part.session.graph.referencesOf(part.operation)) {
    if (reference.list) cases.push(await bulk(part, reference))
    else if (reference.in === 'query') cases.push(await filter(part, reference))
    else cases.push(await field(part, reference))
  }
  return cases
}

function pair(part: Part, reference: Reference) {
  const { world, from, to } = part
  const [mine, theirs] = [world.stable(from, reference.resource), world.stable(to, reference.resource)]
  const values = [sourceValue(mine, reference), sourceValue(theirs, reference)] as const
  return mine === undefined || theirs === undefined || values[0] === undefined || values[1] === undefined
    ? undefined
    : { mine, theirs, own: values[0], foreign: values[1] }
}

/** A filter by what the other tenant has; also beside an own value, for some check the first and use the last. */
async function filter(part: Part, reference: Reference): Promise<Case> {
  const { world, from, session } = part
  const name = reference.path[0] ?? ''
  const known = pair(part, reference)
  if (known === undefined) return nothing(part, 'reference', reference)
  const base = {
    side: from,
    recipe: recipeFor(part),
    pick: around(world, from, undefined),
    sent: [String(known.foreign)],
  }
  const [own, foreign] = [String(known.own), String(known.foreign)]
  const control = filledOr(part, { ...base, query: [[name, own]] })
  const answered = control === undefined ? undefined : await ask(session, control, from)
  const sent: Sent[] = []
  for (const values of [[foreign], [own, foreign], [foreign, own]]) {
    const request = filledOr(part, { ...base, query: values.map((value) => [name, value] as const) })
    if (request === undefined) continue
    const one = await attack(part, request, 'own')
    sent.push({
      ...one,
      judgement: answered !== undefined && isGood(answered) ? refusal(one.judgement) : one.judgement,
    })
  }
  const bad = worst(sent.map((one) => ({ ...one, verdict: one.judgement.verdict })))
  return bad === undefined
    ? nothing(part, 'reference', reference)
    : caseOf(part, 'reference', bad.judgement, bad.request)
}

/** The same request with an own value is taken, so what is refused is the foreign one. */
function refusal(judgement: Judgement): Judgement {
  const refused = judgement.verdict === 'inconclusive' && [400, 409, 422].includes(judgement.status ?? 0)
  return refused
    ? { ...judgement, verdict: 'pass', why: `refused with ${judgement.status}; an own value is taken` }
    : judgement
}

function nothing(part: Part, name: 'reference' | 'bulk', { path, resource }: Reference): Case {
  const why = `there are no objects of ${resource} to put into ${path.join('.')}`
  return caseOf(part, name, { verdict: 'inconclusive', why }, undefined)
}

/** A field that names an object: an own one has to be taken, a foreign one refused like one that nobody has. */
async function field(part: Part, reference: Reference): Promise<Case> {
  const { world, session, operation, from } = part
  // An object of its own: what others hang below gets children while this runs, and would look changed.
  const victim = await world.fresh(part.to, reference.resource)
  const [ownValue, foreignValue] = [
    sourceValue(world.stable(from, reference.resource), reference),
    victim.ok ? sourceValue(victim.thing, reference) : undefined,
  ]
  if (!victim.ok || ownValue === undefined || foreignValue === undefined)
    return nothing(part, 'reference', reference)
  const target = targetOf(session, operation)
  const own = target === undefined ? undefined : await world.fresh(from, target)
  if (own?.ok === false)
    return caseOf(part, 'reference', { verdict: 'inconclusive', why: own.why }, undefined)
  const watched = await watch(part, victim.thing)
  if (typeof watched === 'string')
    return caseOf(part, 'reference', { verdict: 'inconclusive', why: watched }, undefined)
  const request = (value: string | number, sent: readonly string[]) =>
    filledOr(part, {
      side: from,
      recipe: recipeFor(part),
      pick: around(world, from, own?.thing),
      edit: withReference(reference, value),
      sent,
    })
  const [control, foreign, nobodys] = [
    request(ownValue, []),
    request(foreignValue, [String(foreignValue)]),
    request(strangersId(foreignValue), []),
  ]
  if (control === undefined || foreign === undefined || nobodys === undefined)
    return nothing(part, 'reference', reference)
  const mine = await ask(session, control, from)
  adoptMade(part, { reply: mine, request: control })
  if (!isGood(mine)) {
    const why = `an own value in ${reference.path.join('.')} is answered ${mine.ok ? mine.status : mine.why}, so a refusal says nothing`
    return caseOf(part, 'reference', { verdict: 'inconclusive', why }, control)
  }
  const one = await attack(part, foreign, 'write')
  adoptMade(part, one)
  const change = await changed(part, watched)
  if (change !== undefined)
    return caseOf(
      part,
      'reference',
      { verdict: 'leak', why: `its owner sees it changed: ${change}`, found: change },
      foreign,
    )
  if (one.judgement.verdict === 'leak') return caseOf(part, 'reference', one.judgement, foreign)
  const strange = await ask(session, nobodys, from)
  adoptMade(part, { reply: strange, request: nobodys })
  return caseOf(part, 'reference', accepted(part, one, strange, reference), foreign)
}

function accepted(
  part: Part,
  { reply, judgement }: Sent,
  strange: Sent['reply'],
  { path }: Reference,
): Judgement {
  const name = path.join('.')
  if (isGood(reply)) {
    if (isGood(strange))
      return { ...judgement, warning: `${name} takes ids that nobody has: it is never looked up` }
    const status = strange.ok ? strange.status : strange.why
    return {
      verdict: 'leak',
      why: `${name} takes the other tenant's id and refuses one that nobody has with ${status}`,
      status: reply.status,
    }
  }
  const refused = refusal(judgement)
  const tells = refused.verdict === 'pass' ? tellsExistence(reply, strange) : undefined
  if (tells === undefined) return refused
  return part.session.config.policy.existence === 'forbid'
    ? { ...refused, verdict: 'leak', why: `${tells}: a stranger learns what exists` }
    : { ...refused, warning: tells }
}

/** Own and foreign ids in one list, in both orders; the foreign object has to stay as it was. */
async function bulk(part: Part, reference: Reference): Promise<Case> {
  const { world, from, to, session } = part
  const victim = await world.fresh(to, reference.resource)
  if (!victim.ok) return nothing(part, 'bulk', reference)
  const watched = await watch(part, victim.thing)
  if (typeof watched === 'string')
    return caseOf(part, 'bulk', { verdict: 'inconclusive', why: watched }, undefined)
  const sent: Sent[] = []
  for (const first of ['own', 'foreign'] as const) {
    const mine = await world.fresh(from, reference.resource)
    if (!mine.ok) return nothing(part, 'bulk', reference)
    const ids = [mine.thing, victim.thing].map((thing: Thing) => String(sourceValue(thing, reference)))
    const list = first === 'own' ? ids : ids.toReversed()
    const request = withList(part, reference, list, [String(sourceValue(victim.thing, reference))])
    if (request === undefined) return nothing(part, 'bulk', reference)
    const one = await attack(part, request, 'own')
    const change = await changed(part, watched)
    const judgement: Judgement =
      change === undefined
        ? refusal(one.judgement)
        : { verdict: 'leak', why: `its owner sees it changed: ${change}`, found: change }
    sent.push({ ...one, judgement })
    if (judgement.verdict === 'leak') break
  }
  const bad = worst(sent.map((one) => ({ ...one, verdict: one.judgement.verdict })))
  void session
  return bad === undefined
    ? nothing(part, 'bulk', reference)
    : caseOf(part, 'bulk', bad.judgement, bad.request)
}

function withList(part: Part, reference: Reference, values: readonly string[], sent: readonly string[]) {
  const { world, from, operation } = part
  const name = reference.path[0] ?? ''
  const base = { side: from, recipe: recipeFor(part), pick: around(world, from, undefined), sent }
  if (reference.in === 'body') return filledOr(part, { ...base, edit: withReference(reference, values) })
  const parameter = operation.parameters.find((one) => one.in === 'query' && one.name === name)
  const query =
    parameter?.explode === false
      ? [[name, values.join(',')] as const]
      : values.map((value) => [name, value] as const)
  return filledOr(part, { ...base, query })
}

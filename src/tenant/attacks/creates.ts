import { isObject } from '../../contract/index.ts'
import { isGood } from '../client/answer.ts'
import { type Judgement, worst } from '../oracle/judge.ts'
import type { Case, Side } from '../types.ts'
import { type Filling, put } from '../world/requests.ts'
import { ask, type Session } from '../world/session.ts'
import type { Thing } from '../world/things.ts'
import { viewsOf } from '../world/views.ts'
import { around, type World } from '../world/world.ts'
import { adoptMade, attack, caseOf, filledOr, overrides, type Part, recipeFor, type Sent } from './part.ts'

/** What makes an object: the other tenant named in it, its natural keys, its idempotency keys. */
export async function createAttacks(part: Part): Promise<readonly Case[]> {
  const { session, operation } = part
  if (!session.graph.resources.some(({ producer }) => producer.id === operation.id)) return []
  return [await named(part), ...(await naturalKeys(part)), ...(await idempotency(part))]
}

function filling({ world, from, ...part }: Part, more: Partial<Filling> = {}): Filling {
  return {
    side: from,
    recipe: recipeFor({ world, from, ...part }),
    pick: around(world, from, undefined),
    ...more,
  }
}

/** The caller makes something and says that it is the other tenant's: nothing may arrive there. */
async function named(part: Part): Promise<Case> {
  const { session, to } = part
  const tenant = session.identities[to].tenant
  const { headers, query } = overrides(part)
  const keys = session.config['tenant-keys'].body
  const all = (body: unknown) => {
    for (const key of keys) if (isObject(body)) put(body, [key], tenant)
    return body
  }
  const path = part.operation.parameters.some(
    (one) => one.in === 'path' && session.graph.sourceOf(part.operation, one.name) === 'tenant',
  )
  const ways = [
    { headers },
    { query },
    ...(path ? [{ tenant }] : []),
    ...(part.operation.body === undefined ? [] : [{ edit: all }]),
  ]
  const sent: Sent[] = []
  for (const way of ways) {
    const request = filledOr(part, filling(part, { ...way, sent: [tenant] }))
    if (request === undefined) continue
    const one = await attack(part, request, 'write')
    const made = adoptMade(part, one)
    const arrived = made === undefined ? undefined : await seenBy(part, made)
    const refused =
      one.judgement.verdict === 'inconclusive' && [400, 409, 415, 422].includes(one.judgement.status ?? 0)
    const judgement: Judgement =
      arrived !== undefined
        ? { verdict: 'leak', why: `what was made is the other tenant's: ${arrived}`, found: arrived }
        : refused
          ? {
              ...one.judgement,
              verdict: 'pass',
              why: `the override was refused with ${one.judgement.status}`,
            }
          : one.judgement
    sent.push({ ...one, judgement })
    if (judgement.verdict === 'leak') break
  }
  const bad = worst(sent.map((one) => ({ ...one, verdict: one.judgement.verdict })))
  return caseOf(
    part,
    'override',
    bad?.judgement ?? { verdict: 'inconclusive', why: 'nothing could be sent' },
    bad?.request,
  )
}

/** Whether the other tenant can read what the attacker has made, though it cannot read what is plainly the attacker's. */
async function seenBy({ session, world, from, to }: Part, made: Thing): Promise<string | undefined> {
  const plain = world.stable(from, made.resource)
  if (plain === undefined || (await shownTo(session, world, plain, to)) !== undefined) return undefined
  return shownTo(session, world, made, to)
}

async function shownTo(
  session: Session,
  world: World,
  thing: Thing,
  side: Side,
): Promise<string | undefined> {
  // As the one who looks would ask for it: its own id stands in the path where the API wants one.
  for (const view of viewsOf(session, world, { ...thing, side })) {
    const reply = await ask(session, view, side)
    if (isGood(reply) && reply.text.toLowerCase().includes(String(thing.id).toLowerCase()))
      return `${view.target} shows it`
  }
  return undefined
}

/** Both tenants use the same natural key: it must be free for both, or at least tell nothing of whose it is. */
async function naturalKeys(part: Part): Promise<readonly Case[]> {
  const { session, world, operation, to } = part
  const resource = session.graph.resources.find(({ producer }) => producer.id === operation.id)?.name ?? ''
  const example = world.stable(to, resource)?.request
  const fields = isObject(example)
    ? Object.entries(example).filter(([, value]) => isMarker(session, value))
    : []
  const sent: Sent[] = []
  for (const [field] of fields.slice(0, 4)) {
    const shared = `zs${session.markers.fresh(to).slice(2, 6)}${sharedCount(session)}`
    const edit = (body: unknown) => {
      put(body, [field], shared)
      return body
    }
    if (!(await world.fresh(to, resource, edit)).ok) continue
    const request = filledOr(part, filling(part, { edit }))
    if (request === undefined) continue
    const one = await attack(part, request, 'write')
    adoptMade(part, one)
    sent.push({ ...one, judgement: collision(part, one.judgement, field) })
  }
  const bad = worst(sent.map((one) => ({ ...one, verdict: one.judgement.verdict })))
  return bad === undefined ? [] : [caseOf(part, 'natural-key', bad.judgement, bad.request)]
}

const counters = new WeakMap<Session, { count: number }>()
/** A text that is neither tenant's marker, and another one each time. */
function sharedCount(session: Session): string {
  const counter = counters.get(session) ?? { count: 0 }
  counters.set(session, counter)
  counter.count += 1
  return counter.count.toString(36).padStart(3, '0')
}

function isMarker({ markers }: Session, value: unknown): boolean {
  return (
    typeof value === 'string' &&
    /^zz[a-z0-9]+$/i.test(value) &&
    value.toLowerCase().startsWith(markers.prefix('a').slice(0, -1))
  )
}

function collision({ session }: Part, judgement: Judgement, field: string): Judgement {
  const refused = judgement.verdict === 'inconclusive' && [400, 409, 422].includes(judgement.status ?? 0)
  if (!refused) return judgement
  const tells = `${field} that the other tenant uses is refused with ${judgement.status}: it tells what exists there`
  if (session.config.policy.existence === 'forbid') return { ...judgement, verdict: 'leak', why: tells }
  return { ...judgement, verdict: 'pass', why: `refused with ${judgement.status}`, warning: tells }
}

/** The idempotency key of the other tenant, used again: its answer must not come back. */
async function idempotency(part: Part): Promise<readonly Case[]> {
  const { session, world, operation, to } = part
  const header = operation.parameters.find((one) => one.in === 'header' && /idempotency/i.test(one.name))
  if (header === undefined) return []
  const key = `key-${sharedCount(session)}-${session.markers.prefix('a').slice(2, -1)}-${to}`
  const headers = { [header.name]: key }
  const theirs = filledOr(part, {
    ...filling({ ...part, from: to }),
    side: to,
    pick: around(world, to, undefined),
    headers,
  })
  const request = filledOr(part, filling(part, { headers, sent: [key] }))
  if (theirs === undefined || request === undefined) return []
  const first = await ask(session, theirs, to)
  adoptMade({ ...part, from: to }, { reply: first, request: theirs })
  if (!isGood(first)) return []
  const one = await attack(part, request, 'write')
  adoptMade(part, one)
  const judgement = collision(part, one.judgement, 'an idempotency key')
  return [caseOf(part, 'handle', judgement, request)]
}

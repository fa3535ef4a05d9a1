import { isObject } from '../../contract/index.ts'
import { type Answer, headerOf, isGood } from '../client/answer.ts'
import type { Prepared } from '../client/client.ts'
import { leavesOf } from '../oracle/flat.ts'
import { worst } from '../oracle/judge.ts'
import type { Case, Side } from '../types.ts'
import { ask } from '../world/session.ts'
import { targetOf } from '../world/views.ts'
import { around } from '../world/world.ts'
import { attack, caseOf, filledOr, overrides, type Part, recipeFor, type Sent } from './part.ts'
import { refusedOverride, sharedCacheMayKeep } from './reads.ts'

/** Longer lists than this of what a run made are no lists of it. */
const mostPages = 25

/** What the caller gets for itself: own objects, own lists with all their pages, exports. */
export async function ownAnswer(part: Part): Promise<readonly Case[]> {
  const request = ownRequest(part, part.from)
  if (request === undefined) return []
  const sent: Sent[] = []
  let next: Prepared | undefined = request
  for (let page = 0; next !== undefined && page < mostPages; page += 1) {
    // Whoever keeps a cache by the address alone has the other tenant's answer in it now.
    if (page === 0) await ask(part.session, next, part.to)
    const one: Sent = await attack(part, next, 'own')
    sent.push(one)
    if (one.judgement.verdict === 'leak') break
    next = isGood(one.reply) ? nextPage(part, next, one.reply) : undefined
  }
  const bad = worst(sent.map((one) => ({ ...one, verdict: one.judgement.verdict })))
  if (bad === undefined) return []
  if (next !== undefined && bad.verdict !== 'leak') {
    const why = `the list does not end within ${mostPages} pages, so not all of it was looked at`
    return [caseOf(part, 'own-answer', { verdict: 'inconclusive', why }, next)]
  }
  return [caseOf(part, 'own-answer', bad.judgement, bad.request)]
}

/** A read with nothing but the caller's own objects in it. */
export function ownRequest(part: Part, side: Side): Prepared | undefined {
  return filledOr(part, {
    side,
    recipe: recipeFor({ ...part, from: side }),
    pick: around(part.world, side, undefined),
  })
}

const cursorName = /cursor|continuation|page_?token|^after$|starting_?after|next/i
const limitName = /^(limit|page_?size|per_?page|size|count|max_?results)$/i

/** The next page: a `Link` header, or a value that an answer calls so and a parameter takes. */
function nextPage(part: Part, request: Prepared, answer: Answer): Prepared | undefined {
  const [, link] = /<([^>]+)>\s*;\s*rel="?next/.exec(headerOf(answer, 'link') ?? '') ?? []
  if (link !== undefined) {
    const target = ownTarget(part, link)
    return target === undefined || target === request.target ? undefined : { ...request, target }
  }
  const parameter = part.operation.parameters.find((one) => one.in === 'query' && cursorName.test(one.name))
  const cursor = cursorIn(answer)
  if (parameter === undefined || cursor === undefined) return undefined
  const target = withQuery(request.target, parameter.name, cursor)
  return target === request.target ? undefined : { ...request, target }
}

function cursorIn(answer: Answer): string | undefined {
  if (!isObject(answer.json)) return undefined
  const found = [...leavesOf(answer.json, 2000)].find(
    ([path, value]) =>
      cursorName.test(path.split('/').at(-1) ?? '') &&
      !/\/\d+\//.test(path) &&
      typeof value === 'string' &&
      value !== '',
  )
  return typeof found?.[1] === 'string' ? found[1] : undefined
}

export function withQuery(target: string, name: string, value: string): string {
  const [path = '', query = ''] = target.split('?')
  const pairs = new URLSearchParams(query)
  pairs.set(name, value)
  return `${path}?${pairs.toString()}`
}

/** A link of the service to itself, as a target; nothing else is ever followed. */
function ownTarget({ session }: Part, link: string): string | undefined {
  const { base } = session.client
  if (!URL.canParse(link, base.href)) return undefined
  const url = new URL(link, base.href)
  if (url.origin !== base.origin) return undefined
  const prefix = base.pathname.replace(/\/$/, '')
  return url.pathname.startsWith(prefix) ? `${url.pathname.slice(prefix.length)}${url.search}` : undefined
}

/** Searches, the other tenant named, cursors and links of the other tenant: on reads of the caller's own. */
export async function listAttacks(part: Part): Promise<readonly Case[]> {
  const request = ownRequest(part, part.from)
  if (request === undefined) return []
  const more = [...(await searches(part, request)), ...(await handles(part, request))]
  // With an object in the path, the attacks on that object say it already.
  if (targetOf(part.session, part.operation) !== undefined) return more
  const { headers, query } = overrides(part)
  const own = { side: part.from, recipe: recipeFor(part), pick: around(part.world, part.from, undefined) }
  const ways = [filledOr(part, { ...own, headers }), filledOr(part, { ...own, query })].filter(
    (one) => one !== undefined,
  )
  const sent: Sent[] = []
  for (const way of ways)
    sent.push(await attack(part, { ...way, sent: [part.session.identities[part.to].tenant] }, 'own'))
  return [refusedOverride(part, sent), ...more, ...(await cachedLists(part, request))]
}

/** Every free text parameter is asked for the beginning of the other tenant's markers; every choice is made once. */
async function searches(part: Part, request: Prepared): Promise<readonly Case[]> {
  const { session, operation, to } = part
  const prefix = session.markers.prefix(to)
  const bound = new Set(session.graph.referencesOf(operation).map(({ path }) => path[0]))
  const sent: Sent[] = []
  for (const { name, in: where, schema } of operation.parameters) {
    if (where !== 'query' || cursorName.test(name) || bound.has(name)) continue
    const choices = Array.isArray(schema.enum) ? schema.enum.slice(0, 6).map(String) : []
    const free =
      (schema.type === undefined || schema.type === 'string') &&
      schema.format === undefined &&
      choices.length === 0
    for (const value of free ? [prefix, `${prefix}*`] : choices)
      sent.push(
        await attack(
          part,
          { ...request, target: withQuery(request.target, name, value), sent: [value] },
          'own',
        ),
      )
  }
  const bad = worst(sent.map((one) => ({ ...one, verdict: one.judgement.verdict })))
  if (bad === undefined) return []
  // A service may refuse a search; it is about this parameter, since the request without it was answered.
  const status = bad.judgement.status ?? 0
  const judgement =
    bad.verdict === 'inconclusive' && [400, 404, 422].includes(status)
      ? { ...bad.judgement, verdict: 'pass' as const, why: `the search was refused with ${status}` }
      : bad.judgement
  return [caseOf(part, 'search', judgement, bad.request)]
}

async function handles(part: Part, request: Prepared): Promise<readonly Case[]> {
  const { operation, session, to } = part
  const parameter = operation.parameters.find((one) => one.in === 'query' && cursorName.test(one.name))
  const limit = operation.parameters.find((one) => one.in === 'query' && limitName.test(one.name))
  if (parameter === undefined) return []
  const theirs = ownRequest(part, to)
  if (theirs === undefined) return []
  const first = await ask(
    session,
    limit === undefined ? theirs : { ...theirs, target: withQuery(theirs.target, limit.name, '1') },
    to,
  )
  const cursor = isGood(first) ? cursorIn(first) : undefined
  if (cursor === undefined) return []
  const target = withQuery(request.target, parameter.name, cursor)
  const { judgement, request: sent } = await attack(part, { ...request, target, sent: [cursor] }, 'own')
  const refused = judgement.verdict === 'inconclusive' && [400, 422].includes(judgement.status ?? 0)
  return [
    caseOf(
      part,
      'handle',
      refused ? { ...judgement, verdict: 'pass', why: 'the cursor was refused' } : judgement,
      sent,
    ),
  ]
}

async function cachedLists(part: Part, request: Prepared): Promise<readonly Case[]> {
  const theirs = ownRequest(part, part.to)
  if (theirs === undefined) return []
  const owners = await ask(part.session, theirs, part.to)
  if (!isGood(owners)) return []
  const shared = sharedCacheMayKeep(owners)
  if (shared !== undefined)
    return [caseOf(part, 'cache', { verdict: 'leak', why: shared, status: owners.status }, theirs, part.to)]
  const tag = headerOf(owners, 'etag')
  if (tag === undefined) return []
  const asked = { ...request, headers: { ...request.headers, 'if-none-match': tag }, sent: [tag] }
  const { reply, judgement } = await attack(part, asked, 'own')
  if (!reply.ok || reply.status !== 304) return [caseOf(part, 'cache', judgement, asked)]
  const why = "304 to the other tenant's entity tag for the caller's own list"
  return [caseOf(part, 'cache', { verdict: 'leak', why, status: 304 }, asked)]
}

import { ownRequest } from '../attacks/lists.ts'
import { caseOf, type Part } from '../attacks/part.ts'
import { isGood } from '../client/answer.ts'
import type { Prepared } from '../client/client.ts'
import { leavesOf } from '../oracle/flat.ts'
import { type Case, other, type Side } from '../types.ts'
import { ask } from '../world/session.ts'
import type { World } from '../world/world.ts'

type Numbers = ReadonlyMap<string, number>

export interface Counted {
  /** Operation -> case. */
  readonly cases: ReadonlyMap<string, Case>
  /** Reads whose numbers follow the caller's own objects: a control for those that show nothing else. */
  readonly follows: ReadonlySet<string>
}

/**
 * `silent` = reads that show nothing but numbers of their own tenant; those are waited for.
 *
 * Numbers in what a tenant reads for itself: they follow what it makes, and not what the other one makes. Numbers that
 * move by themselves count for nothing.
 */
export async function countAttacks(
  parts: readonly Part[],
  from: Side,
  silent: ReadonlySet<string>,
): Promise<Counted> {
  const [first] = parts
  if (first === undefined) return { cases: new Map(), follows: new Set() }
  const { session, world } = first
  const reads = parts.flatMap((part) => {
    const request = part.operation.method === 'GET' ? ownRequest(part, from) : undefined
    return request === undefined ? [] : [{ part, request }]
  })
  const look = async () =>
    new Map(
      await Promise.all(
        reads.map(
          async (one) => [one.part.operation.id, await numbersOf(one.part, one.request, from)] as const,
        ),
      ),
    )

  const before = await look()
  const still = await look()
  const wait = await addOwn(world, from, silent, look, still, session.config['settle-seconds'] * 1000, first)
  const grown = await look()
  await addAll(world, other(from))
  await session.clock.sleep(wait, session.signal)
  const once = await look()
  await addAll(world, other(from))
  await session.clock.sleep(wait, session.signal)
  const twice = await look()

  const cases = new Map<string, Case>()
  const follows = new Set<string>()
  for (const { part, request } of reads) {
    const { id } = part.operation
    const seen = [before, still, grown, once, twice].map((all) => all.get(id) ?? new Map<string, number>())
    const [n0, n1, n2, n3, n4] = seen
    if (
      n0 === undefined ||
      n1 === undefined ||
      n2 === undefined ||
      n3 === undefined ||
      n4 === undefined ||
      n2.size === 0
    )
      continue
    const steady = [...n2.keys()].filter((path) => n0.get(path) === n1.get(path))
    if (steady.some((path) => n1.get(path) !== n2.get(path)) || [...n2.keys()].some((path) => !n1.has(path)))
      follows.add(id)
    const moved = steady.find((path) => {
      const [own, one, two] = [n2.get(path) ?? 0, n3.get(path) ?? 0, n4.get(path) ?? 0]
      return one > own && two - one === one - own
    })
    cases.set(
      id,
      caseOf(
        part,
        'count',
        moved === undefined
          ? { verdict: 'pass', why: 'its numbers did not move with the other tenant' }
          : {
              verdict: 'leak',
              why: `${moved} went ${n2.get(moved)}, ${n3.get(moved)}, ${n4.get(moved)} while only the other tenant added something`,
              found: moved,
            },
        request,
      ),
    )
  }
  return { cases, follows }
}

async function numbersOf({ session }: Part, request: Prepared, side: Side): Promise<Numbers> {
  const reply = await ask(session, request, side)
  if (!isGood(reply)) return new Map()
  if (reply.json === undefined) return new Map()
  const numbers = [...leavesOf(reply.json)].filter(
    (leaf): leaf is [string, number] => typeof leaf[1] === 'number',
  )
  return new Map(numbers)
}

async function addAll(world: World, side: Side): Promise<void> {
  for (const resource of new Set(world.things().map((thing) => thing.resource)))
    await world.fresh(side, resource)
}

/** Adds for the caller and waits until its own views show it, which is as long as they lag. */
async function addOwn(
  world: World,
  side: Side,
  silent: ReadonlySet<string>,
  look: () => Promise<ReadonlyMap<string, Numbers>>,
  before: ReadonlyMap<string, Numbers>,
  longestMs: number,
  { session }: Part,
): Promise<number> {
  await addAll(world, side)
  const start = session.clock.now().getTime()
  const waiting = new Set([...before.keys()].filter((id) => silent.has(id)))
  for (;;) {
    const now = await look()
    for (const id of [...waiting]) {
      const [was, is] = [before.get(id), now.get(id)]
      if (
        is !== undefined &&
        (is.size !== was?.size || [...is].some(([path, value]) => was.get(path) !== value))
      )
        waiting.delete(id)
    }
    const passed = session.clock.now().getTime() - start
    if (waiting.size === 0) return passed < 100 ? 0 : passed
    // What never follows shows nothing of its tenant, and there is no lag to wait for.
    if (passed >= longestMs) return 0
    await session.clock.sleep(Math.min(100, longestMs), session.signal)
  }
}

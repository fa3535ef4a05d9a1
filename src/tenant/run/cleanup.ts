import type { ApiOperation } from '../api/operations.ts'
import { isGood, type Reply } from '../client/answer.ts'
import { other } from '../types.ts'
import { fill } from '../world/requests.ts'
import { ask, type Session } from '../world/session.ts'
import type { Thing } from '../world/things.ts'
import { targetOf, viewsOf } from '../world/views.ts'
import { around, shown, type World } from '../world/world.ts'

export interface Left {
  readonly resource: string
  readonly tenant: string
  readonly id: string
  readonly why: string
}

export interface Cleaned {
  readonly removed: number
  /** There is no way to remove these; the owner knows that. */
  readonly kept: readonly Left[]
  /** Removing these was tried and did not work. */
  readonly failed: readonly Left[]
}

export type CleanupHook = (things: readonly Left[]) => Promise<string | undefined>

/** Takes away everything that the run has made, children first, and looks whether it is gone. */
export async function cleanUp(
  session: Session,
  world: World,
  hook: CleanupHook | undefined,
): Promise<Cleaned> {
  const kept: Left[] = []
  const failed: Left[] = []
  let removed = 0
  const parents: Thing[] = []
  for (const thing of world.things().toReversed()) {
    // Stable objects are what others hang below; they go last.
    if (world.stable(thing.side, thing.resource) === thing) {
      parents.push(thing)
      continue
    }
    await removeOne(thing)
  }
  const order = session.graph.resources.map(({ name }) => name)
  for (const thing of parents.toSorted(
    (left, right) => order.indexOf(right.resource) - order.indexOf(left.resource),
  ))
    await removeOne(thing)

  async function removeOne(thing: Thing): Promise<void> {
    const outcome = await remove(session, world, thing)
    if (outcome === 'removed') removed += 1
    else if (outcome.tried) failed.push(leftOf(session, thing, outcome.why))
    else kept.push(leftOf(session, thing, outcome.why))
  }

  if (hook === undefined || kept.length + failed.length === 0) return { removed, kept, failed }
  const said = await hook([...kept, ...failed])
  if (said !== undefined)
    return { removed, kept, failed: [...failed, ...kept.map((one) => ({ ...one, why: said }))] }
  const still: Left[] = []
  for (const thing of world
    .things()
    .filter((one) =>
      [...kept, ...failed].some(({ id, resource }) => id === String(one.id) && resource === one.resource),
    ))
    if (await isThere(session, world, thing))
      still.push(leftOf(session, thing, 'the cleanup hook ended well, and it is still there'))
  return { removed: removed + kept.length + failed.length - still.length, kept: [], failed: still }
}

function leftOf(session: Session, thing: Thing, why: string): Left {
  return {
    resource: thing.resource,
    tenant: session.identities[thing.side].tenant,
    id: String(thing.id),
    why,
  }
}

async function remove(
  session: Session,
  world: World,
  thing: Thing,
): Promise<'removed' | { readonly tried: boolean; readonly why: string }> {
  const operation = session.graph.operations.find(
    (one) => one.method === 'DELETE' && targetOf(session, one) === thing.resource,
  )
  if (operation === undefined) return { tried: false, why: `no operation deletes ${thing.resource}` }
  const filled = fill(session, operation, {
    side: thing.side,
    recipe: { kind: 'generated', index: 0, optionals: false },
    pick: around(world, thing.side, thing),
  })
  if ('missing' in filled) return { tried: true, why: filled.missing }
  const reply: Reply = await ask(session, filled, thing.side)
  const gone = reply.ok && [404, 410].includes(reply.status)
  if (gone) await removeAtOther(session, world, operation, thing)
  if (!isGood(reply) && !gone) return { tried: true, why: `${operation.id} answered ${shown(reply)}` }
  if (await isThere(session, world, thing))
    return { tried: true, why: `${operation.id} answered ${shown(reply)}, and it is still there` }
  return 'removed'
}

/** What an attack got the service to make may have come to the other tenant; it is that one's to remove then. */
async function removeAtOther(
  session: Session,
  world: World,
  operation: ApiOperation,
  thing: Thing,
): Promise<void> {
  const moved: Thing = { ...thing, side: other(thing.side) }
  if (!(await isThere(session, world, moved))) return
  const filled = fill(session, operation, {
    side: moved.side,
    recipe: { kind: 'generated', index: 0, optionals: false },
    pick: around(world, moved.side, moved),
  })
  if (!('missing' in filled)) await ask(session, filled, moved.side)
}

async function isThere(session: Session, world: World, thing: Thing): Promise<boolean> {
  for (const view of viewsOf(session, world, thing).slice(0, 1))
    if (isGood(await ask(session, view, thing.side))) return true
  return false
}

import type { Graph } from '../api/graph.ts'
import type { ApiOperation } from '../api/operations.ts'
import { type Answer, isGood, type Reply } from '../client/answer.ts'
import { findSecret } from '../oracle/secrets.ts'
import type { Side } from '../types.ts'
import { fill, recipesOf } from '../world/requests.ts'
import { ask, type Session } from '../world/session.ts'
import { changeIn, isSeen, movingIn, snapshot, targetOf, viewsOf } from '../world/views.ts'
import { around, shown, type World } from '../world/world.ts'

/** Whether an operation works for its own tenant: without that, a refusal of the other one says nothing. */
export type Control =
  | { readonly ok: true; readonly telling: boolean; readonly answer?: Answer }
  | { readonly ok: false; readonly why: string }

/**
 * A tenant uses an operation on its own objects. `telling` = its own marker, its own id or its own change was seen; a read
 * that is not telling still may be by its numbers.
 */
export async function controlOf(
  session: Session,
  world: World,
  operation: ApiOperation,
  side: Side,
): Promise<Control> {
  const producer = session.graph.resources.find((one) => one.producer.id === operation.id)
  if (producer !== undefined) {
    const own = world.stable(side, producer.name)
    return own === undefined
      ? { ok: false, why: `no ${producer.name} could be made` }
      : { ok: true, telling: true }
  }
  return operation.method === 'GET' || operation.method === 'HEAD'
    ? readControl(session, world, operation, side)
    : writeControl(session, world, operation, side)
}

async function readControl(
  session: Session,
  world: World,
  operation: ApiOperation,
  side: Side,
): Promise<Control> {
  let why = 'nothing was tried'
  for (const recipe of recipesOf(session, operation)) {
    const filled = fill(session, operation, { side, recipe, pick: around(world, side, undefined) })
    if ('missing' in filled) return { ok: false, why: filled.missing }
    const reply = await ask(session, filled, side)
    if (!isGood(reply)) {
      why = `its own tenant gets ${shown(reply)}`
      continue
    }
    world.keepRecipe(operation, side, recipe)
    return { ok: true, telling: findSecret(reply, [], world.secretsOf(side)) !== undefined, answer: reply }
  }
  return { ok: false, why }
}

async function writeControl(
  session: Session,
  world: World,
  operation: ApiOperation,
  side: Side,
): Promise<Control> {
  const target = targetOf(session, operation) ?? touched(session.graph, operation)
  const made = target === undefined ? undefined : await world.fresh(side, target)
  if (made?.ok === false) return { ok: false, why: made.why }
  const views = made === undefined ? [] : viewsOf(session, world, made.thing)
  const first = made === undefined ? new Map() : await snapshot(session, views, made.thing)
  const before = made === undefined ? new Map() : await snapshot(session, views, made.thing)
  const looked = views[0] === undefined ? undefined : await ask(session, views[0], side)
  let why = 'nothing was tried'
  for (const recipe of recipesOf(session, operation)) {
    const filled = fill(session, operation, {
      side,
      recipe,
      pick: around(world, side, made?.thing),
      ...(looked !== undefined && isGood(looked) ? { view: looked.json } : {}),
    })
    if ('missing' in filled) {
      why = filled.missing
      continue
    }
    const reply: Reply = await ask(session, filled, side)
    if (!isGood(reply)) {
      why = `its own tenant gets ${shown(reply)}`
      continue
    }
    world.keepRecipe(operation, side, recipe)
    if (findSecret(reply, [], world.secretsOf(side)) !== undefined)
      return { ok: true, telling: true, answer: reply }
    if (made === undefined) return { ok: true, telling: false, answer: reply }
    const change = changeIn(before, await snapshot(session, views, made.thing), movingIn(first, before))
    const seen = isSeen(views, before)
    if (change !== undefined && seen) return { ok: true, telling: true, answer: reply }
    why = 'it is answered well, and its owner sees no effect of it'
  }
  return { ok: false, why }
}

/** What a write without an object in its path acts on: the resource of its list of ids. */
function touched(graph: Graph, operation: ApiOperation): string | undefined {
  const references = graph.referencesOf(operation)
  return (references.find((one) => one.list) ?? references[0])?.resource
}

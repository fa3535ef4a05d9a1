import type { Resource } from '../api/graph.ts'
import type { ApiOperation } from '../api/operations.ts'
import { isGood, type Reply } from '../client/answer.ts'
import type { Prepared } from '../client/client.ts'
import type { Secrets } from '../oracle/secrets.ts'
import type { Side } from '../types.ts'
import { type Filling, fill, type Recipe, recipesOf } from './requests.ts'
import { ask, type Session, settings } from './session.ts'
import { idIn, ownValues, type Thing } from './things.ts'

/** Everything that the run has made, and how to make more. */
export interface World {
  things(): readonly Thing[]
  /** The object that others hang below; attacks that change something never take it. */
  stable(side: Side, resource: string): Thing | undefined
  /** A new object of a tenant, with what it needs above it. */
  fresh(side: Side, resource: string, edit?: Filling['edit']): Promise<Made>
  /** Notes an object that an attack made on the way, so that it is taken away again. */
  adopt(thing: Thing): void
  secretsOf(side: Side): Secrets
  recipeOf(operation: ApiOperation, side: Side): Recipe | undefined
  keepRecipe(operation: ApiOperation, side: Side, recipe: Recipe): void
}

export type Made =
  | { readonly ok: true; readonly thing: Thing; readonly request: Prepared; readonly reply: Reply }
  | { readonly ok: false; readonly why: string }

export function createWorld(session: Session, known: readonly Thing[] = []): World {
  const things: Thing[] = [...known]
  const recipes = new Map<string, Recipe>()
  const stable = new Map<string, Thing>()
  for (const thing of known)
    if (!stable.has(`${thing.side} ${thing.resource}`)) stable.set(`${thing.side} ${thing.resource}`, thing)
  let secrets = new Map<Side, { readonly count: number; readonly value: Secrets }>()

  const world: World = {
    things: () => things,
    stable: (side, resource) => stable.get(`${side} ${resource}`),
    adopt(thing) {
      things.push(thing)
    },
    recipeOf: (operation, side) => recipes.get(`${side} ${operation.id}`),
    keepRecipe(operation, side, recipe) {
      recipes.set(`${side} ${operation.id}`, recipe)
    },
    secretsOf(side) {
      const last = secrets.get(side)
      if (last?.count === things.length) return last.value
      const value = { prefix: session.markers.prefix(side), values: ownValues(things, side) }
      secrets = new Map(secrets).set(side, { count: things.length, value })
      return value
    },
    async fresh(side, name, edit) {
      const resource = session.graph.resources.find((one) => one.name === name)
      if (resource === undefined) return { ok: false, why: `nothing makes ${name}` }
      const made = await make(session, world, resource, side, edit)
      if (made.ok) {
        things.push(made.thing)
        const key = `${side} ${name}`
        if (!stable.has(key)) stable.set(key, made.thing)
      }
      return made
    },
  }
  return world
}

async function make(
  session: Session,
  world: World,
  { name, producer }: Resource,
  side: Side,
  edit: Filling['edit'],
): Promise<Made> {
  const known = world.recipeOf(producer, side)
  let why = 'nothing was tried'
  for (const recipe of known === undefined ? recipesOf(session, producer) : [known]) {
    const filled = fill(session, producer, {
      side,
      recipe,
      pick: (resource) => world.stable(side, resource),
      ...(edit === undefined ? {} : { edit }),
    })
    if ('missing' in filled) {
      why = filled.missing
      continue
    }
    const reply = await ask(session, filled, side)
    if (!isGood(reply)) {
      why = `${producer.id} answered ${shown(reply)}`
      // What has nothing to do with the body does not get better with another one.
      if (!reply.ok || [401, 403, 429].includes(reply.status)) break
      continue
    }
    const id = idIn(reply, name, settings(session, producer)?.id)
    if (id === undefined)
      return { ok: false, why: `${producer.id} answers without an id; say where it stands with \`id\`` }
    world.keepRecipe(producer, side, recipe)
    const request: unknown = filled.body === undefined ? undefined : parsed(filled.body)
    const parents = new Map<string, Thing>()
    for (const { name: parameter } of producer.parameters.filter((one) => one.in === 'path')) {
      const source = session.graph.sourceOf(producer, parameter)
      const parent =
        source === undefined || source === 'tenant' ? undefined : world.stable(side, source.resource)
      if (parent === undefined) continue
      parents.set(parent.resource, parent)
      for (const [key, one] of parent.parents) parents.set(key, one)
    }
    return {
      ok: true,
      thing: { resource: name, side, id, answer: reply.json, request, parents },
      request: filled,
      reply,
    }
  }
  return { ok: false, why }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function shown(reply: Reply): string {
  if (!reply.ok) return `nothing: ${reply.why}`
  const text = reply.text.replaceAll(/\s+/g, ' ').slice(0, 160)
  return text === '' || reply.binary ? `${reply.status}` : `${reply.status}: ${text}`
}

/** From an object outwards: itself, what it hangs below, and for the rest whatever the tenant has. */
export function around(
  world: World,
  side: Side,
  target: Thing | undefined,
): (resource: string) => Thing | undefined {
  return (resource) => {
    if (target?.resource === resource) return target
    return target?.parents.get(resource) ?? world.stable(side, resource)
  }
}

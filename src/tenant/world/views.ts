import type { ApiOperation } from '../api/operations.ts'
import { isGood } from '../client/answer.ts'
import type { Prepared } from '../client/client.ts'
import { leavesOf } from '../oracle/flat.ts'
import { fill } from './requests.ts'
import { ask, type Session } from './session.ts'
import type { Thing } from './things.ts'
import { around, type World } from './world.ts'

/** More views than this of one object say nothing new. */
const mostViews = 4

/** What an owner sees of an object: path of each view -> its leaves, or the status where it is gone. */
export type Snapshot = ReadonlyMap<string, string>

/** The resource that a path is about: that of its last parameter. */
export function targetOf({ graph }: Session, operation: ApiOperation): string | undefined {
  const [last] = [...operation.path.matchAll(/\{([^{}]+)\}/g)].slice(-1)
  const source = last?.[1] === undefined ? undefined : graph.sourceOf(operation, last[1])
  return source === undefined || source === 'tenant' ? undefined : source.resource
}

/** Reads that show an object: those whose path ends at it, and what hangs directly below. */
export function viewsOf(session: Session, world: World, thing: Thing): readonly Prepared[] {
  const found: Prepared[] = []
  for (const operation of session.graph.operations) {
    if (operation.method !== 'GET' || found.length >= mostViews) continue
    if (targetOf(session, operation) !== thing.resource) continue
    const filled = fill(session, operation, {
      side: thing.side,
      recipe: { kind: 'generated', index: 0, optionals: false },
      pick: around(world, thing.side, thing),
    })
    if (!('missing' in filled)) found.push(filled)
  }
  return found
}

export async function snapshot(
  session: Session,
  views: readonly Prepared[],
  thing: Thing,
): Promise<Snapshot> {
  const seen = new Map<string, string>()
  for (const view of views) {
    const reply = await ask(session, view, thing.side)
    if (!isGood(reply)) {
      seen.set(`${view.target} status`, reply.ok ? String(reply.status) : reply.why)
      continue
    }
    if (reply.json === undefined) seen.set(`${view.target} text`, reply.text)
    else
      for (const [path, leaf] of leavesOf(reply.json))
        seen.set(`${view.target} ${path}`, JSON.stringify(leaf))
  }
  return seen
}

/** What moved by itself between two looks; clocks, counters of views. */
export function movingIn(first: Snapshot, second: Snapshot): ReadonlySet<string> {
  return new Set([...first.keys(), ...second.keys()].filter((key) => first.get(key) !== second.get(key)))
}

/** The first thing that is not as before, in words. */
export function changeIn(before: Snapshot, after: Snapshot, moving: ReadonlySet<string>): string | undefined {
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    if (moving.has(key) || before.get(key) === after.get(key)) continue
    return `${key}: ${(before.get(key) ?? 'not there').slice(0, 80)} -> ${(after.get(key) ?? 'gone').slice(0, 80)}`
  }
  return undefined
}

/** True when the owner sees the object at all. */
export function isSeen(views: readonly Prepared[], seen: Snapshot): boolean {
  return views.length > 0 && views.some((view) => !seen.has(`${view.target} status`))
}

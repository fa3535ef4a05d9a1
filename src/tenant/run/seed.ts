import { type Side, sides } from '../types.ts'
import type { Session } from '../world/session.ts'
import type { World } from '../world/world.ts'

/** Different numbers, so that a count of everybody's is nobody's. */
const rows: Readonly<Record<Side, number>> = { a: 3, b: 5 }

/** Makes objects of every resource for both tenants, parents first. Answers what could not be made, and why. */
export async function seed(
  session: Session,
  world: World,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const failed = new Map<string, string>()
  for (const side of sides) {
    for (const { name } of session.graph.resources.filter((one) => wanted.has(one.name))) {
      const more =
        rows[side] - world.things().filter((thing) => thing.side === side && thing.resource === name).length
      for (let count = 0; count < more; count += 1) {
        const made = await world.fresh(side, name)
        if (made.ok) continue
        failed.set(name, made.why)
        break
      }
    }
  }
  return failed
}

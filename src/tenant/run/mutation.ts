import type { Fetch } from '../../release/index.ts'
import { ownAnswer } from '../attacks/lists.ts'
import type { Part } from '../attacks/part.ts'
import { readAttacks } from '../attacks/reads.ts'
import { writeAttacks } from '../attacks/writes.ts'
import { type Client, createClient } from '../client/client.ts'
import type { Attack, Case, OperationCases } from '../types.ts'
import type { Session } from '../world/session.ts'
import { targetOf } from '../world/views.ts'
import type { World } from '../world/world.ts'
import { leakyProxy } from './proxy.ts'

export interface Mutated {
  readonly tried: readonly { readonly operation: string; readonly attack: Attack; readonly caught: boolean }[]
  readonly caught: boolean
}

const kinds: readonly {
  readonly attack: Attack
  readonly method: RegExp
  readonly run: (part: Part) => Promise<readonly Case[]>
}[] = [
  { attack: 'path-id', method: /^GET$/, run: readAttacks },
  { attack: 'own-answer', method: /^GET$/, run: ownAnswer },
  { attack: 'write', method: /^(PUT|PATCH|DELETE|POST)$/, run: writeAttacks },
]

/**
 * Puts a leak into the service, one route of each kind at a time, and looks whether it is found. A run that does not see
 * a leak that is there has no say on leaks that may be.
 */
export async function selfTest(
  session: Session,
  world: World,
  results: readonly OperationCases[],
  telling: ReadonlySet<string>,
  parts: { readonly fetch: Fetch; readonly client: Omit<Parameters<typeof createClient>[0], 'base'> },
): Promise<Mutated> {
  const tried: Mutated['tried'][number][] = []
  for (const { attack, method, run } of kinds) {
    const found = results.find(
      ({ id, method: own, cases }) =>
        method.test(own) &&
        telling.has(id) &&
        fits(session, id, attack) &&
        cases.some((one) => one.attack === attack && one.verdict === 'pass'),
    )
    const operation = found === undefined ? undefined : session.graph.byId.get(found.id)
    if (operation === undefined) continue
    const mutation = { operation, from: session.identities.a.headers, to: session.identities.b.headers }
    const proxy = await leakyProxy(session.client.base, mutation, parts.fetch, session.signal)
    try {
      const client: Client = createClient({ ...parts.client, base: proxy.url })
      const cases = await run({ session: { ...session, client }, world, operation, from: 'a', to: 'b' })
      tried.push({
        operation: operation.id,
        attack,
        caught: cases.some((one) => one.attack === attack && one.verdict === 'leak'),
      })
    } finally {
      await proxy.close()
    }
  }
  return { tried, caught: tried.length > 0 && tried.every((one) => one.caught) }
}

/** Of an object of its own, the other tenant's credentials get nothing; only a list of theirs is a leak. */
function fits(session: Session, id: string, attack: Attack): boolean {
  const operation = session.graph.byId.get(id)
  return operation !== undefined && (attack !== 'own-answer' || targetOf(session, operation) === undefined)
}

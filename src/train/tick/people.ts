import { region } from '../../config/index.ts'
import { readLedger } from '../../ledger/index.ts'
import { type Digest, ok, type Result } from '../../release/index.ts'
import * as people from '../people.ts'
import { type Committed, commitDecision, pathsOf, type TickContext } from './context.ts'
import { type FactsByRegion, join } from './next.ts'

/** What a person asks for, by name and with a reason. Each is one commit, or none when it was so before. */
export interface Person {
  readonly person: string
  readonly reason: string
}

type Answer = Promise<Result<Committed<people.Wish>>>

export async function propose(
  context: TickContext,
  wish: { readonly person: string; readonly digest?: Digest; readonly configSha?: string },
): Answer {
  return commitDecision(context, async ({ state }) => {
    const release = people.stagedRelease(state, wish)
    return release.ok ? people.propose(state, context.config, release.value, wish.person) : release
  })
}

export async function approve(
  context: TickContext,
  wish: {
    readonly person: string
    readonly plan?: string
    readonly digest?: Digest
    readonly configSha?: string
    readonly evidence?: string
  },
): Answer {
  return commitDecision(context, async ({ state }, at) => {
    const { person, plan, evidence } = wish
    const release = people.stagedRelease(state, wish)
    if (!release.ok) return release
    const asked = {
      person,
      at,
      release: release.value,
      ...(plan !== undefined && { plan }),
      ...(evidence !== undefined && { evidence }),
    }
    return people.approve(state, context.config, asked)
  })
}

export async function hold(context: TickContext, name: string, said: Person & { skip?: boolean }): Answer {
  const known = region(context.config, name)
  if (!known.ok) return known
  return commitDecision(context, async ({ state }) => ok(people.hold(state, name, said)))
}

export async function exclude(context: TickContext, name: string, said: Person): Answer {
  const known = region(context.config, name)
  if (!known.ok) return known
  return commitDecision(context, async ({ state }) => ok(people.exclude(state, name, said)))
}

export async function include(context: TickContext, name: string, said: Person): Answer {
  const known = region(context.config, name)
  if (!known.ok) return known
  return commitDecision(context, async ({ state }) => people.include(state, name, said))
}

export async function failback(context: TickContext, name: string, said: Person): Answer {
  const known = region(context.config, name)
  if (!known.ok) return known
  return commitDecision(context, async ({ state }) => ok(people.failback(state, name, said)))
}

/** T14: decided on what the region that stands in serves now. */
export async function failover(
  context: TickContext,
  facts: FactsByRegion,
  wish: people.FailoverWish,
): Answer {
  return commitDecision(context, async (ledger, now) => {
    const joined = await join(context, ledger, { regions: facts })
    return people.failover(ledger.state, joined, context.config, wish, now)
  })
}

export async function cancel(context: TickContext, said: Person): Answer {
  return commitDecision(context, async ({ state }) => people.cancel(state, context.config, said))
}

interface Choice {
  readonly digest?: Digest
  readonly configSha?: string
}

export async function revoke(context: TickContext, said: Person & Choice): Answer {
  return commitDecision(context, async ({ state }) => {
    const release = people.stagedRelease(state, said)
    return release.ok ? people.revoke(state, release.value, said) : release
  })
}

export async function veto(context: TickContext, said: Person & Choice): Answer {
  return commitDecision(context, async ({ state }) => {
    const release = people.stagedRelease(state, said)
    return release.ok ? people.veto(state, context.config, release.value, said) : release
  })
}

export async function resume(
  context: TickContext,
  name: string | undefined,
  { person, reason }: Person,
): Answer {
  const known = name === undefined ? undefined : region(context.config, name)
  if (known !== undefined && !known.ok) return known
  return commitDecision(context, async ({ state }) => people.resume(state, name, person, reason))
}

export async function halt(context: TickContext, { person, reason }: Person): Answer {
  return commitDecision(context, async ({ state }) => ok(people.halt(state, person, reason)))
}

/** Reads and verifies; writes nothing. */
export async function readState({ repo, config, signal }: TickContext) {
  return readLedger(repo, config.service, pathsOf(config), signal)
}

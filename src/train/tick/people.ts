import { region } from '../../config/index.ts'
import { readLedger } from '../../ledger/index.ts'
import { type Digest, ok, type Result } from '../../release/index.ts'
import * as people from '../people.ts'
import { type Committed, commitDecision, type TickContext } from './context.ts'

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
  },
): Answer {
  return commitDecision(context, async ({ state }, at) => {
    const { person, plan } = wish
    const release = people.stagedRelease(state, wish)
    if (!release.ok) return release
    const asked = { person, at, release: release.value, ...(plan !== undefined && { plan }) }
    return people.approve(state, context.config, asked)
  })
}

export async function hold(context: TickContext, name: string, { person, reason }: Person): Answer {
  const known = region(context.config, name)
  if (!known.ok) return known
  return commitDecision(context, async ({ state }) => ok(people.hold(state, name, person, reason)))
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
  return readLedger(
    repo,
    config.service,
    Object.values(config.environments).map((e) => e.gitops.pins),
    signal,
  )
}

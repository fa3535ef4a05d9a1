import type { Clock } from '../../release/index.ts'
import type { Graph } from '../api/graph.ts'
import type { ApiOperation } from '../api/operations.ts'
import type { Reply } from '../client/answer.ts'
import type { Client, Prepared } from '../client/client.ts'
import type { TenantConfig } from '../config/schema.ts'
import type { Side } from '../types.ts'
import type { Markers } from './markers.ts'

/** Who calls: the headers that say so. */
export interface Identity {
  readonly tenant: string
  headers: Readonly<Record<string, string>>
  /** Set when the service no longer knows the credentials; everything after it is unknown. */
  expired?: string
}

export type Login = (side: Side) => Promise<Readonly<Record<string, string>> | undefined>

export interface Session {
  readonly config: TenantConfig
  readonly graph: Graph
  readonly client: Client
  readonly markers: Markers
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly identities: Readonly<Record<Side, Identity>>
  /** A read that every tenant may do, with no parameter but its own id. */
  readonly baseline: Readonly<Record<Side, Prepared>>
  readonly login: Login | undefined
}

/**
 * Sends as a tenant, or as nobody. A 401 is looked into before it counts as a refusal: credentials that ran out would
 * make every attack look well defended.
 */
export async function ask(session: Session, request: Prepared, who: Side | 'nobody'): Promise<Reply> {
  if (who === 'nobody') return session.client.send(request, {})
  const identity = session.identities[who]
  if (identity.expired !== undefined) return { ok: false, why: identity.expired }
  const reply = await session.client.send(request, identity.headers)
  if (!reply.ok || reply.status !== 401 || (await stillKnown(session, who))) return reply
  const fresh = await session.login?.(who)
  if (fresh !== undefined) {
    identity.headers = fresh
    if (await stillKnown(session, who)) return session.client.send(request, fresh)
  }
  identity.expired = `the credentials of tenant ${identity.tenant} stopped being accepted during the run`
  return { ok: false, why: identity.expired }
}

export async function stillKnown({ client, identities, baseline }: Session, side: Side): Promise<boolean> {
  const reply = await client.send(baseline[side], identities[side].headers)
  return reply.ok && reply.status !== 401
}

export function settings(session: Session, operation: ApiOperation) {
  return session.config.operations[operation.id]
}

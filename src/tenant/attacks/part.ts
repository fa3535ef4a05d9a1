import type { ApiOperation } from '../api/operations.ts'
import { type Answer, isGood, type Reply } from '../client/answer.ts'
import type { Prepared } from '../client/client.ts'
import { curlOf } from '../client/curl.ts'
import { type Judgement, judge } from '../oracle/judge.ts'
import type { Attack, Case, Side } from '../types.ts'
import { type Filling, fill } from '../world/requests.ts'
import { ask, type Session, settings } from '../world/session.ts'
import { idIn, type Thing } from '../world/things.ts'
import type { World } from '../world/world.ts'

/** One operation attacked in one direction: the credentials of `from`, the data of `to`. */
export interface Part {
  readonly session: Session
  readonly world: World
  readonly operation: ApiOperation
  readonly from: Side
  readonly to: Side
}

export function caseOf(
  { session, from, to }: Part,
  attack: Attack,
  judgement: Judgement,
  request: Prepared | undefined,
  who: Side | 'nobody' = from,
): Case {
  const { verdict, status, warning } = judgement
  const redact = redactor(session)
  const why = redact(judgement.why)
  const found = judgement.found === undefined ? undefined : redact(judgement.found)
  const names = Object.keys(session.identities[from].headers)
  return {
    attack,
    from: session.identities[from].tenant,
    to: session.identities[to].tenant,
    verdict,
    evidence: {
      why,
      ...(status === undefined ? {} : { status }),
      ...(found === undefined ? {} : { found }),
      ...(warning === undefined ? {} : { warning }),
      ...(request === undefined ? {} : { curl: curlOf(session.client.base, request, who, names) }),
    },
  }
}

/** A service may repeat a token in its answer; evidence goes into artifacts that more people read. */
function redactor({ identities }: Session): (text: string) => string {
  const secrets = Object.values(identities).flatMap(({ headers }) =>
    Object.values(headers).flatMap((value) => [value, value.replace(/^(Bearer|Basic) /i, '')]),
  )
  const long = secrets.filter((one) => one.length >= 6).sort((left, right) => right.length - left.length)
  return (text) => {
    let shown = text
    for (const one of long) shown = shown.replaceAll(one, '***').replaceAll(one.toLowerCase(), '***')
    return shown
  }
}

export interface Sent {
  readonly reply: Reply
  readonly request: Prepared
  readonly judgement: Judgement
}

/** Sends as the attacker and judges by what the victim alone may see. */
export async function attack(
  { session, world, from, to }: Part,
  request: Prepared,
  expects: 'object' | 'own' | 'write',
  more: { readonly owners?: Answer; readonly who?: Side | 'nobody' } = {},
): Promise<Sent> {
  const reply = await ask(session, request, more.who ?? from)
  const judgement = judge({
    reply,
    sent: request.sent,
    secrets: world.secretsOf(to),
    deny: session.config.policy.deny,
    expects,
    ...(more.owners === undefined ? {} : { owners: more.owners }),
  })
  return { reply, request, judgement }
}

/** What an attack got the service to make is the attacker's, and is taken away with the rest. */
export function adoptMade(
  { session, world, operation, from }: Part,
  { reply, request }: Pick<Sent, 'reply' | 'request'>,
): Thing | undefined {
  const resource = session.graph.resources.find(({ producer }) => producer.id === operation.id)
  if (resource === undefined || !isGood(reply)) return undefined
  const id = idIn(reply, resource.name, settings(session, operation)?.id)
  if (id === undefined) return undefined
  const thing: Thing = {
    resource: resource.name,
    side: from,
    id,
    answer: reply.json,
    request: undefined,
    parents: new Map(
      operation.parameters.flatMap(({ name, in: where }) => {
        const source = where === 'path' ? session.graph.sourceOf(operation, name) : undefined
        const parent =
          source === undefined || source === 'tenant' ? undefined : world.stable(from, source.resource)
        return parent === undefined ? [] : [[parent.resource, parent] as const]
      }),
    ),
  }
  void request
  world.adopt(thing)
  return thing
}

/** The names under which services take the tenant from the caller. */
export function overrides({ session, to }: Part): {
  readonly headers: Readonly<Record<string, string>>
  readonly query: readonly (readonly [string, string])[]
} {
  const { header, query } = session.config['tenant-keys']
  const tenant = session.identities[to].tenant
  return {
    headers: Object.fromEntries(header.map((name) => [name, tenant])),
    query: query.map((name) => [name, tenant] as const),
  }
}

export function recipeFor({ world, operation, from }: Part): Filling['recipe'] {
  return world.recipeOf(operation, from) ?? { kind: 'generated', index: 0, optionals: false }
}

export function filledOr(part: Part, filling: Filling): Prepared | undefined {
  const filled = fill(part.session, part.operation, filling)
  return 'missing' in filled ? undefined : filled
}

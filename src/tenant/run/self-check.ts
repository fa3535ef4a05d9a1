import { isObject, keyOf } from '../../contract/index.ts'
import type { Graph } from '../api/graph.ts'
import type { ApiOperation } from '../api/operations.ts'
import { isGood } from '../client/answer.ts'
import type { Prepared } from '../client/client.ts'
import type { TenantConfig } from '../config/schema.ts'
import { canonical } from '../oracle/flat.ts'
import { type Side, sides } from '../types.ts'
import { fill } from '../world/requests.ts'
import type { Session } from '../world/session.ts'
import { shown } from '../world/world.ts'

export type Checked =
  | { readonly ok: true; readonly different: boolean }
  | { readonly ok: false; readonly why: string }

/** The first read that every tenant may do and that asks for nothing but the tenant itself. */
export function baselineOf(
  { operations, sourceOf }: Graph,
  { baseline: wanted, tenants }: TenantConfig,
  exempt: ReadonlySet<string>,
): Sides<Prepared> | string {
  const plain = (one: ApiOperation): boolean =>
    one.method === 'GET' &&
    one.parameters.every(
      ({ required, in: where, name }) => !required || (where === 'path' && sourceOf(one, name) === 'tenant'),
    )
  const found = operations.find((one) =>
    wanted === undefined ? plain(one) && !exempt.has(one.id) : one.id === wanted,
  )
  if (found === undefined)
    return wanted === undefined
      ? 'no GET without parameters is left for a first look; name one with `baseline`'
      : `the baseline ${wanted} is no operation of the description`
  if (!plain(found)) return `the baseline ${found.id} is no GET, or asks for more than the tenant`
  const of = (side: Side): Prepared => ({
    operation: found.id,
    method: found.method,
    target: found.path.replaceAll(/\{[^{}]*\}/g, encodeURIComponent(tenants[side].id)),
    headers: {},
    sent: [],
  })
  return { a: of('a'), b: of('b') }
}

/** Two tenants that differ, both known to the service, and a service that asks who is calling. Anything else proves nothing. */
export async function selfCheck(session: Session): Promise<Checked> {
  const { client, identities, baseline, config, graph } = session
  const { a, b } = identities
  if (a.tenant === b.tenant) return bad(`both tenants have the id ${a.tenant}`)
  if (JSON.stringify(a.headers) === JSON.stringify(b.headers))
    return bad('both tenants have the same credentials')
  const claims = claimsApart(a.headers, b.headers)
  if (claims === false) return bad('the tokens of both tenants name the same tenant')
  for (const side of sides) {
    const reply = await client.send(baseline[side], identities[side].headers)
    if (!isGood(reply))
      return bad(
        `tenant ${identities[side].tenant} gets ${shown(reply)} from ${baseline[side].method} ${baseline[side].target}`,
      )
  }
  const nobody = await client.send(baseline.a, {})
  if (!nobody.ok) return bad(`without credentials ${baseline.a.target} gives ${nobody.why}`)
  if (![401, 403].includes(nobody.status))
    return bad(
      `without credentials ${baseline.a.method} ${baseline.a.target} answers ${nobody.status}, not 401 or 403`,
    )
  if (config.whoami === undefined) return { ok: true, different: claims === true }
  const operation = graph.byId.get(config.whoami)
  if (operation === undefined)
    return bad(`whoami names ${config.whoami}, which is no operation of the description`)
  const answers: string[] = []
  for (const side of sides) {
    const filled = fill(session, operation, {
      side,
      recipe: { kind: 'generated', index: 0, optionals: false },
      pick: () => undefined,
    })
    if ('missing' in filled) return bad(`whoami cannot be asked: ${filled.missing}`)
    const reply = await client.send(filled, identities[side].headers)
    if (!isGood(reply))
      return bad(`${config.whoami} answers ${shown(reply)} to tenant ${identities[side].tenant}`)
    answers.push(reply.json === undefined ? reply.text : canonical(reply.json))
  }
  if (answers[0] === answers[1]) return bad(`${config.whoami} gives both tenants the same answer`)
  return { ok: true, different: true }
}

const bad = (why: string): Checked => ({ ok: false, why })

const claimName = /^(tenant|org|organization|account|customer|workspace|tid)[_-]?(id|uuid)?$/i

/** By what the tokens say: true = different tenants, false = the same one, undefined = they say nothing. */
export function claimsApart(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): boolean | undefined {
  const [left, right] = [claimsOf(a), claimsOf(b)]
  if (left === undefined || right === undefined) return undefined
  const names = Object.keys(left).filter(
    (name) => claimName.test(name.split('/').at(-1) ?? '') && keyOf(right, name) !== undefined,
  )
  if (names.length === 0) return undefined
  return names.some((name) => JSON.stringify(left[name]) !== JSON.stringify(right[name]))
}

function claimsOf(headers: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> | undefined {
  for (const value of Object.values(headers)) {
    const [, payload] = /\b[\w-]{8,}\.([\w-]{8,})\.[\w-]*$/.exec(value) ?? []
    if (payload === undefined) continue
    try {
      const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
      if (isObject(claims)) return claims
    } catch {
      // Some other text with two dots in it.
    }
  }
  return undefined
}

export type Sides<T> = Readonly<Record<Side, T>>

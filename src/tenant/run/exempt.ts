import { isObject } from '../../contract/index.ts'
import type { ApiOperation } from '../api/operations.ts'
import type { TenantConfig } from '../config/schema.ts'

export interface Exemption {
  readonly scope: string
  readonly reason: string
  readonly expires: string
}

export interface Exemptions {
  readonly valid: ReadonlyMap<string, Exemption>
  readonly notes: readonly string[]
}

const scopes = ['public', 'global', 'admin']

/** Operations that are no tenant's: said in the file of overrides or by `x-tenant-scope`, with a reason and an end. */
export function exemptions(operations: readonly ApiOperation[], config: TenantConfig, now: Date): Exemptions {
  const today = now.toISOString().slice(0, 10)
  const valid = new Map<string, Exemption>()
  const notes: string[] = []
  const take = (id: string, one: Exemption) => {
    if (one.expires < today) notes.push(`The exemption of ${id} ended on ${one.expires}.`)
    else valid.set(id, one)
  }
  for (const { id, scope } of operations) {
    if (scope === undefined) continue
    if (isObject(scope) && typeof scope.reason === 'string' && scope.reason.trim().length >= 10) {
      const [name, end] = [String(scope.scope), String(scope.expires)]
      if (scopes.includes(name) && /^\d{4}-\d{2}-\d{2}$/.test(end)) {
        take(id, { scope: name, reason: scope.reason, expires: end })
        continue
      }
    }
    if (!config.exempt.some(({ operation }) => operation === id))
      notes.push(
        `x-tenant-scope of ${id} is no exemption: it needs scope (${scopes.join(', ')}), reason and expires.`,
      )
  }
  for (const { operation, scope, reason, expires } of config.exempt)
    take(operation, { scope, reason, expires })
  return { valid, notes }
}

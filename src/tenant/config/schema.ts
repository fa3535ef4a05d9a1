import * as z from 'zod'
import { attacks } from '../types.ts'

const word = z.string().trim().min(1).max(200)
const reason = z.string().trim().min(10, 'says why in at least 10 characters').max(1000)
const date = z.iso.date('is no date such as 2026-12-31')
const words = z.array(word).max(50)
const command = z.array(z.string().min(1)).min(1).max(50)
const attack = z.enum(Object.keys(attacks) as [keyof typeof attacks, ...(keyof typeof attacks)[]])

const tenant = z.strictObject({
  /** The tenant's own id, as the service knows it: for overrides by header, parameter and body. */
  id: word,
})

const operation = z.strictObject({
  /** A body that the service accepts, where none can be generated. `{marker}` stands for a fresh marker. */
  body: z.unknown().optional(),
  query: z.record(word, z.union([z.string(), z.number(), z.boolean()])).optional(),
  headers: z.record(word, z.string()).optional(),
  /** The resource that this operation makes. */
  produces: word.optional(),
  /** JSON pointer to the id in its answer. */
  id: z.string().startsWith('/', 'is a JSON pointer such as /data/id').optional(),
  skip: z
    .array(z.strictObject({ attack, reason, expires: date }))
    .max(20)
    .default([]),
})

export const tenantSchema = z.strictObject({
  version: z.literal(1),
  tenants: z.strictObject({ a: tenant, b: tenant }),
  /** Operation that says who is calling; both tenants have to get different answers. */
  whoami: word.optional(),
  /** Operation that every tenant may read, for the first look. Default: the first GET without parameters that is no exempt one. */
  baseline: word.optional(),
  'tenant-keys': z
    .strictObject({
      header: words.default(['X-Tenant-Id', 'X-Tenant', 'X-Org-Id', 'X-Organization-Id', 'X-Account-Id']),
      query: words.default(['tenantId', 'tenant_id', 'tenant', 'orgId', 'org_id', 'accountId']),
      body: words.default(['tenantId', 'tenant_id', 'tenant', 'orgId', 'org_id', 'accountId', 'ownerId']),
      path: words.default(['tenantId', 'tenant_id', 'tenant', 'orgId', 'org_id', 'organizationId']),
    })
    .prefault({}),
  policy: z
    .strictObject({
      /** Statuses that refuse. `[404]` forbids to tell what exists by 403. */
      deny: z.array(z.int().min(300).max(499)).min(1).default([401, 403, 404, 410]),
      /** What differs between a foreign id and one that nobody has: `warn`, or a leak. */
      existence: z.enum(['warn', 'forbid']).default('warn'),
      'inconclusive-limit': z.int().min(0).max(1000).default(0),
    })
    .prefault({}),
  exempt: z
    .array(
      z.strictObject({
        operation: word,
        scope: z.enum(['public', 'global', 'admin']),
        reason,
        expires: date,
      }),
    )
    .max(500)
    .default([]),
  operations: z.record(word, operation).default({}),
  /** Parameter or field -> `resource` or `resource/pointer`, where names do not tell. */
  binds: z.record(word, z.string().min(1)).default({}),
  hooks: z
    .strictObject({
      /** Prints the headers of a tenant as JSON, or a token. `TENANT_SIM_SIDE` is `a` or `b`. */
      login: command.optional(),
      /** Makes what the API cannot and prints `{"resource": [{"id": …}]}`. */
      seed: command.optional(),
      /** Takes away what has no DELETE; gets the objects as JSON on its input. */
      cleanup: command.optional(),
    })
    .prefault({}),
  /** How long the service may take until its own views show a change. */
  'settle-seconds': z.number().min(0).max(60).default(3),
  'mutation-waiver': z.strictObject({ reason, expires: date }).optional(),
})

export type TenantConfig = z.output<typeof tenantSchema>
export type OperationConfig = z.output<typeof operation>

import { z } from 'zod'

const port = z.coerce.number().int().min(0).max(65_535)
const milliseconds = z.coerce.number().int().min(0)

/** What every entry point reads from its environment. A fault in it stops the process before it listens. */
const common = z.object({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(100).default(10),
  OPS_PORT: port.default(9090),
  DRAIN_MS: milliseconds.default(5_000),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  SERVICE_COMMIT: z.string().default('unknown'),
  IMAGE_DIGEST: z.string().default('unknown'),
})

const api = common.extend({
  HTTP_PORT: port.default(8080),
  /** Public keys (RFC 7517) of whoever signs the tokens: as a URL, or as the text itself. */
  TOKEN_JWKS_URL: z.url().optional(),
  TOKEN_JWKS: z.string().optional(),
  TOKEN_ISSUER: z.string().min(1),
  TOKEN_AUDIENCE: z.string().default('delivery-service'),
  /** Without it every read goes to the database. */
  REDIS_URL: z.string().optional(),
})

const worker = common.extend({
  NATS_URL: z.string().min(1),
  BATCH_SIZE: z.coerce.number().int().min(1).max(1_000).default(100),
  IDLE_MS: milliseconds.default(250),
})

export type ApiSettings = z.output<typeof api>
export type WorkerSettings = z.output<typeof worker>

export const apiSettings = (env: NodeJS.ProcessEnv): ApiSettings => read(api, env)
export const workerSettings = (env: NodeJS.ProcessEnv): WorkerSettings => read(worker, env)

/** Names the variables that are at fault and never their values: one of them carries a password. */
function read<T>(schema: z.ZodType<T>, env: NodeJS.ProcessEnv): T {
  const result = schema.safeParse(env)
  if (result.success) return result.data
  const names = [...new Set(result.error.issues.map((issue) => issue.path.join('.')))]
  throw new Error(`these settings are missing or cannot be used: ${names.join(', ')}`)
}

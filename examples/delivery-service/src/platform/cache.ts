import { createClient } from 'redis'
import { errorKind, type Log } from './logger.js'

/** Short-lived copies of what one tenant read. Every key begins with the tenant: no call works without it. */
export interface Cache {
  get(tenant: string, key: string): Promise<string | undefined>
  set(tenant: string, key: string, value: string): Promise<void>
  drop(tenant: string, key: string): Promise<void>
  end(): Promise<void>
}

export const noCache: Cache = {
  get: async () => undefined,
  set: async () => {},
  drop: async () => {},
  end: async () => {},
}

const SECONDS = 30

/** A cache that cannot be reached is an empty cache: slower, never wrong, never an outage. */
export async function redisCache(url: string, log: Log): Promise<Cache> {
  const client = createClient({ url, disableOfflineQueue: true, socket: { connectTimeout: 500 } })
  client.on('error', (error: unknown) => log.warn('the cache is not reachable', { error: errorKind(error) }))
  // Keeps trying in the background; the service starts without it.
  void client.connect().catch(() => {})
  const name = (tenant: string, key: string) => `tenant:${tenant}:${key}`
  const tolerant = <T>(work: Promise<T>): Promise<T | undefined> => work.catch(() => undefined)
  return {
    get: async (tenant, key) => (await tolerant(client.get(name(tenant, key)))) ?? undefined,
    set: async (tenant, key, value) => {
      await tolerant(client.set(name(tenant, key), value, { expiration: { type: 'EX', value: SECONDS } }))
    },
    drop: async (tenant, key) => {
      await tolerant(client.del(name(tenant, key)))
    },
    end: async () => client.destroy(),
  }
}

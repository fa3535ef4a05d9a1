import { readFileSync } from 'node:fs'
import pg from 'pg'
import type { DatabaseAddress } from './database-url.ts'
import type { Session } from './session.ts'

/** A query that nobody gave a longer bound. */
const usualBoundMs = 30_000

/** The only place that loads the driver. Rejects with the driver's error. */
export async function openSession(address: DatabaseAddress, applicationName: string): Promise<Session> {
  const { host, port, user, password, database, tls, authorities } = address
  const client = new pg.Client({
    host,
    port,
    user,
    // As a function: for an empty text the driver looks for PGPASSWORD and ~/.pgpass of this machine.
    password: () => password ?? '',
    database,
    ssl:
      tls === 'off'
        ? false
        : {
            rejectUnauthorized: true,
            ...(authorities === undefined ? {} : { ca: readFileSync(authorities, 'utf8') }),
          },
    application_name: applicationName,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  })
  let lost: Error | undefined
  // Without a listener a connection that breaks while it is idle would end the process.
  client.on('error', (error) => {
    lost = error
  })
  try {
    await client.connect()
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
  return {
    pid: backendPid(client),
    async query(sql, values, boundMs = usualBoundMs) {
      if (lost !== undefined) throw lost
      const bound = silence(boundMs, client)
      try {
        const asked = values === undefined ? client.query(sql) : client.query(sql, [...values])
        const answer = await Promise.race([asked, bound.passed])
        // Several statements in one text have several answers; the last is meant.
        const last = Array.isArray(answer) ? answer.at(-1) : answer
        return last?.rows ?? []
      } finally {
        bound.clear()
      }
    },
    async end() {
      const late = silence(2_000, client)
      await Promise.race([client.end(), late.passed]).catch(() => {})
      late.clear()
    },
  }
}

/** A server or a network that falls silent is given up: the socket is closed, what was asked fails. */
function silence(boundMs: number, client: pg.Client) {
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = Object.assign(new Error(`no answer within ${boundMs} ms`), { code: 'ETIMEDOUT' })
      reject(error)
      client.connection.stream.destroy(error)
    }, boundMs)
  })
  passed.catch(() => {})
  return { passed, clear: () => clearTimeout(timer) }
}

/** Public in the driver and missing in its types. */
function backendPid(client: pg.Client): number {
  return (client as unknown as { readonly processID: number }).processID
}

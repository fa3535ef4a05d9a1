import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
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
    cancel: () => requestCancel(client, address),
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

/** The number of a CancelRequest of the protocol, version 1234.5678. */
const cancelRequest = 80_877_102

/**
 * The protocol's own way to take a statement back: no login, no free connection needed. It goes without TLS, as libpq
 * does before 17; the secret in it is good for this session only.
 */
async function requestCancel(client: pg.Client, { host, port }: DatabaseAddress): Promise<void> {
  const message = Buffer.alloc(16)
  message.writeInt32BE(16, 0)
  message.writeInt32BE(cancelRequest, 4)
  message.writeInt32BE(backendPid(client), 8)
  message.writeInt32BE(internals(client).secretKey ?? 0, 12)
  await new Promise<void>((done) => {
    const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
    socket.setTimeout(3_000, () => socket.destroy())
    socket.on('connect', () => socket.end(message))
    socket.on('error', () => done())
    socket.on('close', () => done())
    socket.resume()
  })
}

function backendPid(client: pg.Client): number {
  return internals(client).processID
}

/** Public in the driver and missing in its types. */
function internals(client: pg.Client): { readonly processID: number; readonly secretKey?: number } {
  return client as unknown as { readonly processID: number; readonly secretKey?: number }
}

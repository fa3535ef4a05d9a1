import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, postgresMissing, startPostgres } from '../../testkit/postgres/index.ts'
import { openDatabase, parseDatabaseUrl } from './index.ts'

async function refusal(url: string, write = true) {
  const address = parseDatabaseUrl(url)
  if (!address.ok) return address.fault
  const opened = await openDatabase(address.value, { applicationName: 'test', write })
  if (!opened.ok) return opened.fault
  await opened.value.close()
  return undefined
}

describe.skipIf(postgresMissing(16) !== undefined)('a database that cannot be migrated', () => {
  let server: Postgres
  let standby: Postgres
  beforeAll(async () => {
    ;[server, standby] = await Promise.all([
      startPostgres({ major: 16, password: 'hunter2' }),
      startPostgres({ major: 16, standby: true }),
    ])
  })
  afterAll(() => Promise.all([server.stop(), standby.stop()]))

  const changed = (change: (url: URL) => void) => {
    const url = new URL(server.url)
    change(url)
    return url.href
  }

  test('one that can is opened', async () => {
    expect(await refusal(server.url)).toBeUndefined()
    expect(await refusal(standby.url, false)).toBeUndefined()
  })

  test.each<[name: string, url: () => string, blame: string, reason: string]>([
    [
      'a wrong password',
      () =>
        changed((url) => {
          url.password = 'wrong-hunter'
        }),
      'user',
      'database-login-refused',
    ],
    [
      'no password',
      () =>
        changed((url) => {
          url.password = ''
        }),
      'user',
      'database-login-refused',
    ],
    [
      'an unknown user',
      () =>
        changed((url) => {
          url.username = 'nix'
        }),
      'user',
      'database-login-refused',
    ],
    [
      'an unknown database',
      () =>
        changed((url) => {
          url.pathname = '/nix'
        }),
      'user',
      'database-missing',
    ],
    [
      'a server without TLS where TLS is wanted',
      () => `${server.url}?sslmode=verify-full`,
      'user',
      'database-tls',
    ],
    [
      'nobody at the port',
      () =>
        changed((url) => {
          url.port = '1'
        }),
      'world',
      'database-unreachable',
    ],
    [
      'a name that does not resolve',
      () =>
        changed((url) => {
          url.hostname = 'db.invalid'
          url.search = '?sslmode=disable'
        }),
      'world',
      'database-unreachable',
    ],
    ['a replica', () => standby.url, 'user', 'database-read-only'],
  ])('%s', async (_, url, blame, reason) => {
    const fault = await refusal(url())
    expect(fault).toMatchObject({ blame, reason })
    expect(JSON.stringify(fault)).not.toContain('hunter')
  })

  test('a server that takes the connection and says nothing is given up', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    expect(
      await refusal(
        changed((url) => {
          url.port = String(port)
        }),
      ),
    ).toMatchObject({ blame: 'world', reason: 'database-unreachable' })
    silent.close()
  })
})

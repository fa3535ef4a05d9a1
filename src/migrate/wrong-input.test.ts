/** What a person hands over wrong, on real servers: told before the first change, or with what was applied. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, postgresMissing, selfSigned, startPostgres } from '../../testkit/postgres/index.ts'
import { openDatabase, parseDatabaseUrl } from './index.ts'
import { faultOf, migrate, rows } from './on-server.fixture.ts'

const day = 86_400_000
const inDays = (days: number) => new Date(Date.now() + days * day)

describe.skipIf(postgresMissing(16) !== undefined)('a server with a certificate', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tuesday-tls-'))
  const good = selfSigned('localhost', inDays(-1), inDays(30))
  const expired = selfSigned('localhost', inDays(-30), inDays(-1))
  const servers: Postgres[] = []
  beforeAll(async () => {
    servers.push(
      ...(await Promise.all([good, expired].map((certificate) => startPostgres({ major: 16, certificate })))),
    )
    writeFileSync(path.join(folder, 'good.pem'), good.certificate)
    writeFileSync(path.join(folder, 'expired.pem'), expired.certificate)
  })
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()))
    rmSync(folder, { recursive: true })
  })

  async function opened(at: 0 | 1, host: string, authority: string) {
    const url = new URL(servers[at]?.url ?? '')
    url.hostname = host
    url.search = `?sslmode=verify-full&sslrootcert=${path.join(folder, authority)}`
    const address = parseDatabaseUrl(url.href)
    if (!address.ok) throw new Error(address.fault.cause)
    const database = await openDatabase(address.value, { applicationName: 'test', write: true })
    if (!database.ok) return database.fault
    const [ssl] = await database.value.work.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()')
    await database.value.close()
    return ssl
  }

  test('is reached over TLS when it is valid, names the host, and its authority is known', async () => {
    expect(await opened(0, 'localhost', 'good.pem')).toEqual({ ssl: true })
  })

  test.each([
    ['expired', 1, 'localhost', 'expired.pem', /expired/],
    ['for another name', 0, '127.0.0.1', 'good.pem', /IP|match|altnames/i],
    ['of an authority that is not known', 0, 'localhost', 'expired.pem', /certificate|signature/],
  ] as const)('that is %s is refused', async (_, at, host, authority, said) => {
    const fault = await opened(at, host, authority)
    expect(fault).toMatchObject({ blame: 'user', reason: 'database-tls', cause: expect.stringMatching(said) })
  })
})

describe.skipIf(postgresMissing(16) !== undefined)('on PostgreSQL 16', () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres({ major: 16 })
  })
  afterAll(() => server.stop())

  const first = { '0001_t.sql': 'create table t (a int)' }

  test('a database held read only for maintenance is told before anything is asked of it', async () => {
    const url = await server.database()
    await rows(
      url,
      `alter database "${new URL(url).pathname.slice(1)}" set default_transaction_read_only = on`,
    )
    await expect(migrate(url, first)).rejects.toThrow(/does not take writes/)
    expect(await rows(url, `select to_regclass('tuesday_migrations')`)).toEqual([[null]])
  })

  test('a file that was taken away after it was applied stops before the first change', async () => {
    const url = await server.database()
    await migrate(url, { ...first, '0002_u.sql': 'create table u (a int)' })
    const gone = await migrate(url, {
      '0002_u.sql': 'create table u (a int)',
      '0003_v.sql': 'create table v (a int)',
    })
    expect(faultOf(gone)).toMatchObject({ blame: 'user', reason: 'migration-missing' })
    expect(await rows(url, `select to_regclass('v')`)).toEqual([[null]])
  })

  test('a role that owns no table is told with its statement, and all before it stands', async () => {
    const url = await server.database()
    await migrate(url, first)
    await rows(url, 'create role poor login')
    await rows(url, 'grant create, usage on schema public to poor')
    await rows(url, 'grant all on tuesday_migrations to poor')
    const other = new URL(url)
    other.username = 'poor'
    const result = await migrate(other.href, {
      ...first,
      '0002_own.sql': 'create table own (a int)',
      '0003_not_mine.sql': 'alter table t add column b int',
    })
    expect(faultOf(result)).toMatchObject({
      blame: 'user',
      reason: 'permission-denied',
      cause: expect.stringMatching(/0003_not_mine\.sql/),
    })
    expect(result.account).toMatchObject({ level: 2, applied: [{ file: '0002_own.sql' }] })
  })

  // A disk of two megabytes needs a mount of its own, which only root may make.
  const disk = mounted()
  test.skipIf(disk === undefined)('a full disk is told, and nothing of its statement is done', async () => {
    const url = await server.database()
    await rows(url, `create tablespace small location '${disk ?? ''}'`)
    try {
      const result = await migrate(url, {
        ...first,
        '0002_fits.sql': 'create table fits (a int) tablespace small',
        '0003_large.sql':
          'create table large tablespace small as select n, repeat(md5(n::text), 20) from generate_series(1, 20000) n;\ninsert into t values (1)',
      })
      expect(faultOf(result)).toMatchObject({
        blame: 'world',
        reason: 'statement-failed',
        cause: expect.stringMatching(/out of space.*0003_large\.sql statement 1 of 2/),
      })
      expect(result.account).toMatchObject({
        level: 2,
        applied: [{ file: '0001_t.sql' }, { file: '0002_fits.sql' }],
      })
      expect(await rows(url, `select to_regclass('large'), (select count(*)::int from t)`)).toEqual([
        [null, 0],
      ])
      const journal = `select position, state from tuesday_migrations where number = 3`
      expect(await rows(url, journal)).toEqual([[1, 'intent']])
    } finally {
      await rows(url, 'drop table if exists fits')
      await rows(url, 'drop tablespace small')
    }
  })
  afterAll(() => {
    if (disk !== undefined) execFileSync('umount', [disk])
  })
})

function mounted(): string | undefined {
  if (process.getuid?.() !== 0) return undefined
  const folder = mkdtempSync(path.join(tmpdir(), 'tuesday-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=0777', 'tmpfs', folder], { stdio: 'ignore' })
    const uid = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }))
    execFileSync('chown', [String(uid), folder])
    chmodSync(folder, 0o700)
    return folder
  } catch {
    rmSync(folder, { recursive: true, force: true })
    return undefined
  }
}

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, postgresMissing, startPostgres } from '../../testkit/postgres/index.ts'

const entry = fileURLToPath(new URL('./main.ts', import.meta.url))
const example = fileURLToPath(new URL('../../examples/delivery-service/tuesday.yaml', import.meta.url))

interface Answer {
  readonly code: number
  readonly log: string
  readonly outputs: Readonly<Record<string, string>>
}

/** Runs the entry as the runner does: inputs in the environment, outputs in a file. */
async function run(
  workspace: string,
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const files = await mkdtemp(path.join(tmpdir(), 'tuesday-runner-'))
  const output = path.join(files, 'output')
  for (const name of ['output', 'summary', 'state']) await writeFile(path.join(files, name), '')
  const answer = await new Promise<{ code: number; log: string }>((done) => {
    execFile(
      process.execPath,
      [entry],
      {
        cwd: workspace,
        env: {
          PATH: process.env.PATH,
          ...Object.fromEntries(
            Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
          ),
          ...runner(workspace, files),
          GITHUB_OUTPUT: output,
          GITHUB_STEP_SUMMARY: path.join(files, 'summary'),
          GITHUB_STATE: path.join(files, 'state'),
          ...env,
        },
      },
      (error, stdout, stderr) => done({ code: Number(error?.code ?? 0), log: stdout + stderr }),
    )
  })
  const outputs = parseOutputs(await readFile(output, 'utf8'))
  await rm(files, { recursive: true })
  return { ...answer, outputs }
}

function runner(workspace: string, temp: string): Record<string, string> {
  return {
    GITHUB_REPOSITORY: 'acme/delivery-service',
    GITHUB_SHA: 'a'.repeat(40),
    GITHUB_REF: 'refs/heads/main',
    GITHUB_RUN_ID: '7',
    GITHUB_ACTOR: 'someone',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_WORKSPACE: workspace,
    RUNNER_TEMP: temp,
  }
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** `name<<delimiter`, lines, `delimiter`. */
function parseOutputs(text: string): Record<string, string> {
  const found = text.matchAll(/^([^\n]+?)<<([^\n]+)\n([\s\S]*?)\n\2$/gm)
  return Object.fromEntries([...found].map(([, name, , value]) => [name, value]))
}

describe.skipIf(postgresMissing(16) !== undefined)('actions/migrate on PostgreSQL 16', () => {
  let server: Postgres
  let workspace: string
  beforeAll(async () => {
    server = await startPostgres({ major: 16, password: 'correct horse' })
    workspace = await mkdtemp(path.join(tmpdir(), 'tuesday-migrate-'))
    await writeFile(path.join(workspace, 'tuesday.yaml'), await readFile(example))
    await mkdir(path.join(workspace, 'migrations'))
    await writeFile(
      path.join(workspace, 'migrations/0001_t.sql'),
      'create table t (a int); insert into t values (1)',
    )
    await writeFile(path.join(workspace, 'migrations/0002_i.sql'), 'create index concurrently i on t (a)')
  })
  afterAll(async () => {
    await server.stop()
    await rm(workspace, { recursive: true })
  })

  const staging = { environment: 'staging' }

  test('plan changes nothing, apply applies, apply again and status find nothing to do', async () => {
    const env = { DATABASE_URL: await server.database() }
    const plan = await run(workspace, { ...staging, mode: 'plan' }, env)
    expect(plan).toMatchObject({
      code: 0,
      outputs: { verdict: 'pass', 'reason-code': 'migrations-pending', pending: '3', level: '0' },
    })
    expect(plan.log).toMatch(/0002_i\.sql:1 on its own \(create-index\)/)
    const applied = await run(workspace, staging, env)
    expect(applied).toMatchObject({
      code: 0,
      outputs: { verdict: 'pass', 'reason-code': 'done', applied: '3', level: '2' },
    })
    const again = await run(workspace, staging, env)
    expect(again).toMatchObject({
      code: 0,
      outputs: { verdict: 'pass', 'reason-code': 'nothing-to-do', applied: '0', level: '2' },
    })
    const status = await run(workspace, { ...staging, mode: 'status' }, env)
    expect(JSON.parse(status.outputs.result ?? '{}')).toMatchObject({
      reason: 'nothing-to-do',
      data: { level: 2, applied: ['0001_t.sql', '0002_i.sql'], pending: [] },
    })
  })

  test('apply tells what is no SQL before the first change: file, line, column and a caret', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'tuesday-syntax-'))
    await writeFile(path.join(folder, 'tuesday.yaml'), await readFile(example))
    await mkdir(path.join(folder, 'migrations'))
    await writeFile(
      path.join(folder, 'migrations/0001_t.sql'),
      'create table t (a int);\nalter table t\n  add colum b int;',
    )
    const url = await server.database()
    const refused = await run(folder, staging, { DATABASE_URL: url })
    expect(refused).toMatchObject({ code: 1, outputs: { 'reason-code': 'migration-unreadable' } })
    expect(refused.log).toMatch(/0001_t\.sql:3:15: PostgreSQL 16 does not parse it/)
    expect(refused.log).toMatch(/ {2}add colum b int(\n|%0A) {14}\^/)
    expect(refused.log).toMatch(/^::error [^\n]*file=migrations\/0001_t\.sql,line=3/m)
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const made = await client.query(
      `select to_regclass('t') as t, to_regclass('tuesday_migrations') as journal`,
    )
    await client.end()
    expect(made.rows).toEqual([{ t: null, journal: null }])
    await rm(folder, { recursive: true })
  })

  test('lint judges the files that the database does not have, by its version and its catalogue', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'tuesday-lint-'))
    const file = (name: string, text: string) => writeFile(path.join(folder, 'migrations', name), text)
    await writeFile(path.join(folder, 'tuesday.yaml'), await readFile(example))
    await mkdir(path.join(folder, 'migrations'))
    await file('0001_t.sql', 'create table t (id bigint primary key, note text, code varchar(10))')
    const env = { DATABASE_URL: await server.database() }
    expect(await run(folder, staging, env)).toMatchObject({ code: 0 })

    await file('0002_wider.sql', 'alter table t alter code type varchar(20)')
    const wider = { ...staging, mode: 'lint', postgres: '16' }
    const known = await run(folder, { ...staging, mode: 'lint' }, env)
    expect(known).toMatchObject({
      code: 0,
      outputs: { verdict: 'pass', 'reason-code': 'done', findings: '0' },
    })
    expect(JSON.parse(known.outputs.result ?? '{}')).toMatchObject({
      data: { versions: [16], catalogue: true, files: [{ file: '0002_wider.sql', phase: 'expand' }] },
    })

    await file('0003_gone.sql', '\nalter table t drop column note')
    const gone = await run(folder, { ...wider, since: '2' })
    expect(gone).toMatchObject({ code: 1, outputs: { verdict: 'fail', 'reason-code': 'migration-hazard' } })
    expect(gone.log).toMatch(/^::error title=pair-missing,file=migrations\/0003_gone\.sql,line=1/m)
    expect(gone.log).toMatch(/^::notice title=drop-column,file=migrations\/0003_gone\.sql,line=2/m)

    await file('0003_gone.sql', 'alter table elsewhere alter code type varchar(20)')
    expect(await run(folder, { ...wider, since: '2' })).toMatchObject({
      outputs: { verdict: 'unknown', 'reason-code': 'migration-hazard-unknown' },
    })
    await rm(folder, { recursive: true })
  })

  test('rehearse measures on a scratch server, runs the command there, and leaves nothing behind', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'tuesday-rehearse-'))
    const file = (name: string, text: string) => writeFile(path.join(folder, 'migrations', name), text)
    await writeFile(path.join(folder, 'tuesday.yaml'), await readFile(example))
    await mkdir(path.join(folder, 'migrations'))
    await file('0001_t.sql', 'create table t (id bigint primary key, note text)')
    const env = { DATABASE_URL: await server.database(), SCRATCH_DATABASE_URL: await server.database() }
    expect(await run(folder, staging, env)).toMatchObject({ code: 0 })
    await file('0002_more.sql', 'alter table t alter note type varchar(20)')
    const onCopy = 'case "$DATABASE_URL" in */tuesday_rehearsal_*) ;; *) exit 9 ;; esac'
    const rehearsal = { ...staging, mode: 'rehearse', command: onCopy }
    const measured = await run(folder, rehearsal, env)
    expect(measured).toMatchObject({ code: 0, outputs: { verdict: 'pass', 'reason-code': 'done' } })
    expect(JSON.parse(measured.outputs.result ?? '{}').data.statements).toMatchObject([
      { measured: { rewrites: ['public.t'], table_locks: { 'public.t': 'AccessExclusive' } } },
    ])
    const old = await run(folder, { ...rehearsal, command: 'exit 4' }, env)
    expect(old).toMatchObject({ code: 1, outputs: { 'reason-code': 'rehearsal-command-failed' } })
    // The target has the column as it was, and the scratch server only the databases that it had.
    await query(env.DATABASE_URL, "insert into t values (1, repeat('x', 30))")
    const left = "select 1 / (count(*) = 0)::int from pg_database where datname like 'tuesday_rehearsal_%'"
    await query(env.SCRATCH_DATABASE_URL, left)
    await rm(folder, { recursive: true })
  })

  test('each tenant has a status; the first that fails ends it, and the next run goes on', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'tuesday-tenants-'))
    const config = (await readFile(example, 'utf8')).replace(
      /^( +)url-env: DATABASE_URL.*$/m,
      '$&\n$1tenants: [{ name: acme, schema: acme }, { name: bolt, schema: bolt }]\n$1parallel: 1',
    )
    await writeFile(path.join(folder, 'tuesday.yaml'), config)
    await mkdir(path.join(folder, 'migrations'))
    await writeFile(path.join(folder, 'migrations/0001_t.sql'), 'create table t (a int)')
    const env = { DATABASE_URL: await server.database() }
    const statuses = ({ outputs }: Answer) =>
      JSON.parse(outputs.result ?? '{}').data.tenants.map(
        ({ tenant, status, level }: Record<string, unknown>) => [tenant, status, level],
      )
    await query(env.DATABASE_URL, 'create schema bolt')
    const none = await run(folder, staging, env)
    expect(none).toMatchObject({ code: 1, outputs: { 'reason-code': 'database-missing', level: '0' } })
    expect(statuses(none)).toEqual([
      ['acme', 'fail', 0],
      ['bolt', 'not-begun', null],
    ])
    await query(env.DATABASE_URL, 'create schema acme')
    const both = await run(folder, staging, env)
    expect(both).toMatchObject({ code: 0, outputs: { 'reason-code': 'done', level: '1', applied: '2' } })
    expect(statuses(both)).toEqual([
      ['acme', 'pass', 1],
      ['bolt', 'pass', 1],
    ])
    await query(env.DATABASE_URL, 'select from acme.t, bolt.t as other')
    await rm(folder, { recursive: true })
  })

  test('baseline takes over what is there, and command runs another tool', async () => {
    const env = { DATABASE_URL: await server.database() }
    await query(env.DATABASE_URL, 'create table t (a int)')
    const taken = await run(workspace, { ...staging, mode: 'baseline', through: '1' }, env)
    expect(taken).toMatchObject({ code: 0, outputs: { 'reason-code': 'database-adopted', level: '1' } })
    const rest = await run(workspace, staging, env)
    expect(rest).toMatchObject({ code: 0, outputs: { 'reason-code': 'done', level: '2', applied: '1' } })
    const tool = { ...staging, mode: 'command', command: 'echo "with $PGOPTIONS" && exit 3' }
    const failed = await run(workspace, tool, env)
    expect(failed).toMatchObject({ code: 1, outputs: { 'reason-code': 'command-failed' } })
    expect(failed.log).toMatch(/with -c lock_timeout=100/)
  })

  test.each<
    [name: string, inputs: Record<string, string>, url: (good: string) => string | undefined, reason: string]
  >([
    ['an environment that is not there', { environment: 'stagin' }, (url) => url, 'environment-unknown'],
    ['a config that is not there', { ...staging, config: 'nix.yaml' }, (url) => url, 'config-missing'],
    ['no URL', staging, () => undefined, 'database-url-missing'],
    ['a wrong password', staging, (url) => url.replace('correct', 'wrong'), 'database-login-refused'],
    ['half a TLS', staging, (url) => `${url}?sslmode=require`, 'database-url-invalid'],
  ])('%s is told and the password is not', async (_, inputs, urlOf, reason) => {
    const url = urlOf(await server.database())
    const answer = await run(workspace, inputs, url === undefined ? {} : { DATABASE_URL: url })
    expect(answer).toMatchObject({ code: 1, outputs: { verdict: 'fail', 'reason-code': reason } })
    expect(answer.log.replaceAll(/^::add-mask::.*$/gm, '')).not.toMatch(/horse/)
  })
})

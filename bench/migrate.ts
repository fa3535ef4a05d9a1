/**
 * `npm run -s bench:migrate [-- --only plan|two-runners|seed]`: a plan over 1,000 migrations, two runners at once in
 * 100 rounds, and the memory that a seed file of 50 MB takes. One JSON line a figure.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { readMigrations, readStanding } from '../src/migrate/index.ts'
import { migrate, open, rows } from '../src/migrate/on-server.fixture.ts'
import { unwrap } from '../src/release/index.ts'
import { type Postgres, startPostgres } from '../testkit/postgres/index.ts'

const { values } = parseArgs({
  options: { only: { type: 'string' }, rounds: { type: 'string', default: '100' } },
})
const server = await startPostgres({ major: 16 })
try {
  if (wanted('plan')) await plan(server)
  if (wanted('two-runners')) await twoRunners(server, Number(values.rounds))
  if (wanted('seed')) await seed(server)
} finally {
  await server.stop()
}

function wanted(name: string): boolean {
  return values.only === undefined || values.only === name
}

function say(figure: string, value: Readonly<Record<string, unknown>>, met: boolean): void {
  console.log(JSON.stringify({ bench: 'migrate', figure, ...value, met }))
  if (!met) process.exitCode = 1
}

/** A thousand files, nine hundred of them in the journal. */
async function plan(at: Postgres): Promise<void> {
  const url = await at.database('plan')
  const folder = await mkdtemp(path.join(tmpdir(), 'migrate-'))
  try {
    const files = Array.from({ length: 1_000 }, (_, index) => {
      const number = String(index + 1).padStart(4, '0')
      return [
        `${number}_step.sql`,
        index < 900
          ? `-- what it is for\ncreate view v${number} as select ${index} as a;\n`
          : `alter table t add column c${number} int default ${index};\ncreate index concurrently i${number} on t (c${number});\n`,
      ] as const
    })
    for (const [name, text] of files) await writeFile(path.join(folder, name), text)
    const all = unwrap(await readMigrations(folder, 'migrations'))
    await migrate(url, Object.fromEntries(files.slice(0, 900)))
    const database = await open(url)
    const took: number[] = []
    let pending = 0
    for (let round = 0; round < 5; round += 1) {
      const began = performance.now()
      const migrations = unwrap(await readMigrations(folder, 'migrations'))
      const standing = await readStanding({ database, folder: 'migrations', migrations, schema: 'public' })
      took.push(performance.now() - began)
      pending = standing.ok ? standing.value.pending.length : -1
    }
    await database.close()
    const ms = Math.round(Math.max(...took))
    say(
      'plan of 1,000 migrations',
      { ms, goal: 1_000, files: all.length, pending },
      ms <= 1_000 && pending > 0,
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function twoRunners(at: Postgres, rounds: number): Promise<void> {
  const files = {
    '0001_t.sql': 'create table t (n int); insert into t values (1)',
    '0002_i.sql': 'create index concurrently i on t (n); insert into t values (2)',
    '0003_c.sql': 'alter table t add column c int default 1; insert into t values (3)',
  }
  let wrong = 0
  let shared = 0
  for (let round = 0; round < rounds; round += 1) {
    const url = await at.database(`two_${round}`)
    const runs = await Promise.all([migrate(url, files), migrate(url, files)])
    const done = runs.map((run) => (run.ok ? run.account.applied.length : -1))
    const journal = await rows(
      url,
      `select count(*)::int, count(*) filter (where state = 'done')::int from tuesday_migrations`,
    )
    const inserted = await rows(url, 'select string_agg(n::text, $$ $$ order by n) from t')
    const once = done[0] !== undefined && done[1] !== undefined && done[0] + done[1] === 6
    if (Math.min(...done) > 0) shared += 1
    if (!once || JSON.stringify(journal) !== '[[6,6]]' || JSON.stringify(inserted) !== '[["1 2 3"]]') {
      wrong += 1
      console.error(
        round,
        done,
        journal,
        inserted,
        runs.map((run) => (run.ok ? '' : run.fault.cause)),
      )
    }
  }
  say('two runners at once', { rounds, wrong, shared }, wrong === 0)
}

/** 50 MB of INSERTs, in statements of about a megabyte and as one statement, each run in a process of its own. */
async function seed(at: Postgres): Promise<void> {
  const line = (n: number) => `(${n}, 'row ${n} ${'x'.repeat(80)}')`
  const statement = (from: number, count: number) =>
    `insert into seeds values ${Array.from({ length: count }, (_, index) => line(from + index)).join(',\n')};\n`
  const shapes: Readonly<Record<string, readonly [number, number]>> = {
    '50 statements of 1 MB': [50, 10_300],
    '2,000 statements of 25 kB': [2_000, 258],
  }
  const nothing = await run(await at.database('seed_none'), 'create table seeds (id int, label text)')
  for (const [name, [statements, count]] of Object.entries(shapes)) {
    const text = `create table seeds (id int, label text);\n${Array.from({ length: statements }, (_, index) => statement(index * count, count)).join('')}`
    const url = await at.database(name.replaceAll(/\W/g, '_'))
    const { ok, rssMb, seconds } = await run(url, text)
    const landed = (await rows(url, 'select count(*)::int from seeds'))[0]?.[0]
    const mb = Math.round(text.length / 1e6)
    say(
      `seed file, ${name}`,
      { mb, rssMb, without: nothing.rssMb, seconds, landed, goal: 700 },
      ok && landed === statements * count && rssMb <= 700,
    )
  }
}

async function run(url: string, text: string): Promise<{ ok: boolean; rssMb: number; seconds: number }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'migrate-'))
  try {
    await writeFile(path.join(folder, '0001_seed.sql'), text)
    const began = performance.now()
    const child = spawn(
      process.execPath,
      [path.join(import.meta.dirname, 'migrate', 'measured-runner.ts'), url, folder],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    await once(child, 'close')
    const { ok, maxRss } = JSON.parse(output) as { readonly ok: boolean; readonly maxRss: number }
    const seconds = Math.round((performance.now() - began) / 100) / 10
    return { ok, rssMb: Math.round(maxRss / 1_024), seconds }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/**
 * `npm run -s bench:crash-matrix [-- --major 16] [--only NAME] [--step N]`: 20 migrations of all kinds, killed by SIGKILL at every question that
 * the runner asks the server, once the runner and once the server, and inside CONCURRENTLY; after a second run the
 * schema, the rows, the journal and what ran how often must equal the undisturbed run. One JSON line a migration.
 */
import { parseArgs } from 'node:util'
import pg from 'pg'
import { migrate } from '../src/migrate/on-server.fixture.ts'
import { type PostgresMajor, startPostgres } from '../testkit/postgres/index.ts'
import { diesInside, runnerDies, serverDies, undisturbed } from './crash-matrix/kills.ts'
import { base, type Case, cases } from './crash-matrix/migrations.ts'
import { stateOf } from './crash-matrix/state.ts'

const { values } = parseArgs({
  options: {
    major: { type: 'string', default: '16' },
    only: { type: 'string' },
    /** Every n-th question only; the first and the last always. */
    step: { type: 'string', default: '1' },
  },
})
const major = Number(values.major) as PostgresMajor
const step = Number(values.step)
const server = await startPostgres({ major })
let failures = 0
let kills = 0
let databases = 0
try {
  const template = await server.database('shop')
  await query(template, base)
  for (const one of cases) if (values.only === undefined || one.name === values.only) await disturbed(one)
} catch (error) {
  console.error(error)
  failures += 1
} finally {
  await server.stop()
}
console.log(
  JSON.stringify({ bench: 'crash-matrix', figure: 'all', major, kills, failures, met: failures === 0 }),
)
process.exitCode = failures === 0 ? 0 : 1

async function disturbed(one: Case): Promise<void> {
  const reference = await fresh()
  const asked = await undisturbed(reference, one.files)
  const expected = await stateOf(reference)
  const points = Array.from({ length: asked }, (_, at) => at + 1).filter(
    (at) => at === 1 || at === asked || at % step === 0,
  )
  const before = failures
  for (const [at, point] of points.entries()) {
    console.error(`${one.name}: ${at + 1} of ${points.length}`)
    await check(one, expected, `runner at ${point}`, (url) => runnerDies(url, point, one.files))
    await check(one, expected, `server at ${point}`, (url) => serverDies(url, point, one.files))
  }
  const table = one.waitsFor
  if (table !== undefined)
    for (const who of ['runner', 'server'] as const)
      await check(one, expected, `${who} inside CONCURRENTLY`, (url) =>
        diesInside(url, one.files, table, who),
      )
  console.log(
    JSON.stringify({
      bench: 'crash-matrix',
      figure: one.name,
      points: points.length,
      inside: table === undefined ? 0 : 2,
      failures: failures - before,
    }),
  )
}

async function check(
  one: Case,
  expected: string,
  what: string,
  kill: (url: string) => Promise<boolean>,
): Promise<void> {
  const url = await fresh()
  const killed = await kill(url)
  kills += 1
  const again = await migrate(url, one.files)
  const state = await stateOf(url)
  if (killed && again.ok && state === expected) return
  failures += 1
  const why = !killed ? 'nothing was killed' : again.ok ? difference(expected, state) : again.fault.cause
  console.log(JSON.stringify({ bench: 'crash-matrix', failed: one.name, at: what, why }))
}

function difference(expected: string, got: string): string {
  const wanted = new Set(expected.split('\n'))
  const extra = got.split('\n').filter((line) => !wanted.has(line))
  return `differs: ${extra.slice(0, 6).join(' ')}`.slice(0, 600)
}

async function fresh(): Promise<string> {
  databases += 1
  const name = `shop_${databases}`
  await query(server.url, `create database ${name} template shop`)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  return url.href
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(sql)
  await client.end()
}

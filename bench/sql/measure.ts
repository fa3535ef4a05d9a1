/**
 * `node bench/sql/measure.ts [--base FILE] [--statements FILE] [--types FILE] [--out FILE]`: what real servers of
 * three versions do for each statement, as the cases that `npm run bench:sql -- --oracle locks` scores.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { measureStatement, type Outcome } from '../../src/schema/index.ts'
import { type PostgresMajor, startPostgres } from '../../testkit/postgres/index.ts'
import { readStatements, readTypeChanges, type Written } from './statements.ts'

const here = import.meta.dirname
const { values } = parseArgs({
  options: {
    base: { type: 'string', default: join(here, 'base.sql') },
    statements: { type: 'string', default: join(here, 'statements.txt') },
    types: { type: 'string', default: join(here, 'types.txt') },
    out: { type: 'string', default: join(here, 'measured.json') },
    majors: { type: 'string', default: '16,17,18' },
  },
})
const base = readFileSync(values.base, 'utf8')
const cases = [...readStatements(values.statements), ...readTypeChanges(values.types)]
const outcomes = new Map<string, Record<string, Outcome>>(cases.map(({ id }) => [id, {}]))

for (const major of values.majors.split(',')) await measureOn(Number(major) as PostgresMajor)
write()

async function measureOn(major: PostgresMajor): Promise<void> {
  const server = await startPostgres({ major })
  try {
    const admin = await connect(server.url)
    const template = await server.database('base')
    const first = await connect(template)
    await first.query(base)
    const path = String((await first.query('show search_path')).rows[0]?.search_path)
    await first.end()
    const shared = await copied(admin, template, 'shared', path)
    for (const written of cases) {
      const outcome =
        written.setup === undefined
          ? await measureStatement(readerOf(shared), written.sql)
          : await alone(admin, template, path, written)
      const byVersion = outcomes.get(written.id)
      if (byVersion !== undefined) byVersion[major] = outcome
    }
    await shared.end()
    await admin.end()
  } finally {
    await server.stop()
  }
}

/** A case with a setup has a database of its own, so that the setup is committed and holds no lock. */
async function alone(admin: pg.Client, template: string, path: string, written: Written): Promise<Outcome> {
  const client = await copied(admin, template, 'alone', path)
  try {
    await client.query(written.setup ?? '')
    return await measureStatement(readerOf(client), written.sql)
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error
    return { summary: `SETUP ${error.code} ${error.message}` }
  } finally {
    await client.end()
    await admin.query('drop database alone')
    await admin.query('drop role if exists other')
  }
}

async function copied(admin: pg.Client, template: string, name: string, path: string): Promise<pg.Client> {
  await admin.query(`create database ${name} template base`)
  const url = new URL(template)
  url.pathname = `/${name}`
  const client = await connect(url.href)
  await client.query(`set search_path = ${path}; set timezone = 'UTC'`)
  return client
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}

function write(): void {
  const about =
    'Measured by bench/sql/measure.ts. Each statement ran in a transaction on base_schema: table_locks = strongest ' +
    'granted mode on each relation that existed before, rewrites and index_rebuilds = another file on disk, ' +
    'rows_scanned = rows read by sequential scans. A summary stands for a statement that the server refused.'
  const body = cases.map(({ id, setup, sql }) =>
    JSON.stringify({ id, ...(setup === undefined ? {} : { setup_sql: setup }), sql, pg: outcomes.get(id) }),
  )
  const head = `"about": ${JSON.stringify(about)},\n"base_schema": ${JSON.stringify(base)},\n`
  writeFileSync(values.out, `{${head}"cases": [\n${body.join(',\n')}\n]}\n`)
}

function readerOf(client: pg.Client) {
  return {
    query: async (sql: string) => (await client.query(sql)).rows as readonly Record<string, unknown>[],
  }
}

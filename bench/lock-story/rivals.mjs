// One of the other runners with its defaults, as its documentation starts it: `node rivals.mjs NAME URL SQL`.
// Runs from the temp folder that they are installed into.
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import path from 'node:path'

const [name, url, sql] = process.argv.slice(2)
const folder = await mkdtemp(path.join(import.meta.dirname, `${name}-`))
const file = (at, text) => writeFile(path.join(folder, at), text)

const rivals = {
  async 'node-pg-migrate'() {
    await file('1_nick.sql', `-- Up Migration\n${sql};\n-- Down Migration\n`)
    const { runner } = await import('node-pg-migrate')
    await runner({
      databaseUrl: url,
      dir: folder,
      direction: 'up',
      migrationsTable: 'pgmigrations',
      log: () => {},
    })
  },
  async knex() {
    await file(
      '1_nick.mjs',
      `export const up = (knex) => knex.raw(${JSON.stringify(sql)})\nexport const down = () => {}`,
    )
    const { default: knex } = await import('knex')
    const database = knex({
      client: 'pg',
      connection: url,
      migrations: { directory: folder, loadExtensions: ['.mjs'] },
    })
    await database.migrate.latest()
    await database.destroy()
  },
  async typeorm() {
    const { DataSource } = await import('typeorm')
    class Nick1700000000000 {
      name = 'Nick1700000000000'
      up(runner) {
        return runner.query(sql)
      }
      async down() {}
    }
    const source = new DataSource({ type: 'postgres', url, migrations: [Nick1700000000000] })
    await source.initialize()
    await source.runMigrations()
    await source.destroy()
  },
  async umzug() {
    const { Umzug } = await import('umzug')
    const { default: pg } = await import('pg')
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const done = []
    const storage = {
      logMigration: async ({ name }) => void done.push(name),
      unlogMigration: async () => {},
      executed: async () => done,
    }
    const umzug = new Umzug({
      migrations: [{ name: '1', up: () => client.query(sql) }],
      storage,
      logger: undefined,
    })
    await umzug.up()
    await client.end()
  },
  async 'postgres-migrations'() {
    await file('1_nick.sql', `${sql};\n`)
    const { migrate } = await import('postgres-migrations')
    const { default: pg } = await import('pg')
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await migrate({ client }, folder)
    await client.end()
  },
  async 'graphile-migrate'() {
    await mkdir(path.join(folder, 'committed'))
    const body = `${sql};`
    // Without a migration before it the hash is over the text alone.
    const hash = createHash('sha1').update(`${body}\n`).digest('hex')
    await file('committed/000001.sql', `--! Previous: -\n--! Hash: sha1:${hash}\n\n${body}\n`)
    await file('current.sql', '')
    const { migrate } = await import('graphile-migrate')
    await migrate({ connectionString: url, migrationsFolder: folder, manageGraphileMigrateSchema: true })
  },
}

await rivals[name]()

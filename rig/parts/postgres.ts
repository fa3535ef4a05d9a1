import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { rigDir } from '../paths.ts'
import { type PartContext, until } from './context.ts'

/** Real PostgreSQL 16; answers the URL of its maintenance database. */
export async function startPostgres(context: PartContext): Promise<string> {
  const urlFile = path.join(context.stateDir, 'postgres.url')
  const script = path.join(rigDir, 'servers', 'postgres.ts')
  context.processes.start('postgres', process.execPath, [script, '--urlFile', urlFile])
  const url = await until(context, 'postgres', 60, async () =>
    fs.existsSync(urlFile) ? fs.readFileSync(urlFile, 'utf8') : undefined,
  )
  context.say('PostgreSQL 16')
  return url
}

/** Drops and creates a database; answers its URL. */
export async function createDatabase(postgresUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: postgresUrl, connectionTimeoutMillis: 5_000 })
  const quoted = pg.escapeIdentifier(name)
  try {
    await client.connect()
    await client.query(`drop database if exists ${quoted} with (force)`)
    await client.query(`create database ${quoted}`)
  } finally {
    await client.end()
  }
  const url = new URL(postgresUrl)
  url.pathname = `/${encodeURIComponent(name)}`
  return url.href
}

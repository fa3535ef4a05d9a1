/**
 * `npm run -s bench:lock-story -- [--hold SECONDS] [--only NAME] [--rivals FOLDER]`: a change behind an open
 * transaction while customers read, ours beside other runners with their defaults in the same run, on a real server.
 * One JSON line a runner and story. The other runners are installed into a temp folder, or taken from FOLDER.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import pg from 'pg'
import { startPostgres } from '../testkit/postgres/index.ts'
import { type Story, stories, theStory } from './lock-story/stories.ts'
import { customers, type Delays, holders } from './lock-story/traffic.ts'

const { values } = parseArgs({
  options: {
    hold: { type: 'string', default: '12' },
    only: { type: 'string' },
    rivals: { type: 'string' },
    major: { type: 'string', default: '16' },
  },
})
const holdMs = Number(values.hold) * 1_000
const here = path.join(import.meta.dirname, 'lock-story')
const names = ['node-pg-migrate', 'knex', 'typeorm', 'umzug', 'postgres-migrations', 'graphile-migrate']

async function install(): Promise<string> {
  const folder = values.rivals ?? (await mkdtemp(path.join(tmpdir(), 'lock-story-')))
  for (const file of ['package.json', 'package-lock.json', 'rivals.mjs'])
    await copyFile(path.join(here, file), path.join(folder, file))
  if (values.rivals === undefined)
    await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder })
  return folder
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const answer = await client.query(sql)
    return Object.values((Array.isArray(answer) ? answer.at(-1) : answer)?.rows[0] ?? {})[0]
  } finally {
    await client.end()
  }
}

/** Undefined: nobody changes anything, which shows what this machine adds by itself. */
type Runner =
  | ((url: string, story: Story) => Promise<{ readonly ok: boolean; readonly said: string }>)
  | undefined

async function tell(url: string, story: Story, runner: string, run: Runner): Promise<void> {
  await ask(url, story.setup)
  const traffic = customers(url, story.held, story.everyMs)
  const { ended } = await holders(url, story.held, { count: story.blockers, holdMs: holdMs / story.blockers })
  await sleep(1_000)
  const began = performance.now()
  const outcome = await run?.(url, story)
  const seconds = Math.round(performance.now() - began) / 1_000
  await ended
  const delays: Delays = await traffic.stop()
  const landed = (await ask(url, story.landed)) === true
  const said = outcome === undefined || outcome.ok ? {} : { said: outcome.said.trim().slice(-300) }
  console.log(
    JSON.stringify({ bench: 'lock-story', story: story.name, runner, ...delays, landed, seconds, ...said }),
  )
  if (runner === 'tuesday' && !landed) process.exitCode = 1
}

async function child(args: readonly string[], cwd: string): Promise<{ ok: boolean; said: string }> {
  const started = spawn(process.execPath, [...args], { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  started.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const [code] = (await once(started, 'exit')) as [number | null]
  return { ok: code === 0, said }
}

async function ours(url: string, story: Story): Promise<{ ok: boolean; said: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lock-story-'))
  try {
    await mkdir(path.join(folder, 'migrations'))
    await writeFile(path.join(folder, 'migrations/0001_change.sql'), story.change)
    return await child([path.join(here, 'ours.ts'), url, path.join(folder, 'migrations')], here)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const folder = values.only === 'tuesday' ? undefined : await install()
const server = await startPostgres({
  major: Number(values.major) as 16 | 17 | 18,
  settings: ['max_connections=400'],
})
const wanted = (name: string) => values.only === undefined || values.only === name
try {
  await tell(await server.database(), theStory, 'nobody', undefined)
  if (wanted('tuesday'))
    for (const story of [theStory, ...stories]) await tell(await server.database(), story, 'tuesday', ours)
  for (const name of names.filter(wanted)) {
    const run: Runner = (url, { change }) =>
      child([path.join(folder ?? '', 'rivals.mjs'), name, url, change], folder ?? '')
    await tell(await server.database(), theStory, name, run)
  }
} finally {
  await server.stop()
  if (folder !== undefined && values.rivals === undefined) await rm(folder, { recursive: true })
}

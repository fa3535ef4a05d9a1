import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { smallConfig } from '../../testkit/site/index.ts'
import { gitRepo } from '../gitops/index.ts'
import { appendEvents, type NewEvent, readLedger } from '../ledger/index.ts'
import { type CommitSha, type Digest, unwrap } from '../release/index.ts'
import { spawnExec, systemClock } from '../system/index.ts'
import { call } from './index.ts'

const example = join(import.meta.dirname, '../../examples/delivery-service')
const signal = new AbortController().signal
let folder = ''
const identity = {
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.com',
}
const env = { PATH: process.env.PATH ?? '', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' }
const warnings: string[] = []

function run(dir: string, ...args: readonly string[]) {
  const logger = {
    debug: () => {},
    info: () => {},
    notice: () => {},
    warn: (line: string) => warnings.push(line),
    group: <T>(_title: string, body: () => Promise<T>) => body(),
  }
  return call(args, { exec: spawnExec, clock: systemClock(), env, dir, logger, signal, endState: () => {} })
}

const git = async (...args: readonly string[]) =>
  (await spawnExec('git', args, { env: { ...env, ...identity }, timeoutMs: 30_000, signal })).stdout.trim()

const digest = `sha256:${'5'.repeat(64)}` as Digest

/** A service with two commits, and a ledger in which the second one was shipped to one of two regions. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'))
  await git('init', '--quiet', '--initial-branch=main', folder)
  const commit = async () => {
    await git('-C', folder, 'commit', '--quiet', '--allow-empty', '-m', 'A change')
    return (await git('-C', folder, 'rev-parse', 'HEAD')) as CommitSha
  }
  const sources = [await commit(), await commit()]
  const bare = join(folder, 'gitops.git')
  await git('init', '--quiet', '--bare', '--initial-branch=main', bare)
  const tree = await git('-C', bare, 'mktree', '--missing')
  const first = await git('-C', bare, 'commit-tree', tree, '-m', 'Start')
  await git('-C', bare, 'update-ref', 'refs/heads/main', first)
  const at = (name: string) => ({
    name,
    context: name,
    namespace: `shop-${name}`,
    application: `shop-${name}`,
  })
  const text = smallConfig({
    service: 'shop',
    workloads: [{ name: 'api', kind: 'Deployment', container: 'api' }],
    gitopsUrl: `file://${bare}`,
    environments: [at('us'), at('eu')],
  })
  await writeFile(join(folder, 'tuesday.yaml'), text)
  const repo = gitRepo({
    exec: spawnExec,
    url: `file://${bare}`,
    branch: 'main',
    cacheDir: join(folder, 'cache'),
    author: { name: 'A', email: 'a@example.com' },
    env,
  })
  const begun = Date.now() - 86_400_000
  for (const [index, source] of sources.entries()) {
    const ledger = unwrap(await readLedger(repo, 'shop', [], signal))
    const author = {
      actor: 'ada',
      run: 'https://ci/1',
      clock: 'machine',
      at: new Date(begun + index * 3_600_000),
    } as const
    unwrap(await appendEvents(repo, ledger, { events: shipped(`r${index + 1}`, source), author }, signal))
  }
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

function shipped(release: string, sha: CommitSha): readonly NewEvent[] {
  const artifact = { digest, configSha: sha }
  const pins = { configSha: sha, workloads: { api: digest } }
  const at = { region: 'us', release }
  return [
    ...(release === 'r1'
      ? [{ type: 'adopted' as const, region: 'us', pins, ...artifact, person: 'ada' }]
      : []),
    {
      type: 'staged',
      region: 'staging',
      release,
      ...artifact,
      sourceSha: sha,
      kind: 'normal',
      author: 'ada',
      pins,
      base: sha,
    },
    { type: 'proposed', release, order: ['us', 'eu'], planHash: 'a'.repeat(64), person: 'ada' },
    { type: 'started', ...at, day: '2026-11-17' },
    { type: 'pinned', ...at, group: 'lead', pins, base: sha },
    { type: 'live', ...at },
    { type: 'verified', ...at, requests: 10 },
    ...(release === 'r1' ? [{ type: 'train-ended' as const, release, outcome: 'done' as const }] : []),
  ]
}

test('plan tells the days of the next train: one region a day, never Friday, so the fourth goes on Monday', async () => {
  const { exit, text } = await run(example, 'plan', '--now', '2026-11-13T10:00:00Z')
  expect(exit).toBe(0)
  expect(text).toMatchInlineSnapshot(`
    "A train of delivery-service:
    prod-us  2026-11-17 Tue 09:00  America/New_York  (2026-11-17T14:00:00.000Z)
    prod-eu  2026-11-18 Wed 09:00  Europe/Berlin  (2026-11-18T08:00:00.000Z)
    prod-me  2026-11-19 Thu 09:00  Asia/Riyadh  (2026-11-19T06:00:00.000Z)
    prod-ap  2026-11-23 Mon 09:00  Asia/Singapore  (2026-11-23T01:00:00.000Z)
             not 2026-11-20: no window
             not 2026-11-21: no window
    Done about 2026-11-23T01:30:00.000Z. The next release may start on 2026-11-24."
  `)
})

test('init writes what is not there, keeps what is, and says what a person has to decide', async () => {
  const fresh = await mkdtemp(join(folder, 'fresh-'))
  await writeFile(join(fresh, 'openapi.yaml'), 'openapi: 3.1.0\n')
  const dry = await run(fresh, 'init', '--dry-run')
  expect(dry.text).toContain('would write  tuesday.yaml')
  const first = await run(fresh, 'init')
  expect(first.data).toMatchObject({ kept: [], written: expect.arrayContaining(['tuesday.yaml']) })
  expect(first.text).toMatch(/A person has to decide[\s\S]*gitops\.repository/)
  expect(await readFile(join(fresh, 'tuesday.yaml'), 'utf8')).toContain('openapi: openapi.yaml')
  await writeFile(join(fresh, 'tuesday.yaml'), 'mine\n')
  const again = await run(fresh, 'init')
  expect(again.data).toMatchObject({ written: [], kept: expect.arrayContaining(['tuesday.yaml']) })
  expect(await readFile(join(fresh, 'tuesday.yaml'), 'utf8')).toBe('mine\n')
})

describe('by the ledger alone', () => {
  test('status tells what is where', async () => {
    const { exit, text } = await run(folder, 'status')
    expect({ exit, text }).toMatchObject({
      exit: 0,
      text: expect.stringMatching(/^shop r2\nus {2}steady, r2 5{12}/),
    })
  })

  test('metrics tells the figures, with the lead time from the commits of this clone', async () => {
    const { exit, text, data } = await run(folder, 'metrics')
    expect(exit).toBe(0)
    expect(text).toContain('(2 trains, 2 regions)')
    expect(data).toMatchObject({ version: 1, trains: 2, leadTime: { firstRegion: { count: 2 } } })
  })
})

test.each([
  [[], 2, /^No command\./],
  [['rolback'], 2, /^No command rolback\./],
  [['--help'], 0, /plan +the calendar/],
  [['plan', '--help'], 0, /^Usage: node cli\.mjs plan/],
  [['plan', '--now', 'soon'], 2, /is no time/],
  [['plan', '--needs', 'x'], 2, /is no number of minutes/],
  [['metrics', '--since', '5'], 2, /is no duration/],
  [['rollback'], 2, /--reason is missing/],
  [['rollback', '--reason', 'bad', '--to', '7'], 2, /7 is no release/],
  [['rollback', '--reason', 'bad', 'prod-us'], 2, /What is prod-us/],
  [['status', '--colour'], 2, /colour/],
  [['status', '--config', 'thursday.yaml'], 1, /thursday\.yaml/],
] as const)('%j ends with %i', async (args, exit, says) => {
  const answer = await run(folder, ...args)
  expect(answer.exit).toBe(exit)
  expect(answer.text).toMatch(says)
})

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gitRepo } from '../../src/gitops/index.ts'
import { appendEvents, type Ledger, type NewEvent, readLedger } from '../../src/ledger/index.ts'
import { type CommitSha, type Digest, unwrap } from '../../src/release/index.ts'
import { spawnExec } from '../../src/system/index.ts'
import { newRepository, type Repository } from '../../testkit/findings/index.ts'
import { runBundle } from '../../testkit/runner/index.ts'

const example = fileURLToPath(new URL('../../examples/delivery-service/tuesday.yaml', import.meta.url))
const signal = new AbortController().signal

let service: Repository
let gitops: string
const commits: Record<'first' | 'second' | 'third', string> = { first: '', second: '', third: '' }

const openapi = (...properties: readonly string[]): string => {
  const schema = {
    type: 'object',
    required: properties,
    properties: Object.fromEntries(properties.map((name) => [name, { type: 'string' }])),
  }
  const content = { 'application/json': { schema } }
  const paths = { '/orders': { get: { responses: { 200: { description: 'all', content } } } } }
  return JSON.stringify({ openapi: '3.1.0', info: { title: 'orders', version: '1.0.0' }, paths }, null, 1)
}

beforeAll(async () => {
  service = newRepository()
  const config = readFileSync(example, 'utf8')
  commits.first = service.commit({ 'tuesday.yaml': config, 'openapi.yaml': openapi('id', 'total') })
  commits.second = service.commit({ 'openapi.yaml': openapi('id') })
  commits.third = service.commit({ 'openapi.yaml': openapi('id', 'note') })
  gitops = join(service.temp, 'gitops')
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', gitops])
  await writeLedger()
}, 60_000)
afterAll(() => service.remove())

/** prod-us serves the second version; prod-eu serves the first, and the second is on its way; prod-me was adopted. */
async function writeLedger(): Promise<void> {
  const { PATH = '' } = process.env
  const env = { PATH, HOME: service.temp }
  const who = { name: 'ada', email: 'ada@example.com' }
  const seed = execFileSync(
    'git',
    ['-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit-tree', '-m', 'seed', tree()],
    { cwd: gitops, encoding: 'utf8' },
  ).trim()
  execFileSync('git', ['update-ref', 'refs/heads/main', seed], { cwd: gitops })
  const repo = gitRepo({
    exec: spawnExec,
    url: gitops,
    branch: 'main',
    cacheDir: join(service.temp, 'cache'),
    author: who,
    env,
  })
  const ledger: Ledger = unwrap(await readLedger(repo, 'delivery-service', [], signal))
  const author = {
    at: new Date('2026-11-17T14:00:00Z'),
    actor: 'ada',
    run: 'https://ci/1',
    clock: 'machine',
  } as const
  unwrap(await appendEvents(repo, ledger, { events: history(), author }, signal))
}

function tree(): string {
  return execFileSync('git', ['mktree'], { cwd: gitops, input: '', encoding: 'utf8' }).trim()
}

function history(): readonly NewEvent[] {
  const digest = (n: number) => `sha256:${String(n).repeat(64)}` as Digest
  const sha = (text: string) => text as CommitSha
  const artifact = (n: number) => ({ digest: digest(n), configSha: sha(String(n).repeat(40)) })
  const pins = (n: number) => ({ configSha: artifact(n).configSha, workloads: { 'delivery-api': digest(n) } })
  const base = sha('a'.repeat(40))
  const staged = (release: string, n: number, source: string): NewEvent => ({
    type: 'staged',
    region: 'staging',
    release,
    ...artifact(n),
    sourceSha: sha(source),
    kind: 'normal',
    author: 'ada',
    pins: pins(n),
    base,
  })
  const adopted = (region: string): NewEvent => ({
    type: 'adopted',
    region,
    pins: pins(9),
    ...artifact(9),
    person: 'ada',
  })
  const verified = (region: string, release: string): readonly NewEvent[] => [
    { type: 'pinned', region, release, group: 'lead', pins: pins(Number(release.slice(1))), base },
    { type: 'verified', region, release, requests: 1000 },
  ]
  return [
    ...['prod-us', 'prod-eu', 'prod-me'].map(adopted),
    staged('r1', 1, commits.first),
    ...verified('prod-us', 'r1'),
    ...verified('prod-eu', 'r1'),
    staged('r2', 2, commits.second),
    ...verified('prod-us', 'r2'),
    { type: 'pinned', region: 'prod-eu', release: 'r2', group: 'lead', pins: pins(2), base },
  ]
}

function run(
  inputs: Readonly<Record<string, string>>,
  event: { name: string; payload: unknown } = { name: 'workflow_dispatch', payload: {} },
) {
  const path = join(service.temp, 'event.json')
  writeFileSync(path, JSON.stringify(event.payload))
  return runBundle({
    action: 'contract-gate',
    source: true,
    workspace: service.folder,
    token: '',
    inputs: { gitops: 'git', 'gitops-url': gitops, ...inputs },
    env: { GITHUB_EVENT_NAME: event.name, GITHUB_EVENT_PATH: path },
  })
}

test('the contract of tuesday.yaml is held against every version that runs, also two of one region', async () => {
  const ended = await run({ against: 'deployed', environments: 'prod-us\nprod-eu' })
  expect(ended.code).toBe(1)
  expect(ended.outputs).toMatchObject({
    verdict: 'fail',
    'reason-code': 'contract-breaking',
    state: 'breaking',
    breaking: '1',
  })
  expect(ended.result).toMatchObject({
    data: {
      standings: [
        { against: 'prod-us', release: 'r2', commit: commits.second, state: 'compatible' },
        { against: 'prod-eu', role: 'serving', release: 'r1', commit: commits.first, state: 'breaking' },
        { against: 'prod-eu', role: 'arriving', release: 'r2', commit: commits.second, state: 'compatible' },
      ],
    },
  })
  expect(JSON.parse(ended.outputs['rollback-unsafe'] ?? '')).toEqual(['prod-us', 'prod-eu'])
  const [mark] = ended.commands.filter(({ properties }) => properties.file === 'openapi.yaml')
  expect(mark).toMatchObject({
    name: 'error',
    message: expect.stringMatching(/GET \/orders: .*Fingerprint [0-9a-f]{12}/),
  })
  expect(mark?.properties.title).toContain('prod-eu')
  expect(ended.summary).toContain('prod-eu (arriving)')
  expect(ended.outputs.sarif).toMatch(/contract-gate\.sarif$/)
})

test('a region whose version nobody knows is not green', async () => {
  const ended = await run({ against: 'deployed', environments: 'prod-us\nprod-me' })
  expect(ended.code).toBe(1)
  expect(ended.outputs).toMatchObject({
    verdict: 'unknown',
    'reason-code': 'contract-incomplete',
    state: 'incomplete',
  })
})

test('a pull request is held against its base, without a token and without the ledger', async () => {
  const payload = {
    pull_request: { base: { sha: commits.second }, head: { sha: commits.third, repo: { fork: true } } },
  }
  const ended = await run({ 'gitops-url': '/nowhere' }, { name: 'pull_request', payload })
  expect(ended.outputs).toMatchObject({
    verdict: 'pass',
    'reason-code': 'contract-compatible',
    breaking: '0',
  })
  expect(ended.code).toBe(0)
})

test('a broker that considered nobody, or does not answer, is not green', async () => {
  const answers = {
    'prod-us': {
      summary: { deployable: true, reason: 'all verified' },
      matrix: [{ consumer: { name: 'shop' } }],
    },
    'prod-eu': { summary: { deployable: true, reason: 'no rows' }, matrix: [] },
  }
  const server = createServer((request, response) => {
    const environment = new URL(request.url ?? '', 'http://broker').searchParams.get('environment') ?? ''
    response.end(JSON.stringify(Reflect.get(answers, environment)))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  try {
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const inputs = {
      against: 'deployed',
      environments: 'prod-us',
      'pact-broker': `http://127.0.0.1:${port}`,
      'pact-timeout': '1s',
    }
    expect((await run(inputs)).outputs).toMatchObject({ verdict: 'pass', state: 'compatible' })
    const both = await run({
      ...inputs,
      against: 'base',
      base: commits.second,
      environments: 'prod-us\nprod-eu',
    })
    expect(both.outputs).toMatchObject({ verdict: 'fail', 'reason-code': 'contract-pact-refused' })
    expect(both.summary).toContain('prod-eu')
  } finally {
    await new Promise((done) => server.close(done))
  }
})

test('a run that knows no base is refused', async () => {
  const ended = await run({})
  expect(ended.outputs).toMatchObject({ verdict: 'fail', 'reason-code': 'contract-base-missing' })
})

import { execFile, execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GitHubStandIn, startGitHub } from '../../testkit/github/index.ts'

const entry = fileURLToPath(new URL('./main.ts', import.meta.url))
const example = fileURLToPath(new URL('../../examples/delivery-service/tuesday.yaml', import.meta.url))

let temp: string
let clone: string
let github: GitHubStandIn
let first: string
let widened: string
let together: string

function git(dir: string, ...args: readonly string[]): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
  return execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
    cwd: dir,
    encoding: 'utf8',
    env,
  }).trim()
}

async function commit(files: Readonly<Record<string, string>>, message: string): Promise<string> {
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(clone, name), text)
  git(clone, 'add', '.')
  git(clone, 'commit', '--quiet', '-m', message)
  return git(clone, 'rev-parse', 'HEAD')
}

beforeAll(async () => {
  temp = await mkdtemp(path.join(tmpdir(), 'tuesday-window-'))
  clone = path.join(temp, 'clone')
  const bare = path.join(temp, 'bare')
  await mkdir(clone)
  const config = await readFile(example, 'utf8')
  git(temp, 'init', '--quiet', '--bare', '-b', 'main', bare)
  git(clone, 'init', '--quiet', '-b', 'main')
  git(clone, 'remote', 'add', 'origin', bare)
  const freeze =
    'calendar:\n  freezes:\n    - { name: fair, from: "2026-11-18T00:00", until: "2026-11-19T00:00", reason: the fair, passes: [P1] }\n'
  first = await commit({ 'tuesday.yaml': `${config}\n${freeze}`, app: '1' }, 'first')
  git(clone, 'push', '--quiet', 'origin', 'main')
  widened = await commit({ 'tuesday.yaml': config }, 'no freeze')
  together = await commit({ 'tuesday.yaml': `${config}\n# wider\n`, app: '2' }, 'both')
  github = await startGitHub({
    repositories: [{ owner: 'acme', name: 'delivery-service', gitDir: bare }],
    strict: true,
  })
  git(bare, 'fetch', '--quiet', clone, 'main:refs/heads/work')
}, 60_000)
afterAll(async () => {
  await github.close()
  await rm(temp, { recursive: true })
})

/** Runs the entry as the runner does; the clock is another one, which only endpoints of this machine allow. */
async function run(inputs: Readonly<Record<string, string>>, event: object = {}) {
  const files = await mkdtemp(path.join(temp, 'runner-'))
  for (const name of ['output', 'summary', 'state']) await writeFile(path.join(files, name), '')
  await writeFile(
    path.join(files, 'event'),
    JSON.stringify({ repository: { default_branch: 'main' }, ...event }),
  )
  const given = { 'github-token': github.token, ...inputs }
  const code = await new Promise<number>((done) => {
    const env = {
      PATH: process.env.PATH,
      HOME: files,
      ...Object.fromEntries(
        Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
      ),
      GITHUB_REPOSITORY: 'acme/delivery-service',
      GITHUB_SHA: first,
      GITHUB_REF: 'refs/heads/main',
      GITHUB_RUN_ID: '7',
      GITHUB_ACTOR: 'someone',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_EVENT_PATH: path.join(files, 'event'),
      GITHUB_WORKSPACE: clone,
      GITHUB_API_URL: github.url,
      GITHUB_GRAPHQL_URL: github.graphqlUrl,
      RUNNER_TEMP: files,
      GITHUB_OUTPUT: path.join(files, 'output'),
      GITHUB_STEP_SUMMARY: path.join(files, 'summary'),
      GITHUB_STATE: path.join(files, 'state'),
    }
    execFile(process.execPath, [entry], { cwd: clone, env }, (error) => done(Number(error?.code ?? 0)))
  })
  const text = await readFile(path.join(files, 'output'), 'utf8')
  const found = text.matchAll(/^([^\n]+?)<<([^\n]+)\n([\s\S]*?)\n?\2$/gm)
  const summary = await readFile(path.join(files, 'summary'), 'utf8')
  return { code, summary, outputs: Object.fromEntries([...found].map(([, name, , value]) => [name, value])) }
}

const inside = { environment: 'prod-us', now: '2026-11-17T15:00:00Z' }
const frozen = { environment: 'prod-us', now: '2026-11-18T15:00:00Z' }

test.each(['github', 'git'])(
  'the policy of the protected branch is read from %s, and its commit recorded',
  async (from) => {
    const answer = await run({ ...inside, 'policy-from': from })
    expect(answer).toMatchObject({
      code: 0,
      outputs: {
        verdict: 'pass',
        'reason-code': 'window-open',
        'policy-commit': first,
        'closes-at': '2026-11-17T17:00:00.000Z',
      },
    })
    expect(answer.summary).toContain('Asia/Riyadh')
    // What the work tree says by now counts for nothing.
    expect(await run({ ...frozen, 'policy-from': from })).toMatchObject({
      code: 0,
      outputs: {
        verdict: 'wait',
        'reason-code': 'window-frozen',
        'next-opening': '2026-11-19T14:00:00.000Z',
      },
    })
    expect(github.violations).toEqual([])
  },
)

test('a step that must not go on fails while it waits', async () => {
  expect((await run({ ...frozen, 'fail-on': 'wait' })).code).toBe(1)
})

test('a hotfix passes with its incident, and is named', async () => {
  const hotfix = { ...frozen, severity: 'P1', incident: 'INC-7', why: 'orders are lost' }
  expect(await run(hotfix)).toMatchObject({ code: 0, outputs: { 'reason-code': 'window-bypassed' } })
  expect(await run({ ...hotfix, severity: 'P2' })).toMatchObject({
    outputs: { 'reason-code': 'window-frozen' },
  })
  expect(await run({ ...hotfix, incident: '' })).toMatchObject({
    code: 1,
    outputs: { 'reason-code': 'incident-missing' },
  })
})

test.each(['github', 'git'])(
  'a change of the policy together with anything else is refused, read from %s',
  async (from) => {
    const asked = { ...inside, 'policy-from': from, base: first }
    expect(await run({ ...asked, commit: together })).toMatchObject({
      code: 1,
      outputs: { 'reason-code': 'policy-edited' },
    })
    expect(await run({ ...asked, commit: widened })).toMatchObject({
      code: 0,
      outputs: { 'reason-code': 'window-open' },
    })
    const pushed = await run({ ...inside, 'policy-from': from, commit: together }, { before: first })
    expect(pushed).toMatchObject({ code: 1, outputs: { 'reason-code': 'policy-edited' } })
  },
)

test('the calendar of the train is printed with its slips', async () => {
  const answer = await run({ mode: 'plan', now: '2026-11-16T08:00:00Z' })
  expect(answer).toMatchObject({
    code: 0,
    outputs: { verdict: 'pass', 'next-opening': '2026-11-17T14:00:00.000Z' },
  })
  const plan = JSON.parse(answer.outputs.plan ?? '') as { region: string; day: string }[]
  expect(plan.map(({ region, day }) => `${region} ${day}`)).toEqual([
    'prod-us 2026-11-17',
    'prod-eu 2026-11-19',
    'prod-me 2026-11-23',
    'prod-ap 2026-11-24',
  ])
  expect(answer.summary).toContain('frozen by fair')
})

test.each<[string, Record<string, string>, string]>([
  ['an environment that is not there', { ...inside, environment: 'prod-uss' }, 'environment-unknown'],
  ['no environment', { now: inside.now }, 'invalid-input'],
  [
    'a branch that is not there',
    { ...inside, 'policy-ref': 'none', 'policy-from': 'git' },
    'policy-unreadable',
  ],
  ['a file that is not there', { ...inside, config: 'none.yaml' }, 'policy-unreadable'],
  ['a time without a zone', { ...inside, now: '2026-11-17T15:00:00' }, 'invalid-input'],
  ['a start that cannot be read', { mode: 'plan', started: 'prod-us' }, 'invalid-input'],
])('refused: %s', async (_name, inputs, reason) => {
  expect(await run(inputs)).toMatchObject({ code: 1, outputs: { 'reason-code': reason } })
})

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isolatedEnv } from './git.ts'
import { type GitHubStandIn, startGitHub } from './index.ts'
import { exchangeValidator } from './openapi.ts'

const run = promisify(execFile)
let github: GitHubStandIn
const repo = '/repos/acme/gitops'

beforeAll(async () => {
  github = await startGitHub({ repositories: [{ owner: 'acme', name: 'gitops' }], strict: true })
})
afterAll(async () => {
  expect(github.violations).toEqual([])
  await github.close()
})

interface Answered {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, judged by the OpenAPI description
  readonly body: any
  readonly headers: Headers
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const response = await fetch(github.url + path, {
    method,
    headers: { authorization: `Bearer ${github.token}`, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers }
}

const mutation =
  'mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid url } } }'

function commitOnBranch(expectedHeadOid: string, files: Record<string, string | null>, branchName = 'main') {
  const additions = Object.entries(files).flatMap(([path, text]) =>
    text === null ? [] : [{ path, contents: Buffer.from(text).toString('base64') }],
  )
  const deletions = Object.entries(files).flatMap(([path, text]) => (text === null ? [{ path }] : []))
  const input = {
    branch: { repositoryNameWithOwner: 'acme/gitops', branchName },
    expectedHeadOid,
    message: { headline: 'Pin', body: 'Region: prod-us' },
    fileChanges: { additions, deletions },
  }
  return call('POST', '/graphql', { query: mutation, variables: { input } })
}

const head = async (branch = 'main'): Promise<string> =>
  (await call('GET', `${repo}/git/ref/heads/${branch}`)).body.object.sha

async function commitThroughRest(parent: string, path: string, content: string): Promise<string> {
  const blob = await call('POST', `${repo}/git/blobs`, { content, encoding: 'utf-8' })
  const tree = await call('POST', `${repo}/git/trees`, {
    base_tree: parent,
    tree: [{ path, mode: '100644', type: 'blob', sha: blob.body.sha }],
  })
  const commit = await call('POST', `${repo}/git/commits`, {
    message: `Write ${path}`,
    tree: tree.body.sha,
    parents: [parent],
  })
  expect([blob.status, tree.status, commit.status]).toEqual([201, 201, 201])
  return commit.body.sha
}

describe('git data over REST', () => {
  it('commits by blob, tree, commit and fast-forward, and reads it back', async () => {
    const sha = await commitThroughRest(await head(), 'environments/staging/pins.yaml', 'release: {}\n')
    expect((await call('PATCH', `${repo}/git/refs/heads/main`, { sha, force: false })).status).toBe(200)
    const file = await call('GET', `${repo}/contents/environments/staging/pins.yaml?ref=main`)
    expect(Buffer.from(file.body.content, 'base64').toString()).toBe('release: {}\n')
    const raw = await call('GET', `${repo}/contents/environments/staging/pins.yaml`, undefined, {
      accept: 'application/vnd.github.raw+json',
    })
    expect(raw.body).toBe('release: {}\n')
    const folder = await call('GET', `${repo}/contents/environments`)
    expect(folder.body).toMatchObject([{ name: 'staging', type: 'dir', path: 'environments/staging' }])
    const tree = await call('GET', `${repo}/git/trees/main?recursive=1`)
    expect(tree.body.tree.map((entry: { path: string }) => entry.path)).toEqual([
      'environments',
      'environments/staging',
      'environments/staging/pins.yaml',
    ])
    expect((await call('GET', `${repo}/git/commits/${sha}`)).body.message).toBe(
      'Write environments/staging/pins.yaml',
    )
  })

  it('refuses an update that is no fast-forward and leaves the branch', async () => {
    const base = await head()
    const first = await commitThroughRest(base, 'a', '1')
    const second = await commitThroughRest(base, 'a', '2')
    expect((await call('PATCH', `${repo}/git/refs/heads/main`, { sha: first })).status).toBe(200)
    const refused = await call('PATCH', `${repo}/git/refs/heads/main`, { sha: second, force: false })
    expect(refused).toMatchObject({ status: 422, body: { message: 'Update is not a fast forward' } })
    expect(await head()).toBe(first)
  })

  it.each([
    ['an unknown ref', 'GET', `${repo}/git/ref/heads/nope`, undefined, 404, 'Not Found'],
    ['an unknown file', 'GET', `${repo}/contents/nope`, undefined, 404, 'Not Found'],
    ['an unknown repository', 'GET', '/repos/acme/nope', undefined, 404, 'Not Found'],
    [
      'a ref of nothing',
      'POST',
      `${repo}/git/refs`,
      { ref: 'refs/heads/x', sha: 'f'.repeat(40) },
      422,
      'Object does not exist',
    ],
    [
      'a bad name',
      'POST',
      `${repo}/git/refs`,
      { ref: 'heads', sha: 'f'.repeat(40) },
      422,
      'Reference name is invalid',
    ],
    [
      'an unknown branch',
      'PATCH',
      `${repo}/git/refs/heads/nope`,
      { sha: 'f'.repeat(40) },
      422,
      'Reference does not exist',
    ],
  ])('answers %s as GitHub does', async (_name, method, path, body, status, message) => {
    const answer = await call(method, path, body)
    expect(answer).toMatchObject({ status, body: { message, status: String(status) } })
    // The unknown repository is no exchange of the repository's; the others are judged in `afterAll`.
  })

  it('creates a ref once, lists it and deletes it', async () => {
    const sha = await head()
    const create = () => call('POST', `${repo}/git/refs`, { ref: 'refs/heads/lock/prod-us', sha })
    expect((await create()).status).toBe(201)
    expect(await create()).toMatchObject({ status: 422, body: { message: 'Reference already exists' } })
    expect((await call('GET', `${repo}/git/matching-refs/heads/lock/`)).body).toMatchObject([
      { ref: 'refs/heads/lock/prod-us' },
    ])
    expect((await call('DELETE', `${repo}/git/refs/heads/lock/prod-us`)).status).toBe(204)
  })

  it('compares commits from both sides', async () => {
    const base = await head()
    const next = await commitThroughRest(base, 'b', '1')
    const other = await commitThroughRest(base, 'b', '2')
    const status = async (left: string, right: string) =>
      (await call('GET', `${repo}/compare/${left}...${right}`)).body
    expect(await status(base, next)).toMatchObject({
      status: 'ahead',
      ahead_by: 1,
      behind_by: 0,
      commits: [{ sha: next }],
    })
    expect(await status(next, base)).toMatchObject({ status: 'behind', ahead_by: 0, behind_by: 1 })
    expect(await status(base, base)).toMatchObject({ status: 'identical' })
    expect(await status(next, other)).toMatchObject({ status: 'diverged', ahead_by: 1, behind_by: 1 })
  })

  it('refuses a bad token and says what it does not know', async () => {
    const bad = await call('GET', repo, undefined, { authorization: 'Bearer nope' })
    expect(bad).toMatchObject({ status: 401, body: { message: 'Bad credentials' } })
    expect((await call('GET', `${repo}/actions/runs`)).status).toBe(501)
    expect((await call('POST', '/graphql', { query: '{ viewer { login } }' })).status).toBe(501)
  })

  it('describes the repository and counts the rate down', async () => {
    const first = await call('GET', repo)
    const second = await call('GET', repo)
    expect(first.body).toMatchObject({ full_name: 'acme/gitops', default_branch: 'main' })
    const left = (answer: Answered) => Number(answer.headers.get('x-ratelimit-remaining'))
    expect(left(second)).toBe(left(first) - 1)
  })
})

describe('createCommitOnBranch', () => {
  it('writes and deletes files in one commit', async () => {
    const first = await commitOnBranch(await head(), { 'x/one': '1\n', 'x/two': '2\n' })
    const oid = first.body.data.createCommitOnBranch.commit.oid
    expect(await head()).toBe(oid)
    await commitOnBranch(oid, { 'x/one': null, 'x/two': 'zwei\n' })
    expect(
      (await call('GET', `${repo}/contents/x`)).body.map((entry: { name: string }) => entry.name),
    ).toEqual(['two'])
    const commit = await call('GET', `${repo}/commits/main`)
    expect(commit.body.commit.message).toBe('Pin\n\nRegion: prod-us')
  })

  it('answers a stale head with status 200, a null field and STALE_DATA', async () => {
    const stale = await head()
    await commitOnBranch(stale, { y: '1' })
    const now = await head()
    const answer = await commitOnBranch(stale, { y: '2' })
    expect(answer).toMatchObject({
      status: 200,
      body: {
        data: { createCommitOnBranch: null },
        errors: [
          {
            type: 'STALE_DATA',
            path: ['createCommitOnBranch'],
            message: `Expected branch to point to "${stale}" but it did not.  Pull and try again.`,
          },
        ],
      },
    })
    expect(await head()).toBe(now)
  })

  it('refuses to delete what is not there', async () => {
    const answer = await commitOnBranch(await head(), { 'not/there': null })
    expect(answer.body.errors[0].type).toBe('UNPROCESSABLE')
  })

  it('loses no update among 20 racing writers', async () => {
    const writer = async (n: number): Promise<number> => {
      for (let attempt = 1; ; attempt++) {
        const before = await head()
        const answer = await commitOnBranch(before, { [`race/${n}`]: String(n) })
        if (answer.body.errors === undefined) return attempt
        expect(answer.body.errors[0].type).toBe('STALE_DATA')
      }
    }
    const attempts = await Promise.all(Array.from({ length: 20 }, (_, n) => writer(n)))
    const files = await call('GET', `${repo}/contents/race`)
    expect(files.body).toHaveLength(20)
    expect(Math.max(...attempts)).toBeGreaterThan(1) // they did race
  })
})

describe('git over HTTP', () => {
  it('clones, pushes, and refuses a push that is no fast-forward', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'testkit-clone-'))
    const git = (...args: string[]) => run('git', args, { env: isolatedEnv() })
    try {
      const url = github.cloneUrl('acme', 'gitops').replace('http://', `http://x:${github.token}@`)
      await git('clone', '-q', url, join(folder, 'one'))
      await git('clone', '-q', url, join(folder, 'two'))
      for (const name of ['one', 'two']) {
        await writeFile(join(folder, name, 'pushed'), name)
        await git('-C', join(folder, name), 'add', '.')
        await git('-C', join(folder, name), 'commit', '-qm', name)
      }
      await git('-C', join(folder, 'one'), 'push', '-q')
      await expect(git('-C', join(folder, 'two'), 'push', '-q')).rejects.toThrow(/fetch first|rejected/)
      await git('-C', join(folder, 'two'), 'fetch', '-q')
      await git('-C', join(folder, 'two'), 'reset', '-q', '--hard', 'origin/main')
      expect(await readFile(join(folder, 'two', 'pushed'), 'utf8')).toBe('one')
      await expect(
        git('clone', '-q', github.cloneUrl('acme', 'gitops'), join(folder, 'three')),
      ).rejects.toThrow()
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

describe('the judge of exchanges', () => {
  const judge = exchangeValidator()
  const ref = {
    ref: 'refs/heads/main',
    node_id: 'x',
    url: 'http://x',
    object: { type: 'commit', sha: 'a'.repeat(40), url: 'http://x' },
  }
  const get = { method: 'GET', path: `${repo}/git/ref/heads/main`, request: {} }
  it.each([
    ['a good answer', { ...get, status: 200, response: ref }, 0],
    [
      'an answer without its required fields',
      { ...get, status: 200, response: { ref: 'refs/heads/main' } },
      3,
    ],
    ['a status that is not described', { ...get, status: 418, response: {} }, 1],
    ['a path that is not described', { ...get, path: '/repos/a/b/nope', status: 200, response: {} }, 1],
    [
      'a request of the wrong type',
      {
        method: 'PATCH',
        path: `${repo}/git/refs/heads/main`,
        request: { sha: 1 },
        status: 200,
        response: ref,
      },
      1,
    ],
  ])('judges %s', (_name, exchange, faults) => {
    expect(judge(exchange)).toHaveLength(faults)
  })
})

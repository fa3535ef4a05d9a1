import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type GitHubStandIn, startGitHub } from '../../testkit/github/index.ts'
import { gitHubClient } from '../github/index.ts'
import { type Fetch, unwrap } from '../release/index.ts'
import { systemClock } from '../system/index.ts'
import { githubRepo } from './github-repo.ts'
import { lookInto } from './testing/bare.ts'

const at = { owner: 'acme', name: 'gitops' }
const signal = new AbortController().signal
const lost = () => Promise.reject(new TypeError('fetch failed'))
let server: GitHubStandIn
let look: ReturnType<typeof lookInto>

beforeEach(async () => {
  server = await startGitHub({ repositories: [at] })
  look = lookInto(server.gitDir(at.owner, at.name))
})
afterEach(() => server.close())

type Around = (url: string, go: () => Promise<Response>) => Promise<Response>

/** The repository behind a network that does with each request what `around` says. */
function open(around: Around) {
  const through: Fetch = (input, init) => around(String(input), () => fetch(input, init))
  const { url: apiUrl, graphqlUrl, token } = server
  const github = gitHubClient({
    apiUrl,
    graphqlUrl,
    token: async () => token,
    fetch: through,
    clock: { ...systemClock(), sleep: async () => {} },
  })
  return githubRepo({ github, ...at, branch: 'main' })
}

const atCommit =
  (then: Around): Around =>
  (url, go) =>
    url === server.graphqlUrl ? then(url, go) : go()
const json = (body: unknown) => Response.json(body)

async function write(around: Around) {
  const repo = open(around)
  const { head } = unwrap(await repo.read([], signal))
  return repo.commit(
    { parent: head, message: 'ours\n\nRun: 1\n', files: [{ path: 'ours', text: '1' }] },
    signal,
  )
}

const subjects = async () => (await look.log()).map(({ message }) => message.split('\n')[0])

describe('an answer to createCommitOnBranch that is lost', () => {
  it('is committed when GitHub made the commit', async () => {
    const outcome = await write(atCommit(async (_, go) => go().then(lost)))
    expect(unwrap(outcome)).toEqual({ kind: 'committed', commit: (await look.log())[0]?.sha })
    expect(await subjects()).toEqual(['ours', 'Initial commit'])
  })

  it('is committed when someone else has gone on from it', async () => {
    const outcome = await write(
      atCommit(async (_, go) => {
        await go()
        await look.push([{ path: 'theirs', text: '1' }])
        return lost()
      }),
    )
    expect(unwrap(outcome)).toEqual({ kind: 'committed', commit: (await look.log())[1]?.sha })
  })

  it('is a conflict when someone else was first', async () => {
    let head = ''
    const outcome = await write(
      atCommit(async () => {
        head = await look.push([{ path: 'theirs', text: '1' }])
        return new Response('bad gateway', { status: 502 })
      }),
    )
    expect(unwrap(outcome)).toEqual({ kind: 'conflict', head })
    expect(await subjects()).toEqual(['other', 'Initial commit'])
  })

  it('is a fault when GitHub never saw it, and it is not sent twice', async () => {
    let sent = 0
    const outcome = await write(
      atCommit(() => {
        sent += 1
        return lost()
      }),
    )
    expect(outcome.ok ? outcome.value : outcome.fault).toMatchObject({
      reason: 'gitops-unreachable',
      blame: 'world',
    })
    expect(sent).toBe(1)
    expect(await subjects()).toEqual(['Initial commit'])
  })

  it('is unknown when the branch cannot be read either', async () => {
    let away = false
    const outcome = await write((url, go) => {
      if (url === server.graphqlUrl) away = true
      return away ? lost() : go()
    })
    expect(outcome.ok ? outcome.value : outcome.fault.reason).toBe('gitops-write-unknown')
  })
})

describe('a refusal of GitHub', () => {
  it.each([
    ['FORBIDDEN', 'Resource not accessible by integration', 'permission-denied'],
    [
      'UNPROCESSABLE',
      'Repository rule violations found: Changes must be made through a pull request.',
      'gitops-rejected',
    ],
  ])('%s: %s', async (type, message, reason) => {
    const outcome = await write(
      atCommit(async () => json({ data: { createCommitOnBranch: null }, errors: [{ type, message }] })),
    )
    expect(outcome.ok ? outcome.value : outcome.fault).toMatchObject({ reason, blame: 'user' })
    expect(outcome.ok ? '' : outcome.fault.cause).toContain(message.replace(/\.$/, ''))
    expect(await subjects()).toEqual(['Initial commit'])
  })
})

describe('a tree that is too large for one answer', () => {
  it('is read folder by folder, only where something was asked for', async () => {
    await look.push([
      { path: 'environments/eu/pins.yaml', text: 'eu' },
      { path: 'environments/eu/templates/a.yaml', text: 'a' },
      { path: 'environments/us/pins.yaml', text: 'us' },
      { path: 'others/deep/x', text: 'x' },
      { path: 'release/x/state.json', text: '{}' },
    ])
    const trees: string[] = []
    const repo = open(async (url, go) => {
      if (!url.includes('/git/trees/')) return go()
      trees.push(url)
      return url.includes('recursive') ? json({ sha: 'a', tree: [], truncated: true }) : go()
    })
    const { files } = unwrap(
      await repo.read(['environments/eu/', 'release/x/state.json', 'release/y'], signal),
    )
    expect(Object.fromEntries(files)).toEqual({
      'environments/eu/pins.yaml': 'eu',
      'environments/eu/templates/a.yaml': 'a',
      'release/x/state.json': '{}',
    })
    // Once whole, then: root, environments, eu, templates, release, x.
    expect(trees).toHaveLength(7)
  })
})

describe('an answer that is not what it says', () => {
  it.each<[string, (url: string) => unknown]>([
    [
      'a file whose content has another hash',
      (url) => (url.includes('/git/blobs/') ? { content: 'eA==', encoding: 'base64' } : undefined),
    ],
    ['a ref without a commit', (url) => (url.includes('/git/ref/') ? { ref: 'refs/heads/main' } : undefined)],
    ['a page in place of a ref', (url) => (url.includes('/git/ref/') ? 'log in' : undefined)],
    ['a comparison without a status', (url) => (url.includes('/compare/') ? {} : undefined)],
  ])('%s', async (_, answer) => {
    const first = await look.push([{ path: 'a', text: 'a' }])
    const second = await look.push([{ path: 'a', text: 'b' }])
    const repo = open(async (url, go) => {
      const body = answer(url)
      return body === undefined ? go() : json(body)
    })
    const outcomes = [await repo.read(['a'], signal), await repo.isAncestor(first, second, signal)]
    expect(outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.fault.reason]))).toEqual([
      'github-answer-unreadable',
    ])
  })
})

it('reads a file once, however often the branch moves on around it', async () => {
  await look.push([{ path: 'log/2026-11.ndjson', text: 'one\n' }])
  let blobs = 0
  const repo = open((url, go) => {
    if (url.includes('/git/blobs/')) blobs += 1
    return go()
  })
  unwrap(await repo.read(['log/'], signal))
  await look.push([{ path: 'elsewhere', text: '1' }])
  expect(unwrap(await repo.read(['log/'], signal)).files.get('log/2026-11.ndjson')).toBe('one\n')
  expect(blobs).toBe(1)
})

import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startGitHub } from '../../testkit/github/index.ts'
import type { CommitSha, Exec } from '../release/index.ts'
import { unwrap } from '../release/index.ts'
import { spawnExec } from '../system/index.ts'
import { tokenEnv } from './git/credentials.ts'
import { type GitRepoOptions, gitRepo } from './git-repo.ts'
import { lookInto, makeBare, testEnv, testFolder } from './testing/bare.ts'

const signal = new AbortController().signal
let folder: Awaited<ReturnType<typeof testFolder>>
let bare: string
let look: ReturnType<typeof lookInto>
let caches = 0

beforeEach(async () => {
  folder = await testFolder()
  bare = join(folder.dir, 'server.git')
  await makeBare(bare)
  look = lookInto(bare)
})
afterEach(() => folder.remove())

function open(changes: Partial<GitRepoOptions> = {}) {
  caches += 1
  return gitRepo({
    exec: spawnExec,
    url: `file://${bare}`,
    branch: 'main',
    cacheDir: join(folder.dir, `cache-${caches}`),
    author: { name: 'Release train', email: 'train@example.com' },
    env: testEnv,
    ...changes,
  })
}

/** Ours in one file, on the head that was read. */
async function writeOn(repo: ReturnType<typeof open>, abort: AbortSignal = signal) {
  const { head } = unwrap(await repo.read([], signal))
  const change = { parent: head, message: 'ours\n', files: [{ path: 'ours', text: '1' }] }
  return { head, outcome: await repo.commit(change, abort) }
}

const messages = async () => (await look.log()).map(({ message }) => message.trim())

describe('an answer to a push that is lost', () => {
  const late = () => new DOMException('git took longer than its bound', 'TimeoutError')
  const atPush = (around: (push: () => ReturnType<Exec>) => ReturnType<Exec>): Exec => {
    return (command, args, options) => {
      const go = () => spawnExec(command, args, options)
      return args.includes('push') ? around(go) : go()
    }
  }

  it('is committed when the server took the commit', async () => {
    const repo = open({ exec: atPush(async (push) => push().then(() => Promise.reject(late()))) })
    const { outcome } = await writeOn(repo)
    const [newest] = await look.log()
    expect(unwrap(outcome)).toEqual({ kind: 'committed', commit: newest?.sha })
    expect(newest?.message.trim()).toBe('ours')
  })

  it('is committed when someone else has gone on from it', async () => {
    const exec = atPush(async (push) => {
      await push()
      await look.push([{ path: 'theirs', text: '1' }])
      throw late()
    })
    const { outcome } = await writeOn(open({ exec }))
    const [, ours] = await look.log()
    expect(unwrap(outcome)).toEqual({ kind: 'committed', commit: ours?.sha })
    expect(await messages()).toEqual(['other', 'ours', 'Start'])
  })

  it('is a conflict when someone else was first', async () => {
    let theirs = ''
    const exec = atPush(async () => {
      theirs = await look.push([{ path: 'theirs', text: '1' }])
      throw late()
    })
    expect(unwrap((await writeOn(open({ exec }))).outcome)).toEqual({ kind: 'conflict', head: theirs })
    expect(await messages()).toEqual(['other', 'Start'])
  })

  it('is a fault when the server never saw it', async () => {
    const { outcome } = await writeOn(open({ exec: atPush(() => Promise.reject(late())) }))
    expect(outcome.ok ? outcome.value : outcome.fault).toMatchObject({
      reason: 'gitops-unreachable',
      blame: 'world',
    })
    expect(await messages()).toEqual(['Start'])
  })

  it('says that it does not know when the branch cannot be read either', async () => {
    const exec = atPush(async (push) => {
      await push()
      await rm(bare, { recursive: true })
      throw late()
    })
    const { outcome } = await writeOn(open({ exec }))
    expect(outcome.ok ? outcome.value : outcome.fault.reason).toBe('gitops-write-unknown')
  })

  it('says that it was cancelled, and that the commit may stand', async () => {
    const abort = new AbortController()
    const exec = atPush(async (push) => {
      await push()
      abort.abort(new Error('SIGTERM'))
      throw abort.signal.reason
    })
    const { outcome } = await writeOn(open({ exec }), abort.signal)
    expect(outcome.ok ? outcome.value : outcome.fault).toMatchObject({ reason: 'cancelled' })
    expect(outcome.ok ? '' : outcome.fault.cause).toContain('may or may not stand')
  })
})

describe('a refusal', () => {
  it('of a hook is told in its own words, and nothing is there', async () => {
    const hook = join(bare, 'hooks', 'pre-receive')
    await writeFile(hook, '#!/bin/sh\necho "GH013: commits must be signed" >&2\nexit 1\n')
    await chmod(hook, 0o755)
    const { outcome } = await writeOn(open())
    expect(outcome.ok ? outcome.value : outcome.fault).toMatchObject({
      reason: 'gitops-rejected',
      blame: 'user',
    })
    expect(outcome.ok ? '' : outcome.fault.cause).toContain('GH013: commits must be signed')
    expect(await messages()).toEqual(['Start'])
  })

  it('for a lock on the branch is tried again within a bound', async () => {
    await writeFile(join(bare, 'refs', 'heads', 'main.lock'), '')
    let pushes = 0
    const exec: Exec = (command, args, options) => {
      if (args.includes('push')) pushes += 1
      return spawnExec(command, args, options)
    }
    const { outcome } = await writeOn(open({ exec }))
    expect(outcome.ok ? outcome.value : outcome.fault.reason).toBe('gitops-conflict')
    expect(pushes).toBe(3)
    await rm(join(bare, 'refs', 'heads', 'main.lock'))
    expect(unwrap((await writeOn(open())).outcome).kind).toBe('committed')
  })

  it('of a left-over lock in the local folder names the folder as the matter', async () => {
    const repo = open()
    unwrap(await repo.read([], signal))
    await writeFile(join(folder.dir, `cache-${caches}`, 'shallow.lock'), '')
    await look.push([{ path: 'x', text: '1' }])
    const again = await open({ cacheDir: join(folder.dir, `cache-${caches}`) }).read([], signal)
    expect(again.ok ? again.value : again.fault.reason).toBe('gitops-cache-broken')
  })
})

describe('an address', () => {
  it.each([
    ['https://ann:secret@git.example.com/acme/gitops.git', 'main'],
    ['--upload-pack=touch /tmp/x', 'main'],
    ['ext::sh -c touch', 'main'],
    ['', 'main'],
    ['https://git.example.com/acme/gitops.git', '--all'],
    ['https://git.example.com/acme/gitops.git', 'a..b'],
    ['https://git.example.com/acme/gitops.git', 'a b'],
    ['https://git.example.com/acme/gitops.git', 'x.lock'],
  ])('%j on %j is refused before git is started', async (url, branch) => {
    const exec: Exec = () => Promise.reject(new Error('git was started'))
    const answer = await open({ url, branch, exec }).read(['a'], signal)
    expect(answer.ok ? 'read' : answer.fault.reason).toBe('gitops-url-invalid')
    expect(JSON.stringify(answer)).not.toContain('secret')
  })

  it('without a repository says so', async () => {
    const answer = await open({ url: `file://${folder.dir}/nothing.git` }).read(['a'], signal)
    expect(answer.ok ? 'read' : answer.fault.reason).toBe('gitops-repository-missing')
  })

  it('where nobody listens is unreachable', async () => {
    const answer = await open({ url: 'http://127.0.0.1:1/acme/gitops.git' }).read(['a'], signal)
    expect(answer.ok ? 'read' : answer.fault).toMatchObject({ reason: 'gitops-unreachable', blame: 'world' })
  })

  it('is unreachable when git takes too long', async () => {
    const answer = await open({ timeoutMs: 1 }).read(['a'], signal)
    expect(answer.ok ? 'read' : answer.fault).toMatchObject({ reason: 'gitops-unreachable' })
  })

  it('without a git program says what to install', async () => {
    const answer = await open({ env: { PATH: folder.dir } }).read(['a'], signal)
    expect(answer.ok ? 'read' : answer.fault.next).toBe('Install git 2.30 or newer on the runner.')
  })
})

describe('over HTTP', () => {
  it('carries the token in the environment only, and a wrong one is a missing right', async () => {
    const server = await startGitHub({ repositories: [{ owner: 'acme', name: 'gitops' }] })
    try {
      const url = server.cloneUrl('acme', 'gitops')
      const seen: string[] = []
      const exec: Exec = (command, args, options) => {
        seen.push(...args)
        return spawnExec(command, args, options)
      }
      const good = open({ url, exec, env: { ...testEnv, ...tokenEnv(url, server.token) } })
      expect(unwrap((await writeOn(good)).outcome).kind).toBe('committed')
      expect(unwrap(await good.read(['ours'], signal)).files.get('ours')).toBe('1')
      const start = (await lookInto(server.gitDir('acme', 'gitops')).log()).at(-1)?.sha as CommitSha
      expect(unwrap(await good.isAncestor(start, unwrap(await good.read([], signal)).head, signal))).toBe(
        true,
      )
      expect(seen.join(' ')).not.toContain(server.token)

      for (const env of [testEnv, { ...testEnv, ...tokenEnv(url, 'ghs_wrong') }]) {
        const answer = await open({ url, env }).read(['ours'], signal)
        expect(answer.ok ? 'read' : answer.fault).toMatchObject({
          reason: 'permission-denied',
          blame: 'user',
        })
        expect(JSON.stringify(answer)).not.toContain('ghs_wrong')
      }
    } finally {
      await server.close()
    }
  })
})

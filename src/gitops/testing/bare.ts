import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommitSha } from '../../release/index.ts'
import { spawnExec } from '../../system/index.ts'
import type { ContractTarget } from './repo-contract.ts'

/** What git of a test sees: no configuration of the machine, no credentials. */
export const testEnv: Readonly<Record<string, string>> = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Someone else',
  GIT_AUTHOR_EMAIL: 'else@example.com',
  GIT_COMMITTER_NAME: 'Someone else',
  GIT_COMMITTER_EMAIL: 'else@example.com',
}

export async function testFolder(): Promise<{ readonly dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'tuesday-gitops-'))
  return { dir, remove: () => rm(dir, { recursive: true, force: true, maxRetries: 3 }) }
}

/** Git itself, for what a test arranges and for the look past the code under test. */
export async function git(
  dir: string,
  args: readonly string[],
  stdin?: string | Uint8Array,
): Promise<string> {
  const options = { env: testEnv, timeoutMs: 30_000, signal: new AbortController().signal }
  const answer = await spawnExec('git', ['-C', dir, ...args], {
    ...options,
    ...(stdin === undefined ? {} : { stdin }),
  })
  if (answer.code !== 0) throw new Error(`git ${args.join(' ')} ended with ${answer.code}: ${answer.stderr}`)
  return answer.stdout
}

/** A bare repository whose branch `main` holds one empty commit, as a server has it. */
export async function makeBare(dir: string): Promise<void> {
  await git('.', ['init', '--quiet', '--bare', '--initial-branch=main', dir])
  await git(dir, ['config', 'uploadpack.allowFilter', 'true'])
  const tree = (await git(dir, ['mktree'])).trim()
  const commit = (await git(dir, ['commit-tree', tree, '-m', 'Start'])).trim()
  await git(dir, ['update-ref', 'refs/heads/main', commit])
}

export function lookInto(bare: string): ContractTarget['look'] {
  return {
    async log() {
      const records = (await git(bare, ['log', '--format=%H %P%n%B%x00', 'main'])).split('\0\n')
      return records.flatMap((record) => {
        const [, sha, parent, message] = /^(\S+) (\S*)\n([\s\S]*)$/.exec(record) ?? []
        return sha === undefined ? [] : [{ sha, parent: parent ?? '', message: message ?? '' }]
      })
    },
    show: (sha, path) => git(bare, ['show', `${sha}:${path}`]),
    async push(files) {
      const parts: (string | Uint8Array)[] = [
        'commit refs/heads/main\ncommitter Else <else@example.com> now\ndata 5\nother\nfrom refs/heads/main^0\n',
      ]
      for (const { path, bytes, text, link } of files) {
        const content = bytes ?? Buffer.from(link ?? text ?? '')
        const mode = link === undefined ? '100644' : '120000'
        parts.push(`M ${mode} inline ${path}\ndata ${content.length}\n`, content, '\n')
      }
      await git(
        bare,
        ['fast-import', '--quiet', '--date-format=now'],
        Buffer.concat(parts.map((part) => Buffer.from(part))),
      )
      return (await git(bare, ['rev-parse', 'main'])).trim() as CommitSha
    },
  }
}

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { spawnExec } from '../system/index.ts'
import { belowTop, exportCommit, findSource } from './source.ts'

const env = {
  PATH: process.env.PATH ?? '',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
  GIT_COMMITTER_DATE: '2025-03-04T10:00:00Z',
}
const programs = { exec: spawnExec, env, signal: new AbortController().signal }

let temp: string
let repo: string
beforeEach(() => {
  temp = mkdtempSync(path.join(tmpdir(), 'tuesday-source-'))
  repo = path.join(temp, 'repo')
  mkdirSync(path.join(repo, 'service'), { recursive: true })
  git('init', '--quiet', '-b', 'main')
  writeFileSync(path.join(repo, 'service/Dockerfile'), 'FROM scratch\n')
  writeFileSync(path.join(repo, 'service/run.sh'), '#!/bin/sh\n')
  chmodSync(path.join(repo, 'service/run.sh'), 0o700)
  git('add', '.')
  git('commit', '--quiet', '-m', 'first')
})
afterEach(() => rmSync(temp, { recursive: true }))

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: repo, env, encoding: 'utf8' }).trim()
}

test('the commit is exported, not what lies in the work tree, with modes and times of no machine', async () => {
  writeFileSync(path.join(repo, 'service/Dockerfile'), 'FROM changed\n')
  writeFileSync(path.join(repo, 'service/secret.env'), 'x')
  const source = await findSource(programs, path.join(repo, 'service'), 'HEAD')
  if (!source.ok) throw new Error(source.fault.cause)
  expect(source.value).toMatchObject({
    commit: git('rev-parse', 'HEAD'),
    committed: new Date('2025-03-04T10:00:00Z'),
    dirty: true,
  })
  const out = path.join(temp, 'out')
  expect(await exportCommit(programs, source.value, out)).toEqual({ ok: true, value: undefined })
  expect(readdirSync(path.join(out, 'service')).sort()).toEqual(['Dockerfile', 'run.sh'])
  expect(statSync(path.join(out, 'service/Dockerfile'))).toMatchObject({
    size: 13,
    mtime: new Date('2025-03-04T10:00:00Z'),
  })
  expect(statSync(path.join(out, 'service/run.sh')).mode & 0o777).toBe(0o755)
  expect(await belowTop(programs, path.join(repo, 'service'), '.')).toBe('service')
})

test('a folder that is no work tree', async () => {
  expect(await findSource(programs, temp, 'HEAD')).toMatchObject({
    ok: false,
    fault: { blame: 'user', reason: 'git-missing' },
  })
  expect(await findSource(programs, path.join(temp, 'nix'), 'HEAD')).toMatchObject({
    ok: false,
    fault: { reason: 'git-missing' },
  })
})

test('a commit that is not there, and a shallow clone as the reason', async () => {
  const first = git('rev-parse', 'HEAD')
  git('commit', '--quiet', '--allow-empty', '-m', 'second')
  const shallow = path.join(temp, 'shallow')
  git('clone', '--quiet', '--depth', '1', `file://${repo}`, shallow)
  expect(await findSource(programs, shallow, first)).toMatchObject({
    ok: false,
    fault: { reason: 'git-commit-missing', likely: expect.stringMatching(/shallow/) },
  })
  expect(await findSource(programs, repo, 'd'.repeat(40))).toMatchObject({
    ok: false,
    fault: { reason: 'git-commit-missing' },
  })
  expect(existsSync(path.join(temp, 'out'))).toBe(false)
})

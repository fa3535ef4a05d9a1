import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface ServiceRepository {
  readonly dir: string
  /** Writes the files, commits everything, answers the commit. The same steps give the same commit anywhere. */
  commit(message: string, files?: Readonly<Record<string, string>>): string
}

/** What is copied of the example: not what a build or an install left there. */
const leftBehind = /(^|\/)(node_modules|dist|coverage)(\/|$)/

/** The example service as a Git repository of its own, as a team that uses Tuesday has it. */
export function serviceRepository(example: string, dir: string, now: () => Date): ServiceRepository {
  mkdirSync(dir, { recursive: true })
  cpSync(example, dir, {
    recursive: true,
    filter: (source) => !leftBehind.test(source.slice(example.length)),
  })
  const git = (...args: string[]) => {
    const date = now().toISOString()
    return execFileSync('git', ['-C', dir, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...gitIdentity, PATH: process.env.PATH, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    }).trim()
  }
  git('init', '--quiet', '--initial-branch=main')
  return {
    dir,
    commit(message, files = {}) {
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(dirname(join(dir, file)), { recursive: true })
        writeFileSync(join(dir, file), text)
      }
      git('add', '--all')
      git('commit', '--quiet', '--allow-empty', '--message', message)
      return git('rev-parse', 'HEAD')
    },
  }
}

const gitIdentity = {
  GIT_AUTHOR_NAME: 'Ada Developer',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada Developer',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  HOME: '/',
}

import { readFile } from 'node:fs/promises'
import type { MigrateContext } from './prepare.ts'

/** Paths that the pull request adds or changes below `folder`; undefined where that cannot be told. */
export async function changedFiles(
  { runner, exec, env, signal, logger }: MigrateContext,
  folder: string,
): Promise<ReadonlySet<string> | undefined> {
  const base = await baseOf(runner.eventPath)
  if (base === undefined) return undefined
  const args = [
    'diff',
    '--name-only',
    '--no-renames',
    '--diff-filter=d',
    '-z',
    `${base}...HEAD`,
    '--',
    folder,
  ]
  const { code, stdout } = await exec('git', args, { cwd: runner.workspace, env, timeoutMs: 60_000, signal })
  if (code === 0) return new Set(stdout.split('\0').filter((path) => path !== ''))
  logger.notice(
    `The base of the pull request (${base.slice(0, 12)}) is not in this checkout, so all migrations are reviewed; fetch-depth: 0 brings it.`,
  )
  return undefined
}

async function baseOf(eventPath: string | undefined): Promise<string | undefined> {
  if (eventPath === undefined) return undefined
  try {
    const event = JSON.parse(await readFile(eventPath, 'utf8')) as {
      readonly pull_request?: { readonly base?: { readonly sha?: unknown } }
    }
    const sha = event.pull_request?.base?.sha
    return typeof sha === 'string' && /^[0-9a-f]{40,64}$/.test(sha) ? sha : undefined
  } catch {
    return undefined
  }
}

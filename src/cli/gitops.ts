import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../config/index.ts'
import { type GitOpsRepo, openGitOps } from '../gitops/index.ts'
import { type Ledger, readLedger } from '../ledger/index.ts'
import type { Result } from '../release/index.ts'
import { boundedFetch } from '../system/index.ts'
import type { CliPorts } from './command.ts'

/** The GitOps repository by plain Git: credentials are found as for this person, by a helper, a key, an agent. */
export function openRepo(
  config: Config,
  git: string | undefined,
  { env, exec, clock, logger }: CliPorts,
  temp: string,
): Result<{ readonly repo: GitOpsRepo }> {
  return openGitOps({
    at: config.gitops,
    inputs: { gitops: 'git', 'gitops-url': git },
    runner: { serverUrl: 'https://github.com', apiUrl: '', graphqlUrl: '', temp },
    env,
    exec,
    fetch: boundedFetch({ timeoutMs: 10_000 }),
    clock,
    logger,
    mask: () => {},
  })
}

/** A folder for this command alone, which is gone afterwards. */
export async function withTemp<T>(use: (temp: string) => Promise<T>): Promise<T> {
  const temp = await mkdtemp(join(tmpdir(), 'tuesday-'))
  try {
    return await use(temp)
  } finally {
    await rm(temp, { recursive: true, force: true })
  }
}

/** The verified ledger of the service, for commands that only read. */
export function readOnly(config: Config, git: string | undefined, ports: CliPorts): Promise<Result<Ledger>> {
  return withTemp(async (temp) => {
    const opened = openRepo(config, git, ports, temp)
    return opened.ok ? readLedger(opened.value.repo, config.service, [], ports.signal) : opened
  })
}

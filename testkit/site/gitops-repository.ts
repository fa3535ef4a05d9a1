import type { Config } from '../../src/config/index.ts'
import { environmentFiles, type FileChange, type GitOpsRepo, initialPins } from '../../src/gitops/index.ts'
import { type CommitSha, type Digest, unwrap } from '../../src/release/index.ts'
import { spawnExec } from '../../src/system/index.ts'

/** What every environment runs before Tuesday comes: chart, values and digest of one commit, written by hand. */
export async function seedGitOps(
  repo: GitOpsRepo,
  config: Config,
  baseline: { readonly serviceDir: string; readonly commit: string; readonly digest: string },
): Promise<CommitSha> {
  const signal = AbortSignal.timeout(60_000)
  const commit = baseline.commit as CommitSha
  const digests = new Map(config.workloads.map(({ name }) => [name, baseline.digest as Digest]))
  const files: FileChange[] = []
  for (const { gitops } of Object.values(config.environments)) {
    const source = {
      exec: spawnExec,
      env: { PATH: process.env.PATH ?? '' },
      signal,
      dir: baseline.serviceDir,
    }
    const { path, pins, values } = gitops
    const { chart } = config.gitops
    files.push(
      ...unwrap(await environmentFiles({ ...source, commit, chart, values, path, pins, present: new Map() })),
      { path: pins, text: initialPins({ configSha: commit, digests }) },
    )
  }
  const { head } = unwrap(await repo.read([], signal))
  const message = 'environments as they are before the first release'
  const committed = unwrap(await repo.commit({ parent: head, message, files }, signal))
  if (committed.kind === 'conflict') throw new Error('somebody else wrote to a new repository')
  return committed.commit
}

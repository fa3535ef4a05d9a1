import type { Config } from '../../config/index.ts'
import { environmentFiles } from '../../gitops/index.ts'
import type { Exec } from '../../release/index.ts'
import type { ConfigFiles } from './context.ts'

/** Chart and values out of a clone of the service repository, which holds the commits that regions go to or back to. */
export function configFilesFrom(
  dir: string,
  config: Config,
  { exec, env }: { readonly exec: Exec; readonly env: Readonly<Record<string, string>> },
): ConfigFiles {
  return ({ gitops: { path, pins, values } }, commit, present, signal) => {
    const { chart } = config.gitops
    return environmentFiles({ exec, env, dir, commit, chart, values, path, pins, present, signal })
  }
}

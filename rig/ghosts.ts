import fs from 'node:fs'
import path from 'node:path'

/**
 * A Rollout that is deleted while argo-rollouts 1.9 works on it can stay in the controller's cache and is then
 * reconciled for ever, hundreds of times a second (same root as the promote that gets lost; fixed in 1.10). How many
 * lines of the log tell of it: whoever measures time looks here first.
 */
export function ghostLines(stateDir: string): number {
  const log = fs.readFileSync(path.join(stateDir, 'log', 'rollouts-controller.log'), 'utf8')
  return log.match(/rollouts\.argoproj\.io \S+ not found/g)?.length ?? 0
}

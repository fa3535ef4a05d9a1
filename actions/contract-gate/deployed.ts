import { type Config, readConfig } from '../../src/config/index.ts'
import { type Deployed, deployedIn } from '../../src/contract/index.ts'
import { openGitOps } from '../../src/gitops/index.ts'
import { readLedger } from '../../src/ledger/index.ts'
import { err, nearest, ok, type Result } from '../../src/release/index.ts'
import type { GateContext } from './gate.ts'

/** What the ledger says is running in the environments that were asked for. */
export async function readDeployed(context: GateContext): Promise<Result<Deployed>> {
  const { inputs, runner, signal } = context
  const config = await readConfig(runner.workspace, inputs.config)
  if (!config.ok) return config
  const wanted = wantedOf(config.value, context)
  if (!wanted.ok) return wanted
  const opened = openGitOps({ ...context, at: config.value.gitops })
  if (!opened.ok) return opened
  const ledger = await readLedger(opened.value.repo, config.value.service, [], signal)
  if (!ledger.ok) return ledger
  return ok(deployedIn(wanted.value, ledger.value.state, ledger.value.events))
}

/** The environments that were asked for, all of tuesday.yaml unless some are named. */
export function wantedOf(config: Config, { inputs }: GateContext): Result<readonly string[]> {
  const known = Object.keys(config.environments)
  const wanted = inputs.environments ?? known
  for (const name of wanted) {
    if (known.includes(name)) continue
    const meant = nearest(name, known)
    return err({
      blame: 'user',
      reason: 'invalid-input',
      cause: `\`environments\` names ${name}, which ${inputs.config} does not have${meant === undefined ? '' : `; did you mean ${meant}?`}.`,
      next: `Name environments of ${inputs.config}: ${known.join(', ')}.`,
    })
  }
  return ok(wanted)
}

import { readConfig } from '../../src/config/index.ts'
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
  const known = Object.keys(config.value.environments)
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
  const opened = openGitOps({ ...context, at: config.value.gitops })
  if (!opened.ok) return opened
  const ledger = await readLedger(opened.value.repo, config.value.service, [], signal)
  if (!ledger.ok) return ledger
  return ok(deployedIn(wanted, ledger.value.state, ledger.value.events))
}

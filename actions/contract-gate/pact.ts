import { readConfig } from '../../src/config/index.ts'
import { canIDeploy, type PactAnswer } from '../../src/contract/index.ts'
import { git } from '../../src/findings/index.ts'
import { ok, type Result } from '../../src/release/index.ts'
import { wantedOf } from './deployed.ts'
import type { GateContext } from './gate.ts'

/** Asks the broker once for each environment; undefined where no broker is named. */
export async function askPact(context: GateContext): Promise<Result<readonly PactAnswer[] | undefined>> {
  const { inputs, runner, env, exec, fetch, clock, signal } = context
  const broker = inputs['pact-broker']
  if (broker === undefined) return ok(undefined)
  const config = await readConfig(runner.workspace, inputs.config)
  if (!config.ok) return config
  const wanted = wantedOf(config.value, context)
  if (!wanted.ok) return wanted
  const head = await git({ exec, env, signal, folder: runner.workspace }, ['rev-parse', 'HEAD'])
  const token = inputs['pact-token']
  const requireConsumers = inputs['require-consumers'] ?? []
  const answers = wanted.value.map((environment) =>
    canIDeploy(
      {
        broker,
        ...(token === undefined || token === '' ? {} : { token }),
        pacticipant: inputs.pacticipant ?? config.value.service,
        version: inputs['pact-version'] ?? head.stdout.trim(),
        environment,
        requireConsumers,
        leastRows: 1,
        pollMs: 10_000,
        timeoutMs: inputs['pact-timeout'],
      },
      { fetch, clock, signal },
    ),
  )
  return ok(await Promise.all(answers))
}

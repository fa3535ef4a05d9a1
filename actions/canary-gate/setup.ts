import { readFile } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import type { Context } from '../../src/action/index.ts'
import { type GateContext, gateFromConfig, openPrometheus } from '../../src/canary/index.ts'
import { openClusters } from '../../src/cluster/index.ts'
import { environment as findEnvironment, readConfig } from '../../src/config/index.ts'
import { err, type Fault, ok, type Result } from '../../src/release/index.ts'
import type { action } from './action.ts'

export type GateRun = Context<typeof action>

interface Site {
  readonly environment: string
  readonly asked: ReturnType<typeof gateFromConfig> extends Result<infer T> ? T : never
  readonly context: GateContext
}

/** What tuesday.yaml says of the environment, with its cluster and its Prometheus. */
export async function openSite(
  run: GateRun,
  needs: readonly ('digest' | 'thresholds')[],
): Promise<Result<Site>> {
  const { inputs, runner, env, clock, fetch, logger, mask, signal, endState } = run
  const config = await readConfig(runner.workspace, inputs.config)
  if (!config.ok) return config
  const missing = needs.find((name) => inputs[name] === undefined)
  if (missing !== undefined) return err(inputMissing(missing, inputs.mode))
  if (inputs.environment === undefined) return err(inputMissing('environment', inputs.mode))
  const environment = findEnvironment(config.value, inputs.environment)
  if (!environment.ok) return environment
  const asked = gateFromConfig(config.value, environment.value, { blockMs: inputs['scrape-interval'] })
  if (!asked.ok) return asked
  const prometheus = openPrometheus(environment.value, { env, fetch, clock, mask })
  if (!prometheus.ok) return prometheus
  const { kubeconfig } = inputs
  const kube = await openClusters({ kubeconfig, env, clock })(environment.value.cluster.context)
  if (!kube.ok) return kube
  const context = { kube: kube.value, prometheus: prometheus.value, clock, logger, signal, endState }
  return ok({ environment: environment.value.name, asked: asked.value, context })
}

/** A file of the workspace, which is what a job may read and write. */
export function fileOf(run: GateRun, path: string, input: string): Result<string> {
  const { workspace } = run.runner
  const full = resolve(workspace, path)
  if (full.startsWith(`${resolve(workspace)}${sep}`)) return ok(full)
  return err({
    blame: 'user',
    reason: 'invalid-input',
    cause: `The input \`${input}\` leads out of the workspace.`,
    next: 'Give a path inside of the workspace.',
  })
}

export async function readText(run: GateRun, path: string, input: string): Promise<Result<string>> {
  const file = fileOf(run, path, input)
  if (!file.ok) return file
  try {
    return ok(await readFile(file.value, 'utf8'))
  } catch (error) {
    return err({
      blame: 'user',
      reason: 'invalid-input',
      cause: `The file ${path} of the input \`${input}\` cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      next: 'Give a path inside of the workspace, and check the file out or download it in a step before.',
    })
  }
}

export function inputMissing(name: string, mode: string): Fault {
  return {
    blame: 'user',
    reason: 'invalid-input',
    cause: `The input \`${name}\` is missing; mode \`${mode}\` needs it.`,
    next: `Add \`${name}:\` to the step.`,
  }
}

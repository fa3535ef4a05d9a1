import { faultOutcome } from '../../src/action/index.ts'
import { adopt, putRight, runForeign } from '../../src/migrate/index.ts'
import type { Fault } from '../../src/release/index.ts'
import type { Mode } from './outcome.ts'
import type { MigrateContext, Prepared } from './prepare.ts'

/** What every run that writes needs. */
export function runOptions(
  { inputs, runner, clock, logger, signal, endState }: MigrateContext,
  prepared: Prepared,
) {
  const { settings, migrations } = prepared
  return {
    folder: settings.folder,
    migrations,
    schema: settings.schema,
    limits: settings,
    runnerLockWaitMs: inputs['runner-lock-wait'],
    run: runner.runUrl,
    clock,
    random: Math.random,
    logger,
    signal,
    endState,
  }
}

export const repairMode: Mode = async (context, prepared, database) => {
  const did = await putRight({ database, ...runOptions(context, prepared) })
  if (!did.ok) return faultOutcome(did.fault)
  const { name } = prepared.environment
  for (const line of did.value) context.logger.info(line)
  return {
    verdict: 'pass',
    reason: did.value.length === 0 ? 'nothing-to-do' : 'database-repaired',
    message:
      did.value.length === 0
        ? `Nothing had to be put right in ${name}.`
        : `${name}: ${did.value.join('; ')}.`,
    data: { version: 1, environment: name, repaired: [...did.value] },
  }
}

export const adoptMode: Mode = async (context, prepared, database) => {
  const { mode, through, from } = context.inputs
  const source =
    mode === 'baseline'
      ? through === undefined
        ? undefined
        : { through: Number(through) }
      : from === undefined
        ? undefined
        : { tool: from }
  if (source === undefined) return faultOutcome(inputMissing(mode === 'baseline' ? 'through' : 'from', mode))
  const options = runOptions(context, prepared)
  const adopted = await adopt({ database, ...options, lockTimeoutMs: options.limits.lockTimeoutMs }, source)
  if (!adopted.ok) return faultOutcome(adopted.fault)
  const { level, files, differing } = adopted.value
  for (const file of differing)
    context.logger.warn(`${file} has another text than the one that this database was made by.`)
  const { name } = prepared.environment
  return {
    verdict: 'pass',
    reason: 'database-adopted',
    message: `${name} is taken over at migration ${level}: ${files.length} files are in the journal, none was run.`,
    data: { version: 1, environment: name, level, files: [...files], differing: [...differing] },
    outputs: { level, applied: 0 },
  }
}

/** Another tool, under our bound on waits for locks. */
export const commandMode: Mode = async (context, { environment, settings, address }) => {
  const { inputs, runner, env, exec, clock, logger, signal } = context
  const { command } = inputs
  const urlEnv = environment.database?.urlEnv
  if (command === undefined || urlEnv === undefined) return faultOutcome(inputMissing('command', 'command'))
  context.endState(`The command was under way on ${address.database}; its own history says what it applied.`)
  const ran = await runForeign({
    command,
    cwd: runner.workspace,
    env,
    urlEnv,
    limits: settings,
    transactional: inputs['command-transactional'],
    exec,
    clock,
    random: Math.random,
    logger,
    signal,
  })
  if (!ran.ok) return faultOutcome(ran.fault)
  const { attempts } = ran.value
  return {
    verdict: 'pass',
    reason: 'command-done',
    message: `The command ended well on ${environment.name}${attempts === 1 ? '' : ` in ${attempts} attempts`}.`,
    data: { version: 1, environment: environment.name, attempts },
  }
}

function inputMissing(name: string, mode: string): Fault {
  return {
    blame: 'user',
    reason: 'invalid-input',
    cause: `The mode ${mode} needs the input ${name}.`,
    next: `Set \`${name}\` on the step.`,
  }
}

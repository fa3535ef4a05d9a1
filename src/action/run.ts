import type { Result } from '../release/index.ts'
import { boundedFetch, spawnExec, systemClock, useProxyOf } from '../system/index.ts'
import type { ActionContext, RunnerFacts } from './context.ts'
import { Cancelled, cancelled, frames, thrownOutcome } from './endings.ts'
import { docsLink, runnerFacts } from './facts.ts'
import { type Host, processHost } from './host.ts'
import { idToken } from './id-token.ts'
import { harmlessLines } from './log.ts'
import { runLogger } from './logger.ts'
import { type Annotation, faultOutcome, type Outcome } from './outcome.ts'
import type { Action, InputSpecs, Values } from './registry.ts'
import { exitCode, report } from './report.ts'
import { keepSecrets, type Secrets } from './secrets.ts'
import { readInputs } from './validate.ts'

export type Handler<I extends InputSpecs, O extends string, S extends string> = (
  context: ActionContext<I, S>,
) => Promise<Outcome<O>>

/** The runner sends SIGINT, SIGTERM 7.5 s later, and kills after another 2.5 s (ProcessInvoker.cs). */
const cancelMs = 7_000

/** Reads the inputs, runs the handler, tells the outcome and ends the process: the whole of an entry. */
export async function runAction<I extends InputSpecs, O extends string, S extends string>(
  action: Action<I, O, S>,
  handler: Handler<I, O, S>,
): Promise<never> {
  const host = processHost()
  return host.exit(await execute(action, handler, host).catch((error) => untold(error, host)))
}

/** The answer could not be told, e.g. since a file of the runner is gone. Node would print the whole bundle. */
function untold(error: unknown, { runner }: Host): 1 {
  const [line = ''] = harmlessLines(
    error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  )
  runner.annotate({ level: 'error', message: `The answer of this run could not be written: ${line}` })
  for (const frame of frames(error)) runner.debug(frame)
  return 1
}

/** The same without the end of the process; the exit code is the answer. */
export async function execute<I extends InputSpecs, O extends string, S extends string>(
  action: Action<I, O, S>,
  handler: Handler<I, O, S>,
  host: Host,
  bounds: { readonly cancelMs: number } = { cancelMs },
): Promise<0 | 1> {
  const { env, runner } = host
  const secrets = keepSecrets(runner.mask)
  const logged: Annotation[] = []
  const tell = async (outcome: Outcome, failOn: string) => {
    await report({ action, outcome, runner, secrets, link: docsLink(env, outcome.reason), logged })
    return exitCode(outcome, failOn)
  }

  const inputs = readInputs(action, env)
  for (const secret of inputs.secrets) secrets.add(secret)
  if (!inputs.ok) return tell(faultOutcome(inputs.fault), 'fail')
  const facts = runnerFacts(env)
  if (!facts.ok) return tell(faultOutcome(facts.fault), 'fail')

  const supervised = supervise(host, bounds.cancelMs)
  try {
    const parts = { ...supervised, secrets, logged, runner: facts.value }
    const outcome = await supervised.answer(() => handler(contextOf<I, S>(inputs.values, host, parts)))
    return await tell(outcome, String(inputs.values['fail-on']))
  } finally {
    // Only now: a second signal must not cut off the telling.
    supervised.end()
  }
}

/** Always gives an answer: the handler's, or what stands when it throws, is cancelled or gets stuck. */
function supervise(host: Host, leftMs: number) {
  const abort = new AbortController()
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const timers: NodeJS.Timeout[] = []
  let stands: string | undefined
  const fail = (error: unknown) => {
    for (const frame of frames(error)) host.runner.debug(frame)
    resolve(thrownOutcome(error, abort.signal, stands))
  }
  const cutOff = () => {
    if (abort.signal.aborted) return
    host.runner.line(`Cancelled; ${leftMs / 1000} s to come to a stated end.`)
    timers.push(setTimeout(() => resolve(cancelled(stands)), leftMs))
    abort.abort(new Cancelled())
  }
  const listening = [host.onCancel(cutOff), host.onDefect(fail)]
  return {
    signal: abort.signal,
    endState(text: string) {
      stands = text
    },
    async answer(handled: () => Promise<Outcome>): Promise<Outcome> {
      Promise.resolve().then(handled).then(resolve, fail)
      const outcome = await promise
      // What still runs belongs to nobody any more: programs that were started end with it.
      abort.abort(new Cancelled())
      return outcome
    },
    end() {
      for (const stop of listening) stop()
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

interface Parts {
  readonly secrets: Secrets
  readonly logged: Annotation[]
  readonly runner: RunnerFacts
  readonly signal: AbortSignal
  readonly endState: (text: string) => void
}

function contextOf<I extends InputSpecs, S extends string>(
  inputs: Values<I>,
  { env, runner }: Host,
  parts: Parts,
): ActionContext<I, S> {
  const logger = runLogger(runner, (annotation) => parts.logged.push(annotation))
  const own = withoutInputs(env)
  if (useProxyOf(own) === 'unsupported') {
    logger.warn(
      'A proxy is set, but this runner brings a Node before 24.14, which cannot use it: update the runner.',
    )
  }
  const clock = systemClock()
  return {
    inputs,
    runner: parts.runner,
    env: own,
    clock,
    logger,
    signal: parts.signal,
    exec: spawnExec,
    fetch: boundedFetch({ clock }),
    mask: parts.secrets.add,
    endState: parts.endState,
    saveState: runner.saveState,
    state: (name) => env[`STATE_${name}`],
    idToken: async (audience): Promise<Result<string>> => {
      const token = await idToken(audience, env)
      if (token.ok) parts.secrets.add(token.value)
      return token
    },
  }
}

/** Child processes get no inputs: they may be secrets, and a tool could take them for its own. */
function withoutInputs(env: Host['env']): Readonly<Record<string, string>> {
  const pairs = Object.entries(env).filter(([name]) => !name.startsWith('INPUT_'))
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined))
}

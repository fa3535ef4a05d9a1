import { type Clock, type Exec, err, type Logger, ok, type Result } from '../release/index.ts'
import { pauseMs } from './backoff.ts'
import { user, world } from './faults.ts'
import type { Limits } from './run-context.ts'

export interface ForeignRun {
  /** A line for bash, as the workflow has it. */
  readonly command: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Variable with the URL, which gets the bound as well: not every driver reads PGOPTIONS. */
  readonly urlEnv: string
  readonly limits: Pick<Limits, 'lockTimeoutMs' | 'budgetMs'>
  /** The tool puts each file and its line in the history into one transaction, so a failed file may be tried again. */
  readonly transactional: boolean
  readonly exec: Exec
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** What drivers print for SQLSTATE 55P03, lock_not_available. */
const lockTimeout = /55P03|canceling statement due to lock timeout|lock timeout/i

/**
 * Runs another migration tool with the same bound on waits for locks. It decides itself what it runs; ours is that it
 * never stands in the queue of a lock for longer than an attempt of our own would.
 */
export async function runForeign(run: ForeignRun): Promise<Result<{ readonly attempts: number }>> {
  const { clock, limits, signal, logger, transactional } = run
  const began = clock.now().getTime()
  const left = () => limits.budgetMs - (clock.now().getTime() - began)
  for (let attempt = 1; ; attempt += 1) {
    const ended = await once(run, Math.max(1_000, left()))
    if (ended.kind === 'done') return ok({ attempts: attempt })
    if (signal.aborted) return err(cancelled())
    if (ended.kind === 'not-started') return err(notStarted(ended.why))
    if (!lockTimeout.test(ended.output)) return err(failed(ended))
    if (!transactional) return err(partly())
    const pause = pauseMs(attempt, run.random)
    if (left() < pause + limits.lockTimeoutMs) return err(blocked(attempt))
    logger.info(
      `Attempt ${attempt}: the command got no lock within ${limits.lockTimeoutMs} ms; trying again.`,
    )
    try {
      await clock.sleep(pause, signal)
    } catch (thrown) {
      if (!signal.aborted) throw thrown
      return err(cancelled())
    }
  }
}

type Once =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly code: number; readonly output: string }
  | { readonly kind: 'not-started'; readonly why: string }

async function once(run: ForeignRun, timeoutMs: number): Promise<Once> {
  const { command, cwd, exec, signal, logger } = run
  try {
    const { code, stdout, stderr } = await exec('bash', ['-eo', 'pipefail', '-c', command], {
      cwd,
      env: boundedEnvironment(run),
      timeoutMs,
      signal,
      onLine: (line) => logger.info(line),
    })
    return code === 0 ? { kind: 'done' } : { kind: 'failed', code, output: `${stdout}\n${stderr}` }
  } catch (thrown) {
    return { kind: 'not-started', why: thrown instanceof Error ? thrown.message : String(thrown) }
  }
}

/** libpq, pg and lib/pq read PGOPTIONS; drivers that do not mostly take `options` of the URL. */
export function boundedEnvironment({
  env,
  urlEnv,
  limits,
}: Pick<ForeignRun, 'env' | 'urlEnv' | 'limits'>): Readonly<Record<string, string>> {
  const bound = `-c lock_timeout=${limits.lockTimeoutMs}`
  const given = env.PGOPTIONS ?? ''
  const url = env[urlEnv]
  return {
    ...env,
    // The last setting wins.
    PGOPTIONS: given === '' ? bound : `${given} ${bound}`,
    ...(url !== undefined && URL.canParse(url) ? { [urlEnv]: boundedUrl(url, bound) } : {}),
  }
}

function boundedUrl(text: string, bound: string): string {
  const url = new URL(text)
  const given = url.searchParams.get('options')
  const all = given === null ? bound : `${given} ${bound}`
  url.searchParams.delete('options')
  // URLSearchParams writes a space as +, which libpq takes for a plus.
  const rest = url.search === '' ? '?' : `${url.search}&`
  url.search = ''
  return `${url.href}${rest}options=${encodeURIComponent(all)}`
}

function failed({ code, output }: Extract<Once, { kind: 'failed' }>) {
  const last = output.trim().split('\n').at(-1)?.slice(0, 300) ?? ''
  return user('command-failed', `The command of the migrations ended with ${code}: ${last}`, {
    next: 'Read its log; what it has applied stands in its own history.',
  })
}

function partly() {
  return world(
    'table-lock-not-granted',
    'The command got no lock within its bound, and is not said to be transactional.',
    {
      likely: 'A transaction is left open, or long reports run now.',
      next: 'Look into the history of the tool for a file that was done in part, put it right, and run again when that transaction has ended.',
    },
  )
}

function blocked(attempt: number) {
  return world(
    'table-lock-not-granted',
    `The command got no lock in ${attempt} attempts within the budget.`,
    {
      likely: 'A transaction is left open, or long reports run now.',
      next: 'End that transaction, or run again later: the tool has rolled back the file that it could not finish.',
    },
  )
}

function notStarted(why: string) {
  return user('command-failed', `The command of the migrations did not run to its end: ${why}.`, {
    next: 'Check that the tool is installed by an earlier step, and that `migrations.budget` is long enough.',
  })
}

function cancelled() {
  return world('cancelled', 'Cancelled while the command of the migrations was running.', {
    next: 'Look into the history of the tool for what it applied, and run again to go on.',
  })
}

import { actionsRunner, type Runner } from './runner.ts'

/** The process of a run, as far as the runtime touches it. Tests put another one in its place. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly runner: Runner
  /** SIGINT or SIGTERM, or a log that nobody reads any more; returns the way to stop listening. */
  onCancel(listener: () => void): () => void
  /** An error that nobody caught, or an event loop that ran empty before there was an answer. */
  onDefect(listener: (error: unknown) => void): () => void
  exit(code: 0 | 1): Promise<never>
}

/**
 * A write to a log whose reader died is an error of the stream. Left alone it becomes an uncaught exception, which is
 * told in the log, which fails again: a killed runner would leave a process behind that spins for ever.
 */
function onLogGone(listener: () => void): void {
  for (const log of [process.stdout, process.stderr]) log.on('error', listener)
}

export function processHost(): Host {
  const logGone = new Set<() => void>()
  onLogGone(() => {
    for (const listener of logGone) listener()
  })
  return {
    env: process.env,
    runner: actionsRunner(process.env),
    onCancel(listener) {
      const signals = ['SIGINT', 'SIGTERM'] as const
      for (const signal of signals) process.on(signal, listener)
      logGone.add(listener)
      return () => {
        logGone.delete(listener)
        for (const signal of signals) process.off(signal, listener)
      }
    },
    onDefect(listener) {
      const stuck = () => listener(new Error('the run stopped waiting for something that never comes'))
      process.on('uncaughtException', listener)
      process.on('unhandledRejection', listener)
      process.once('beforeExit', stuck)
      return () => {
        process.off('uncaughtException', listener)
        process.off('unhandledRejection', listener)
        process.off('beforeExit', stuck)
      }
    },
    /** Explicit: a keep-alive socket would hold the step for minutes. Pipes on Windows are written later. */
    async exit(code) {
      await new Promise<void>((resolve) => process.stdout.write('', () => resolve()))
      process.exit(code)
    },
  }
}

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Exec, ExecOptions } from '../release/index.ts'
import { capture } from './capture.ts'

/** What a program has between SIGTERM and SIGKILL. The runner leaves a cancelled step 10 s in all. */
const graceMs = 3_000
/** After the program itself has ended, a grandchild may hold its pipes open for this long. */
const lingerMs = 1_000

/**
 * Runs a program without a shell, in a process group of its own: a time-out or an abort ends what it started,
 * too. Standard output is what callers parse, so it is whole or the run fails; of standard error the end is kept.
 * Rejects when the program cannot be started, takes too long, prints too much, or the signal is aborted.
 */
export const spawnExec: Exec = async (command, args, options) => {
  options.signal.throwIfAborted()
  const { spawn } = await import('node:child_process')
  const child = spawn(command, [...args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    // On Windows a detached child opens a console window, and there are no process groups.
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  const guard = watch(child, command, options)
  const stdout = capture({ keep: 'all', maxBytes: 64 * 1024 * 1024, onLine: lineOf(options, 'stdout') })
  const stderr = capture({ keep: 'end', maxBytes: 1024 * 1024, onLine: lineOf(options, 'stderr') })
  child.stdout.on('data', (chunk: Buffer) => {
    if (!stdout.add(chunk)) guard.stop(new Error(`${command} printed more than 64 MiB to standard output`))
  })
  child.stderr.on('data', (chunk: Buffer) => void stderr.add(chunk))
  // A program that does not read its input closes the pipe; its exit code tells the rest.
  child.stdin.on('error', () => {})
  child.stdin.end(options.stdin ?? '')
  try {
    const [code, signal] = await guard.ended
    guard.check()
    return { code: code ?? 128 + signalNumber(signal), stdout: stdout.text(), stderr: stderr.text() }
  } finally {
    guard.release()
  }
}

function lineOf(options: ExecOptions, stream: 'stdout' | 'stderr'): ((line: string) => void) | undefined {
  const { onLine } = options
  return onLine === undefined ? undefined : (line) => onLine(line, stream)
}

type Ended = readonly [code: number | null, signal: NodeJS.Signals | null]

function watch(child: ChildProcess, command: string, { timeoutMs, signal }: ExecOptions) {
  let stopped: { readonly reason: unknown } | undefined
  const timers = new Set<NodeJS.Timeout>()
  const after = (ms: number, act: () => void) => timers.add(setTimeout(act, ms))
  function stop(reason: unknown): void {
    if (stopped !== undefined) return
    stopped = { reason }
    signalGroup(child, 'SIGTERM')
    after(graceMs, () => signalGroup(child, 'SIGKILL'))
  }
  const onAbort = () => stop(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  after(timeoutMs, () =>
    stop(new DOMException(`${command} took longer than ${timeoutMs} ms`, 'TimeoutError')),
  )
  // Pipes that a left-over grandchild holds open must not hold us: 'close' would wait for them.
  child.once('exit', () =>
    after(lingerMs, () => {
      signalGroup(child, 'SIGKILL')
      child.stdout?.destroy()
      child.stderr?.destroy()
    }),
  )
  const ended = once(child, 'close') as Promise<unknown> as Promise<Ended>
  return {
    ended,
    stop,
    check() {
      if (stopped !== undefined) throw stopped.reason
    },
    release() {
      signal.removeEventListener('abort', onAbort)
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

/** A negative pid means the whole group. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch {
    // ESRCH: the group has ended meanwhile, which is what was wanted.
  }
}

/** As a shell reports it: 128 and the number of the signal. */
function signalNumber(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 }
  return signal === null ? 0 : (numbers[signal] ?? 1)
}

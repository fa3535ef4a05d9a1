import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

/** A started process: a pid alone may be somebody else's by the time it is signalled. */
interface Recorded {
  readonly name: string
  readonly pid: number
  /** Field 22 of /proc/PID/stat: clock ticks after boot. */
  readonly started: string
  /** How it was started, to start it again. */
  readonly command?: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Processes {
  /** Starts a process of its own session with its output in `log/<name>.log`, and records it. */
  start(name: string, command: string, args: readonly string[], env?: Readonly<Record<string, string>>): void
  /** Throws with the end of its log when the process has ended. */
  assertAlive(name: string): void
  logTail(name: string): string
}

export function processes(stateDir: string): Processes {
  const logFile = (name: string) => path.join(stateDir, 'log', `${name}.log`)
  fs.mkdirSync(path.join(stateDir, 'log'), { recursive: true })
  const logTail = (name: string) =>
    fs.existsSync(logFile(name))
      ? fs.readFileSync(logFile(name), 'utf8').trim().split('\n').slice(-20).join('\n')
      : ''
  return {
    start(name, command, args, env = {}) {
      const log = fs.openSync(logFile(name), 'a')
      const child = spawn(command, args, {
        cwd: stateDir,
        detached: true,
        env: { ...process.env, ...env },
        stdio: ['ignore', log, log],
      })
      fs.closeSync(log)
      // A program that cannot be started has no pid, which is reported below; unheard, the event would end us.
      child.once('error', () => undefined)
      child.unref()
      if (child.pid === undefined) throw new Error(`${name}: ${command} cannot be started`)
      record(stateDir, { name, pid: child.pid, started: startTime(child.pid) ?? '', command, args, env })
    },
    assertAlive(name) {
      const known = recorded(stateDir).findLast((entry) => entry.name === name)
      if (known === undefined || !alive(known)) throw new Error(`${name} has ended:\n${logTail(name)}`)
    },
    logTail,
  }
}

/** Ends every recorded process that is still the one started: the last started first, by force after `graceMs`. */
export async function endProcesses(stateDir: string, graceMs = 5_000): Promise<void> {
  const entries = recorded(stateDir).toReversed()
  for (const entry of entries) if (alive(entry)) signal(entry, 'SIGTERM')
  await untilGone(entries, graceMs)
  for (const entry of entries) if (alive(entry)) signal(entry, 'SIGKILL')
  await untilGone(entries, 2_000)
}

/** Ends one process, leaves it away for `downMs` and starts it again as it was started. Does not wait until it serves. */
export async function restartProcess(stateDir: string, name: string, downMs: number): Promise<void> {
  const known = recorded(stateDir).findLast((entry) => entry.name === name)
  if (known?.command === undefined) throw new Error(`${name} was not started here`)
  if (alive(known)) signal(known, 'SIGTERM')
  await untilGone([known], 2_000)
  if (alive(known)) signal(known, 'SIGKILL')
  await untilGone([known], 2_000)
  await new Promise((resolve) => setTimeout(resolve, downMs))
  processes(stateDir).start(name, known.command, known.args ?? [], known.env)
}

/** Resident memory in MB of each recorded process that runs, without its children. */
export function memory(stateDir: string): Readonly<Record<string, number>> {
  const sizes = recorded(stateDir)
    .filter(alive)
    .map(({ name, pid }) => {
      const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8')
      return [name, Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)] as const
    })
  return Object.fromEntries(sizes)
}

/** Start time of a running process as the kernel knows it; undefined when there is none or it is a zombie. */
export function startTime(pid: number): string | undefined {
  try {
    // The command name, in parentheses, may hold blanks: count the fields after it.
    const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

async function untilGone(entries: readonly Recorded[], withinMs: number): Promise<void> {
  const end = performance.now() + withinMs
  while (entries.some(alive) && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 50))
}

function alive({ pid, started }: Recorded): boolean {
  return startTime(pid) === started
}

function signal({ pid }: Recorded, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function pidFile(stateDir: string): string {
  return path.join(stateDir, 'processes.ndjson')
}

function record(stateDir: string, entry: Recorded): void {
  fs.appendFileSync(pidFile(stateDir), `${JSON.stringify(entry)}\n`)
}

function recorded(stateDir: string): readonly Recorded[] {
  if (!fs.existsSync(pidFile(stateDir))) return []
  const lines = fs.readFileSync(pidFile(stateDir), 'utf8').trim().split('\n')
  return lines.filter(Boolean).map((line) => JSON.parse(line) as Recorded)
}

import { parseArgs } from 'node:util'
import type { Clock, Exec, Fault, Logger } from '../release/index.ts'

export interface CliPorts {
  readonly exec: Exec
  readonly clock: Clock
  readonly env: Readonly<Record<string, string>>
  /** The clone of the service repository: tuesday.yaml, chart and values. */
  readonly dir: string
  readonly logger: Logger
  readonly signal: AbortSignal
  readonly endState: (text: string) => void
}

/** What a command has to say: 0 good, 1 not good, 2 called wrongly. */
export interface Answer {
  readonly exit: 0 | 1 | 2
  readonly text: string
  /** For `--json`. */
  readonly data?: unknown
}

export interface Command {
  /** One line for the list of commands. */
  readonly summary: string
  readonly usage: string
  run(args: readonly string[], ports: CliPorts): Promise<Answer>
}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>

/** Options of a command line, or what is wrong with it. `--help` and `--json` are options of every command. */
export function parse<O extends Options>(args: readonly string[], options: O) {
  const all = {
    ...options,
    help: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  } as const
  try {
    return { ok: true, ...parseArgs({ args: [...args], options: all, allowPositionals: true }) } as const
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) } as const
  }
}

export function wrong(why: string, usage: string): Answer {
  return { exit: 2, text: `${why}\n\n${usage}` }
}

export function refused({ reason, cause, likely, next }: Fault): Answer {
  const text = [cause, ...(likely === undefined ? [] : [`Likely: ${likely}`]), `Next: ${next}`].join('\n')
  return { exit: 1, text, data: { verdict: 'fail', reason, why: cause, next } }
}

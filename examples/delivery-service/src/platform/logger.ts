import type { LoggerService } from '@nestjs/common'
import { correlationId } from './correlation.js'

export type Level = 'debug' | 'info' | 'warn' | 'error'

/**
 * What may be logged: ids, counts, codes and durations. There is no field for a body, a header, a URL with
 * its query or a name, so no personal data gets into a log by accident.
 */
export interface Fields {
  readonly tenant?: string
  readonly delivery?: string
  readonly event?: string
  readonly route?: string
  readonly method?: string
  readonly code?: number
  readonly durationMs?: number
  readonly count?: number
  readonly error?: string
  readonly context?: string
}

const ORDER: readonly Level[] = ['debug', 'info', 'warn', 'error']

export class Log {
  constructor(
    private readonly workload: string,
    private readonly level: Level = 'info',
    private readonly write: (line: string) => void = (line) => process.stdout.write(line),
    private readonly now: () => Date = () => new Date(),
  ) {}

  debug = (message: string, fields: Fields = {}) => this.line('debug', message, fields)
  info = (message: string, fields: Fields = {}) => this.line('info', message, fields)
  warn = (message: string, fields: Fields = {}) => this.line('warn', message, fields)
  error = (message: string, fields: Fields = {}) => this.line('error', message, fields)

  private line(level: Level, message: string, fields: Fields): void {
    if (ORDER.indexOf(level) < ORDER.indexOf(this.level)) return
    const entry = {
      time: this.now().toISOString(),
      level,
      workload: this.workload,
      correlation: correlationId(),
      message,
    }
    this.write(`${JSON.stringify({ ...entry, ...fields })}\n`)
  }
}

/** The name and code of an error. Its message can quote a row (`Key (reference)=(…) already exists`). */
export function errorKind(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : ''
  return `${error.name}${code}`
}

/** Nest's own messages about modules and routes, in the same form. */
export function nestLogger(log: Log): LoggerService {
  const context = (rest: unknown[]) => ({ context: String(rest.at(-1) ?? 'nest') })
  return {
    log: (message, ...rest) => log.debug(String(message), context(rest)),
    debug: (message, ...rest) => log.debug(String(message), context(rest)),
    verbose: (message, ...rest) => log.debug(String(message), context(rest)),
    warn: (message, ...rest) => log.warn(String(message), context(rest)),
    error: (message, ...rest) => log.error(String(message), context(rest)),
  }
}

/** Time as a parameter: a train of ten days is tested in a second. */
export interface Clock {
  now(): Date
  /** Resolves after `ms`, rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

export interface Logger {
  debug(line: string): void
  info(line: string): void
  notice(line: string): void
  warn(line: string): void
  /** A foldable block in the job log. */
  group<T>(title: string, body: () => Promise<T>): Promise<T>
}

/** `fetch` of the platform, or one with a proxy, a bound or a recording around it. */
export type Fetch = typeof globalThis.fetch

export interface ExecOptions {
  readonly cwd?: string
  /** The whole environment of the child; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly stdin?: string | Uint8Array
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Called with each line as it comes, for a live log. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void
}

export interface ExecResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program without a shell. A program that cannot be started is a rejected promise. */
export type Exec = (command: string, args: readonly string[], options: ExecOptions) => Promise<ExecResult>

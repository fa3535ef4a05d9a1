import type { Exec, ExecResult } from '../release/index.ts'

/** What running programs needs; handed through from the entry. */
export interface Programs {
  readonly exec: Exec
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** A short question to a program. Undefined when it cannot be started or does not answer in time. */
export async function ask(
  { exec, env, signal }: Programs,
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly timeoutMs?: number } = {},
): Promise<ExecResult | undefined> {
  try {
    return await exec(command, args, { env, signal, timeoutMs: 30_000, ...options })
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

import { type Exec, err, type Fault, ok, type Result } from '../../release/index.ts'
import { redact } from './faults.ts'

export interface GitSettings {
  readonly exec: Exec
  /** The whole environment of git: PATH, HOME, and credentials by helper, askpass or GIT_CONFIG_*. */
  readonly env: Readonly<Record<string, string>>
  /** Bound of one call of git. */
  readonly timeoutMs: number
  /** The repository that git works in. */
  readonly dir: string
}

export interface GitAnswer {
  readonly code: number
  readonly stdout: string
  /** Without credentials. */
  readonly stderr: string
}

/** Runs git with `args`; any exit code is an answer. A fault is: not started, cut off, or cancelled. */
export type Git = (
  args: readonly string[],
  options: { readonly signal: AbortSignal; readonly stdin?: string | Uint8Array },
) => Promise<Result<GitAnswer>>

/** An action may run inside a Git hook or a checkout whose variables would point git elsewhere. */
const misleading = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
]

const fixedConfig = {
  // Maintenance in the background would outlive the call and hold locks.
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'core.hooksPath': '/dev/null',
  'protocol.version': '2',
  // A connection that carries less than this is dead; the bound of the call would be hit later.
  'http.lowSpeedLimit': '1',
  'http.lowSpeedTime': '30',
} as const

export function gitRunner({ exec, env, timeoutMs, dir }: GitSettings): Git {
  const inherited = Object.fromEntries(Object.entries(env).filter(([name]) => !misleading.includes(name)))
  const environment = {
    ...inherited,
    // Faults are told apart by git's English words.
    LC_ALL: 'C',
    LANGUAGE: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GCM_INTERACTIVE: 'never',
    GIT_LITERAL_PATHSPECS: '1',
  }
  // The caller named this folder, so its owner does not matter (checkouts in containers belong to another user).
  const config = { ...fixedConfig, 'safe.directory': dir }
  const flags = Object.entries(config).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return async (args, { signal, stdin }) => {
    try {
      const answer = await exec('git', ['-C', dir, ...flags, ...args], {
        env: environment,
        timeoutMs,
        signal,
        ...(stdin === undefined ? {} : { stdin }),
      })
      return ok({ ...answer, stderr: redact(answer.stderr) })
    } catch (error) {
      return err(notRun(args[0] ?? '', error, signal, timeoutMs))
    }
  }
}

function notRun(command: string, error: unknown, signal: AbortSignal, timeoutMs: number): Fault {
  if (signal.aborted) {
    return {
      blame: 'world',
      reason: 'cancelled',
      cause: `git ${command} was cut off because the run was cancelled.`,
      next: 'Run the action again; it goes on from what the branch holds.',
    }
  }
  const words = redact(error instanceof Error ? error.message : String(error))
  const late = error instanceof Error && error.name === 'TimeoutError'
  return {
    blame: 'world',
    reason: 'gitops-unreachable',
    cause: late
      ? `git ${command} did not end within ${timeoutMs} ms.`
      : `git ${command} could not be run: ${words}.`,
    likely: late
      ? 'The server of the repository does not answer.'
      : 'git is not installed, or the folder does not exist.',
    next: late
      ? 'Try again; if it stays so, check the network of the runner.'
      : 'Install git 2.30 or newer on the runner.',
  }
}

import type { Clock, Exec, Fetch, Logger, Result } from '../release/index.ts'
import type { Action, InputSpecs, Values } from './registry.ts'

/** What the runner says of the run. All of it is there: a run without it stops before the handler. */
export interface RunnerFacts {
  /** `owner/name` */
  readonly repository: string
  readonly sha: string
  readonly ref: string
  readonly runId: string
  readonly runAttempt: string
  /** Page of the run, for records and messages. */
  readonly runUrl: string
  readonly actor: string
  readonly triggeringActor: string
  readonly event: string
  readonly eventPath?: string
  readonly workflow: string
  readonly job: string
  /** Folder of the checkout. */
  readonly workspace: string
  /** Folder for files of this job; emptied by the runner. */
  readonly temp: string
  readonly serverUrl: string
  readonly apiUrl: string
  readonly graphqlUrl: string
}

/** What a handler gets. Nothing else of the process is touched by it. */
export interface ActionContext<I extends InputSpecs = InputSpecs, S extends string = string> {
  readonly inputs: Values<I>
  readonly runner: RunnerFacts
  /** The environment without the inputs: for `<name>-env` settings of tuesday.yaml and for child processes. */
  readonly env: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly logger: Logger
  /** Aborted by SIGINT and SIGTERM; then 7 s are left. */
  readonly signal: AbortSignal
  readonly exec: Exec
  /** With time-out, size bound, proxy, and a bounded retry of requests that only read. */
  readonly fetch: Fetch
  /** Masks a value that the run learns of, whole and line by line. */
  mask(secret: string): void
  /**
   * States what stands if the run were cut off from here on, e.g. "prod-us stays at 25 %, paused". The latest
   * one is the message of a run that is cancelled and does not answer in time.
   */
  endState(text: string): void
  saveState(name: S, value: string): void
  /** Saved by an earlier step of the same action in this job. */
  state(name: S): string | undefined
  /** A token of GitHub's OIDC issuer for this job; needs `id-token: write`. */
  idToken(audience: string): Promise<Result<string>>
}

export type Context<A extends Action> =
  A extends Action<infer I, string, infer S> ? ActionContext<I, S> : never

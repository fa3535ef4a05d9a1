import { type Clock, err, type Fetch, ok, type Result } from '../release/index.ts'
import { cancelledFault, type GitHubFault, gitHubFault, tooManyFault, unreadableFault } from './faults.ts'
import type { Octokit } from './octokit.heavy.ts'
import { nextAttempt, type RetryLimits, retryLimits } from './retry.ts'

export interface GitHubClientOptions {
  /** GITHUB_API_URL of the runner. */
  readonly apiUrl: string
  /** GITHUB_GRAPHQL_URL of the runner; derived from `apiUrl` when absent. */
  readonly graphqlUrl?: string
  /** Asked before each request: App tokens end after an hour, a train may not. */
  readonly token: () => Promise<string>
  /** One attempt each: retries, with GitHub's own rules, are made here. */
  readonly fetch: Fetch
  readonly clock: Clock
  /** Told of each pause, which may be minutes long. */
  readonly log?: { notice(line: string): void }
  /** Bound of one request, 30 s when absent. */
  readonly timeoutMs?: number
  readonly limits?: RetryLimits
}

export interface GitHubAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number | undefined>>
  readonly data: unknown
}

type Params = Readonly<Record<string, unknown>>

export interface GitHubClient {
  /** `route` as GitHub's reference writes it: `GET /repos/{owner}/{repo}/git/ref/{ref}`. */
  rest(route: string, params: Params, signal: AbortSignal): Promise<Result<GitHubAnswer, GitHubFault>>
  /** The `data` of the answer; any entry in `errors` is a fault. */
  graphql(query: string, variables: Params, signal: AbortSignal): Promise<Result<unknown, GitHubFault>>
  /** The items of all pages, at most `limit`; a list that is longer than the limit is a fault, not a shorter list. */
  paginate(
    route: string,
    params: Params,
    signal: AbortSignal,
    options: { readonly limit: number },
  ): Promise<Result<readonly unknown[], GitHubFault>>
}

/** A small client over Octokit, which knows GitHub's URLs, pages and errors; it is loaded by the first request. */
export function gitHubClient(options: GitHubClientOptions): GitHubClient {
  const { clock, token, limits = retryLimits, timeoutMs = 30_000 } = options
  let loading: Promise<Octokit> | undefined

  async function load(): Promise<Octokit> {
    const { makeOctokit } = await import('./octokit.heavy.ts')
    const octokit = makeOctokit(options)
    // Around every request, those of pagination too.
    octokit.hook.wrap('request', async (send, request) => {
      const signal = request.request?.signal ?? new AbortController().signal
      const base = request.request ?? {}
      let refused: string | undefined
      for (let number = 1; ; number += 1) {
        const bearer = await token()
        request.headers.authorization = `Bearer ${bearer}`
        request.request = { ...base, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) }
        try {
          const answer = await send(request)
          const words = limitedWords(answer.data)
          if (words === undefined) return answer
          throw Object.assign(new Error(words), { status: answer.status, response: answer, words })
        } catch (error) {
          signal.throwIfAborted()
          const seen = look(error)
          // Once, with a token that was made anew since.
          if (seen.status === 401 && refused === undefined && (await token()) !== bearer) {
            refused = bearer
            continue
          }
          const next = nextAttempt({ ...seen, method: request.method, number, now: clock.now() }, limits)
          if (next.kind === 'give-up')
            throw Object.assign(asError(error), { limitedUntil: next.limitedUntil })
          options.log?.notice(`${next.why}; trying again in ${Math.ceil(next.afterMs / 1000)} s`)
          await clock.sleep(next.afterMs, signal)
        }
      }
    })
    return octokit
  }

  async function attempt<T>(
    what: string,
    signal: AbortSignal,
    work: (octokit: Octokit) => Promise<T>,
  ): Promise<Result<T, GitHubFault>> {
    if (signal.aborted) return err(cancelledFault(what))
    try {
      loading ??= load()
      return ok(await work(await loading))
    } catch (error) {
      if (signal.aborted) return err(cancelledFault(what))
      const { status, words } = look(error)
      return err(gitHubFault({ what, status, words, limitedUntil: limitOf(error) }))
    }
  }

  return {
    rest: (route, params, signal) =>
      attempt(route, signal, async (octokit) => {
        const { status, headers, data } = await octokit.request(route, { ...params, request: { signal } })
        return { status, headers, data: data as unknown }
      }),

    async graphql(query, variables, signal) {
      const what = `GraphQL ${/\{\s*(\w+)/.exec(query)?.[1] ?? 'query'}`
      const url = options.graphqlUrl ?? graphqlBeside(options.apiUrl)
      const answer = await attempt(what, signal, (octokit) =>
        octokit.request(`POST ${url}`, { query, variables, request: { signal } }),
      )
      if (!answer.ok) return answer
      const body: unknown = answer.value.data
      if (!isRecord(body)) return err(unreadableFault(what, 'no JSON object'))
      const errors = Array.isArray(body.errors) ? body.errors : []
      if (errors.length > 0)
        return err(
          gitHubFault({
            what,
            status: 200,
            graphql: typeOf(errors[0]),
            words: errors.map(messageOf).join('; '),
          }),
        )
      return 'data' in body ? ok(body.data) : err(unreadableFault(what, 'neither data nor errors'))
    },

    async paginate(route, params, signal, { limit }) {
      const items: unknown[] = []
      const done = await attempt(route, signal, async (octokit) => {
        for await (const page of octokit.paginate.iterator(route, {
          ...params,
          per_page: 100,
          request: { signal },
        })) {
          items.push(...(page.data as unknown[]))
          if (items.length > limit) return false
        }
        return true
      })
      if (!done.ok) return done
      return done.value ? ok(items) : err(tooManyFault(route, limit))
    },
  }
}

/** GitHub Enterprise Server keeps REST under /api/v3 and GraphQL at /api/graphql. */
function graphqlBeside(apiUrl: string): string {
  return `${apiUrl.replace(/\/+$/, '').replace(/\/api\/v3$/, '/api')}/graphql`
}

/** What Octokit throws: RequestError with the response, if there was one; or an error of the network without. */
function look(error: unknown): { status?: number; headers?: GitHubAnswer['headers']; words: string } {
  if (!isRecord(error)) return { words: String(error) }
  const response = isRecord(error.response) ? error.response : undefined
  const words =
    isRecord(response?.data) && typeof response.data.message === 'string'
      ? response.data.message
      : String(error.words ?? error.message)
  return {
    words,
    ...(typeof response?.status === 'number' ? { status: response.status } : {}),
    ...(isRecord(response?.headers) ? { headers: response.headers as GitHubAnswer['headers'] } : {}),
  }
}

/** GraphQL tells of its limits with status 200. */
function limitedWords(data: unknown): string | undefined {
  const errors = isRecord(data) && Array.isArray(data.errors) ? (data.errors as readonly unknown[]) : []
  if (errors.some((error) => typeOf(error) === 'RATE_LIMITED')) return 'RATE_LIMITED'
  return errors.map(messageOf).find((message) => /secondary rate limit/i.test(message))
}

function limitOf(error: unknown): Date | undefined {
  return isRecord(error) && error.limitedUntil instanceof Date ? error.limitedUntil : undefined
}

function typeOf(error: unknown): string | undefined {
  return isRecord(error) && typeof error.type === 'string' ? error.type : undefined
}

function messageOf(error: unknown): string {
  return isRecord(error) && typeof error.message === 'string' ? error.message : 'an error without words'
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

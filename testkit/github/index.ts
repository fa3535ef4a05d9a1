import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CommonOptions,
  type HttpRequest,
  jsonObject,
  type LoggedRequest,
  type Reply,
  realClock,
  startServer,
} from '../http/index.ts'
import { createBare, openGitDir } from './git.ts'
import { createCommitOnBranch } from './graphql.ts'
import { type Answer, ApiError, routes } from './rest.ts'
import type { Repository } from './shapes.ts'
import { gitBackend } from './smart-http.ts'

// The plumbing of bare repositories, for the other stand-ins and their contracts.
export { createBare, type GitDir, isolatedEnv, openGitDir, type TreeEntry, writeTree } from './git.ts'

export interface GitHubOptions extends CommonOptions {
  readonly repositories: readonly {
    readonly owner: string
    readonly name: string
    /** An existing bare repository. Without it one with an empty first commit is made, and removed on close. */
    readonly gitDir?: string
  }[]
  readonly token?: string
  /** Judge each exchange by the published description; what does not fit stands in `violations`. */
  readonly strict?: boolean
}

export interface GitHubStandIn {
  /** REST base, what a runner calls GITHUB_API_URL. */
  readonly url: string
  readonly graphqlUrl: string
  readonly token: string
  readonly requests: readonly LoggedRequest[]
  readonly violations: readonly string[]
  cloneUrl(owner: string, name: string): string
  gitDir(owner: string, name: string): string
  close(): Promise<void>
}

/** GitHub's git-shaped REST and GraphQL over real bare repositories. What it does not know answers 501. */
export async function startGitHub(options: GitHubOptions): Promise<GitHubStandIn> {
  const clock = options.clock ?? realClock
  const token = options.token ?? 'ghs_testkit'
  const made: string[] = []
  const repositories = new Map<string, Repository>()
  const violations: string[] = []
  const validate = options.strict ? (await import('./openapi.ts')).exchangeValidator() : undefined
  let used = 0

  const rateHeaders = () => ({
    'x-github-request-id': `TEST:${used}`,
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': String(Math.max(0, 5000 - ++used)),
    'x-ratelimit-used': String(used),
    'x-ratelimit-reset': String(Math.floor(clock.now().getTime() / 1000) + 3600),
    'x-ratelimit-resource': 'core',
  })
  const reply = (answer: Answer): Reply => ({ ...answer, headers: { ...rateHeaders(), ...answer.headers } })
  const failure = (status: number, message: string): Answer => ({
    status,
    body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
  })

  const authorised = (request: HttpRequest): boolean => {
    const header = request.headers.authorization ?? ''
    const [scheme = '', value = ''] = header.split(' ')
    if (scheme.toLowerCase() !== 'basic') return value === token
    return Buffer.from(value, 'base64').toString('utf8').split(':')[1] === token
  }

  const graphql = async (request: HttpRequest): Promise<Answer> => {
    const body = jsonObject(request)
    if (typeof body?.query !== 'string') return failure(400, 'Problems parsing JSON')
    const variables = (body.variables ?? {}) as Record<string, unknown>
    const find = (full: string) => repositories.get(full.toLowerCase())
    const data = await createCommitOnBranch(find, body.query, variables, clock.now())
    return data === undefined
      ? failure(501, 'testkit/github knows createCommitOnBranch only')
      : { status: 200, body: data }
  }

  const rest = async (request: HttpRequest): Promise<Answer> => {
    const [, full = '', path = ''] = /^\/repos\/([^/]+\/[^/]+)(.*)$/.exec(request.path) ?? []
    const repo = repositories.get(full.toLowerCase())
    if (full !== '' && repo === undefined) return failure(404, 'Not Found')
    const body = jsonObject(request)
    if (body === undefined) return failure(400, 'Problems parsing JSON')
    for (const [method, pattern, handler] of repo === undefined ? [] : routes) {
      const match = method === request.method ? pattern.exec(path) : null
      if (match === null || repo === undefined) continue
      try {
        return await handler({ repo, rest: match[1] ?? '', body, request, now: clock.now() })
      } catch (error) {
        if (error instanceof ApiError) return failure(error.status, error.message)
        throw error
      }
    }
    return failure(501, `testkit/github has no ${request.method} ${request.path}`)
  }

  const isGit = (request: HttpRequest) =>
    /^\/[^/]+\/[^/]+?(\.git)?\/(info\/refs|git-(upload|receive)-pack)$/.test(request.path)

  const handle = async (request: HttpRequest): Promise<Reply> => {
    if (isGit(request)) {
      const [, owner = '', name = '', service = ''] =
        /^\/([^/]+)\/([^/]+?)(?:\.git)?(\/(?:info\/refs|git-[^/]+))$/.exec(request.path) ?? []
      const repo = repositories.get(`${owner}/${name}`.toLowerCase())
      if (!authorised(request)) {
        return {
          status: 401,
          headers: { 'www-authenticate': 'Basic realm="GitHub"' },
          body: 'Authentication required',
        }
      }
      return repo === undefined
        ? { status: 404, body: 'Repository not found.' }
        : gitBackend(request, repo.git.path, service)
    }
    if (!authorised(request)) return reply(failure(401, 'Bad credentials'))
    if (request.method === 'POST' && request.path === '/graphql') return reply(await graphql(request))
    const answer = await rest(request)
    if (validate !== undefined && answer.status !== 501) {
      const { method, path } = request
      const exchange = {
        method,
        path,
        status: answer.status,
        request: jsonObject(request),
        response: answer.body,
      }
      violations.push(...validate(exchange))
    }
    return reply(answer)
  }

  const server = await startServer({
    ...options,
    clock,
    handle,
    streams: isGit,
    onDefect: (error) => reply(failure(500, error instanceof Error ? error.message : String(error))),
  })
  for (const [index, { owner, name, gitDir }] of options.repositories.entries()) {
    let path = gitDir
    if (path === undefined) {
      path = await mkdtemp(join(tmpdir(), 'testkit-github-'))
      made.push(path)
      await createBare(path)
    }
    const html = `${server.url}/${owner}/${name}`
    const repo = {
      owner,
      name,
      id: index + 1,
      git: openGitDir(path),
      api: `${server.url}/repos/${owner}/${name}`,
      html,
    }
    await repo.git.text(['config', 'http.receivepack', 'true'])
    repositories.set(`${owner}/${name}`.toLowerCase(), repo)
  }
  const known = (owner: string, name: string): Repository => {
    const repo = repositories.get(`${owner}/${name}`.toLowerCase())
    if (repo === undefined) throw new Error(`the stand-in has no repository ${owner}/${name}`)
    return repo
  }
  return {
    url: server.url,
    graphqlUrl: `${server.url}/graphql`,
    token,
    requests: server.requests,
    violations,
    cloneUrl: (owner, name) => `${known(owner, name).html}.git`,
    gitDir: (owner, name) => known(owner, name).git.path,
    async close() {
      await server.close()
      await Promise.all(made.map((path) => rm(path, { recursive: true, force: true })))
    },
  }
}

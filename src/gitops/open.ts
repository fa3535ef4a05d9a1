import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { gitHubClient } from '../github/index.ts'
import {
  type Clock,
  type Exec,
  err,
  type Fault,
  type Fetch,
  type Logger,
  ok,
  type Result,
} from '../release/index.ts'
import { tokenEnv } from './git/credentials.ts'
import { gitRepo } from './git-repo.ts'
import { githubRepo } from './github-repo.ts'
import type { GitOpsMarks } from './marks.ts'
import type { GitOpsRepo } from './repo.ts'

/** What a job was told of the GitOps repository, and what it reaches it with. */
export interface OpenOptions {
  /** The branch of tuesday.yaml. */
  readonly at: { readonly repository: string; readonly branch: string }
  readonly inputs: {
    readonly gitops: 'github' | 'git'
    readonly 'gitops-url'?: string | undefined
    readonly 'github-token'?: string | undefined
  }
  readonly runner: {
    readonly serverUrl: string
    readonly apiUrl: string
    readonly graphqlUrl: string
    readonly temp: string
  }
  readonly env: Readonly<Record<string, string>>
  readonly exec: Exec
  readonly fetch: Fetch
  readonly clock: Clock
  readonly logger: Logger
  readonly mask: (secret: string) => void
}

const slug = /^([A-Za-z0-9][-A-Za-z0-9_.]*)\/([-A-Za-z0-9_.]+)$/
const author = { name: 'tuesday', email: 'tuesday@users.noreply.github.com' }

/** The GitOps branch, through the API or by plain Git; `endpoint` is what it talks to. */
export function openGitOps(
  options: OpenOptions,
): Result<{ readonly repo: GitOpsRepo & GitOpsMarks; readonly endpoint: string }> {
  const { at, inputs, runner, exec, fetch, clock, logger } = options
  const { repository, branch } = at
  const [, owner, name] = slug.exec(repository) ?? []
  if (inputs.gitops === 'github') {
    if (owner === undefined || name === undefined) return err(noSlug(repository))
    const token = inputs['github-token'] ?? ''
    const { apiUrl, graphqlUrl } = runner
    const github = gitHubClient({ apiUrl, graphqlUrl, token: async () => token, fetch, clock, log: logger })
    return ok({ repo: githubRepo({ github, owner, name, branch }), endpoint: apiUrl })
  }
  const url =
    inputs['gitops-url'] ?? (owner === undefined ? repository : `${runner.serverUrl}/${repository}.git`)
  // One folder per run: two runs of a job on one machine, or the one before that was killed, must not meet.
  const cacheDir = join(runner.temp, `tuesday-gitops-${randomUUID()}`)
  const env = { ...options.env, ...credentials(options, url) }
  return ok({ repo: gitRepo({ exec, url, branch, cacheDir, author, env }), endpoint: url })
}

/** The token goes to GitHub's own server only, whatever address the repository has. */
function credentials({ inputs, runner, mask }: OpenOptions, url: string): Readonly<Record<string, string>> {
  const token = inputs['github-token']
  if (token === undefined || token === '' || !url.startsWith(`${runner.serverUrl}/`)) return {}
  const env = tokenEnv(url, token)
  for (const value of Object.values(env)) {
    const [, basic] = /Basic (.*)$/.exec(value) ?? []
    if (basic !== undefined) mask(basic)
  }
  return env
}

function noSlug(repository: string): Fault {
  return {
    blame: 'user',
    reason: 'gitops-url-invalid',
    cause: `\`${repository}\` is no owner/name, so the GitHub API cannot be used for it.`,
    next: 'Set `gitops: git`, or write owner/name under gitops.repository in tuesday.yaml.',
  }
}

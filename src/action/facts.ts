import type { Fault, Result } from '../release/index.ts'
import { err, ok } from '../release/index.ts'
import type { RunnerFacts } from './context.ts'

type Environment = Readonly<Record<string, string | undefined>>

const needed = {
  repository: 'GITHUB_REPOSITORY',
  sha: 'GITHUB_SHA',
  ref: 'GITHUB_REF',
  runId: 'GITHUB_RUN_ID',
  actor: 'GITHUB_ACTOR',
  event: 'GITHUB_EVENT_NAME',
  workspace: 'GITHUB_WORKSPACE',
  temp: 'RUNNER_TEMP',
} as const

/** The variables of the runner that records and messages need; all of them, or a fault that names the missing. */
export function runnerFacts(env: Environment): Result<RunnerFacts> {
  const missing = Object.values(needed).filter((name) => (env[name] ?? '') === '')
  if (missing.length > 0) return err(notARunner(missing))
  const get = (name: string, fallback = '') => env[name] || fallback
  const serverUrl = get('GITHUB_SERVER_URL', 'https://github.com')
  const repository = get(needed.repository)
  const runId = get(needed.runId)
  const eventPath = env.GITHUB_EVENT_PATH
  return ok({
    repository,
    sha: get(needed.sha),
    ref: get(needed.ref),
    runId,
    runAttempt: get('GITHUB_RUN_ATTEMPT', '1'),
    runUrl: `${serverUrl}/${repository}/actions/runs/${runId}`,
    actor: get(needed.actor),
    triggeringActor: get('GITHUB_TRIGGERING_ACTOR', get(needed.actor)),
    event: get(needed.event),
    ...(eventPath ? { eventPath } : {}),
    workflow: get('GITHUB_WORKFLOW'),
    job: get('GITHUB_JOB'),
    workspace: get(needed.workspace),
    temp: get(needed.temp),
    serverUrl,
    apiUrl: get('GITHUB_API_URL', 'https://api.github.com'),
    graphqlUrl: get('GITHUB_GRAPHQL_URL', 'https://api.github.com/graphql'),
  })
}

/** Page of a reason code in the documentation of the version that runs. */
export function docsLink(env: Environment, reason: string): string {
  const { GITHUB_ACTION_REPOSITORY: repository, GITHUB_ACTION_REF: ref, GITHUB_SERVER_URL: server } = env
  const page = `docs/reason-codes.md#${reason}`
  // A local action (`uses: ./…`) has no repository of its own; then the page stands in the checkout.
  return repository ? `${server || 'https://github.com'}/${repository}/blob/${ref || 'HEAD'}/${page}` : page
}

function notARunner(missing: readonly string[]): Fault {
  return {
    blame: 'user',
    reason: 'invalid-input',
    cause: `The environment of a GitHub Actions step is incomplete: ${missing.join(', ')} not set.`,
    likely: 'The bundle was started by hand, or by a runner that sets other variables.',
    next: 'Start the action with `uses:` in a workflow.',
  }
}

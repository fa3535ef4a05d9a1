import { type Context, faultOutcome, type Outcome } from '../../src/action/index.ts'
import { calendarFaults, checkedClock, serverDate } from '../../src/calendar/index.ts'
import { gitHubClient } from '../../src/github/index.ts'
import {
  editedWithRelease,
  githubPolicySource,
  gitPolicySource,
  type Policy,
  type PolicySource,
  readPolicy,
} from '../../src/policy/index.ts'
import { err, ok, parseCommitSha, type Result } from '../../src/release/index.ts'
import type { action } from './action.ts'
import { check } from './check.ts'
import { plan } from './plan.ts'
import { eventFacts, instantOf } from './request.ts'

type Run = Context<typeof action>
export type Answer = Outcome<'next-opening' | 'closes-at' | 'policy-commit' | 'plan'>

export async function releaseWindow(run: Run): Promise<Answer> {
  const now = instantOf(run.inputs.now)
  if (!now.ok) return faultOutcome(now.fault)
  const policy = await policyOf(run)
  if (!policy.ok) return faultOutcome(policy.fault)
  const clock = await clockOf(run)
  if (!clock.ok) return faultOutcome(clock.fault)
  const at = run.inputs.mode === 'plan' ? (now.value ?? clock.value) : clock.value
  const [wrong] = calendarFaults(policy.value.config, at)
  if (wrong !== undefined) return faultOutcome(wrong)
  return run.inputs.mode === 'plan' ? plan(run, policy.value, at) : check(run, policy.value, at)
}

/** A look ahead may ask for any time; a verdict is told from a clock that a server agrees with. */
async function clockOf({ inputs, runner, clock, fetch, signal }: Run): Promise<Result<Date>> {
  const checked = await checkedClock({
    machine: clock,
    now: inputs.mode === 'check' ? inputs.now : undefined,
    endpoint: runner.apiUrl,
    apiUrl: runner.apiUrl,
    others: [],
    mustCheck: inputs.mode === 'check' || inputs.now === undefined,
    serverDate: (url) => serverDate(url, fetch, signal),
  })
  return checked.ok ? ok(checked.value.clock.now()) : checked
}

async function policyOf(run: Run): Promise<Result<Policy>> {
  const { inputs, runner, signal } = run
  const source = sourceOf(run)
  const event = await eventFacts(runner)
  const at = { ref: inputs['policy-ref'] ?? event.defaultBranch, file: inputs.config }
  const policy = await readPolicy(source, at, signal)
  if (!policy.ok) return policy
  const base = inputs.base === undefined ? event.before : parseCommitSha(inputs.base)
  const head = parseCommitSha(inputs.commit ?? runner.sha)
  if (base === undefined || head === undefined) {
    run.logger.info(
      'The change that is released is not known here (no `base`), so it was not held against the policy.',
    )
    return policy
  }
  const edited = await editedWithRelease(
    source,
    { base, head, config: policy.value.config, file: inputs.config },
    signal,
  )
  return edited.ok ? policy : err(edited.fault)
}

function sourceOf({ inputs, runner, exec, env, fetch, clock, logger }: Run): PolicySource {
  if (inputs['policy-from'] === 'git') return gitPolicySource({ exec, env, dir: runner.workspace })
  const { apiUrl, graphqlUrl, repository } = runner
  const token = inputs['github-token'] ?? ''
  const github = gitHubClient({ apiUrl, graphqlUrl, token: async () => token, fetch, clock, log: logger })
  return githubPolicySource({ github, repository })
}

import { join } from 'node:path'
import { checkedClock, isLocal, serverDate } from '../../src/calendar/index.ts'
import { type Config, configWarnings, environment, readConfig } from '../../src/config/index.ts'
import { openGitOps } from '../../src/gitops/index.ts'
import { type ImageGate, imageGate, openRegistry } from '../../src/image/index.ts'
import type { Ledger } from '../../src/ledger/index.ts'
import { ok, type Result } from '../../src/release/index.ts'
import { tellTeam } from '../../src/telemetry/index.ts'
import { type Committed, parseFacts, type TickContext, tick } from '../../src/train/index.ts'
import { accessOf } from './access.ts'
import {
  type ActionOutcome,
  decisionOutcome,
  observed,
  stagedOutcome,
  statusOutcome,
  wishOutcome,
} from './answer.ts'
import type { Request, RolloutContext } from './request.ts'
import { writeStatusPage } from './status-page.ts'

/** Reads tuesday.yaml, opens what the mode needs, and makes the one call. */
export async function runRegionRollout(
  context: RolloutContext,
  request: Request,
): Promise<Result<ActionOutcome>> {
  const { inputs, runner, fetch, signal } = context
  const read = await readConfig(runner.workspace, inputs.config)
  if (!read.ok) return read
  const config = read.value
  // Once a release, not at every tick of a schedule.
  if (request.mode === 'propose') for (const warning of configWarnings(config)) context.logger.warn(warning)
  const opened = openGitOps({ ...context, at: config.gitops })
  if (!opened.ok) return opened
  const { repo, endpoint } = opened.value
  const time = await checkedClock({
    machine: context.clock,
    now: inputs.now,
    endpoint,
    apiUrl: runner.apiUrl,
    others: Object.values(config.environments).map(({ prometheus }) => prometheus.url),
    mustCheck: !['halt', 'hold', 'exclude', 'revoke', 'status'].includes(request.mode),
    serverDate: (url) => serverDate(url, fetch, signal),
  })
  if (!time.ok) return time
  const { clock, kind } = time.value
  // The job and the attempt make two runs write two different commits, also in the same second.
  const run = `${runner.runUrl}#${runner.job}-${runner.runAttempt}`
  const author = { actor: runner.triggeringActor, run, clock: kind }
  const configFiles = tick.configFilesFrom(join(runner.workspace, inputs.source), config, context)
  const gate = await imageGateOf(context, config, request.mode)
  if (!gate.ok) return gate
  const ticking: TickContext = {
    ...{ config, repo, clock, author, configFiles, signal },
    ...(gate.value && { imageGate: gate.value }),
  }
  const cluster = tick.observer(config, accessOf(context, kind === 'simulated'), clock)
  const done = await dispatch(ticking, cluster, request, context)
  if (!done.ok) return done
  const { ledger, outcome } = done.value
  if (ledger !== undefined) {
    const mayReach = kind === 'simulated' ? isLocal : () => true
    await tellTeam({ ...context, config, ledger, run, marks: repo, mayReach })
  }
  return ok(outcome)
}

interface Done {
  readonly outcome: ActionOutcome
  /** Of a mode that may have written; those that only look tell nobody. */
  readonly ledger?: Ledger
}

/** Only where a pin may follow: the other modes look at no image. */
async function imageGateOf(
  context: RolloutContext,
  config: Config,
  mode: Request['mode'],
): Promise<Result<ImageGate | undefined>> {
  if (mode !== 'stage' && mode !== 'next') return ok(undefined)
  const checkout = join(context.runner.workspace, context.inputs.source)
  return imageGate(config, checkout, await openRegistry(context))
}

async function dispatch(
  context: TickContext,
  cluster: ReturnType<typeof tick.observer>,
  request: Request,
  run: RolloutContext,
): Promise<Result<Done>> {
  const { config } = context
  switch (request.mode) {
    case 'adopt':
      return answer(await tick.adopt(context, cluster, request), config, wishOutcome)
    case 'stage':
      return answer(await tick.stage(context, cluster, request), config, stagedOutcome)
    case 'propose':
      return answer(await tick.propose(context, request), config, wishOutcome)
    case 'approve':
      return answer(await tick.approve(context, request), config, wishOutcome)
    case 'hold':
      return answer(await tick.hold(context, request.region, request), config, wishOutcome)
    case 'resume':
      return answer(await tick.resume(context, request.region, request), config, wishOutcome)
    case 'halt':
      return answer(await tick.halt(context, request), config, wishOutcome)
    case 'revoke':
      return answer(await tick.revoke(context, request), config, wishOutcome)
    case 'veto':
      return answer(await tick.veto(context, request), config, wishOutcome)
    case 'cancel':
      return answer(await tick.cancel(context, request), config, wishOutcome)
    case 'exclude':
      return answer(await tick.exclude(context, request.region, request), config, wishOutcome)
    case 'include':
      return answer(await tick.include(context, request.region, request), config, wishOutcome)
    case 'failback':
      return answer(await tick.failback(context, request.region, request), config, wishOutcome)
    case 'failover': {
      const facts = parseFacts(request.facts)
      if (!facts.ok) return facts
      return answer(await tick.failover(context, facts.value.regions, request), config, wishOutcome)
    }
    case 'record':
      return answer(await tick.record(context, request), config, decisionOutcome)
    case 'observe': {
      const found = environment(config, request.environment)
      return found.ok ? ok({ outcome: observed(await cluster.observe(found.value, context.signal)) }) : found
    }
    case 'next': {
      const facts = parseFacts(request.facts)
      return facts.ok ? answer(await tick.next(context, facts.value), config, decisionOutcome) : facts
    }
    case 'status': {
      const facts = parseFacts(request.facts)
      if (!facts.ok) return facts
      const ledger = await tick.readState(context)
      if (!ledger.ok) return ledger
      const decision = await tick.preview(context, ledger.value, facts.value)
      const outcome = statusOutcome(config, ledger.value, decision)
      const { page } = run.inputs
      if (page === undefined) return ok({ outcome })
      const told = { config, ledger: ledger.value, decision, now: context.clock.now() }
      const written = await writeStatusPage(run, page, told)
      return ok({ outcome: { ...outcome, outputs: { ...outcome.outputs, page: written } } })
    }
  }
}

function answer<T>(
  committed: Result<Committed<T>>,
  config: Config,
  outcome: (config: Config, committed: Committed<T>) => ActionOutcome,
): Result<Done> {
  if (!committed.ok) return committed
  return ok({ outcome: outcome(config, committed.value), ledger: committed.value.ledger })
}

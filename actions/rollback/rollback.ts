import { join } from 'node:path'
import type { Context, Outcome } from '../../src/action/index.ts'
import { checkedClock, clockNotAllowed, isLocal } from '../../src/calendar/index.ts'
import { openClusters } from '../../src/cluster/index.ts'
import { type Config, readConfig } from '../../src/config/index.ts'
import { openGitOps } from '../../src/gitops/index.ts'
import { type Digest, err, ok, type Result, shortDigest } from '../../src/release/index.ts'
import { timelineMarkdown } from '../../src/report/index.ts'
import {
  type PreflightOutcome,
  preflight,
  type RegionReport,
  type RollbackContext,
  type RollbackOutcome,
  type RollbackRequest,
  rollBack,
} from '../../src/rollback/index.ts'
import { tellTeam } from '../../src/telemetry/index.ts'
import { type TickContext, tick } from '../../src/train/index.ts'
import type { action } from './action.ts'

type RollbackActionContext = Context<typeof action>
type ActionOutcome = Outcome<keyof (typeof action)['outputs'] & string>

/** Reads tuesday.yaml, opens the repository and the clusters, and makes the one call. */
export async function runRollback(context: RollbackActionContext): Promise<Result<ActionOutcome>> {
  const { inputs, runner, env, signal, logger, endState } = context
  const read = await readConfig(runner.workspace, inputs.config)
  if (!read.ok) return read
  const config = read.value
  const opened = openGitOps({ ...context, at: config.gitops })
  if (!opened.ok) return opened
  const { repo, endpoint } = opened.value
  const time = await clockOf(context, endpoint)
  if (!time.ok) return time
  const { clock, kind } = time.value
  const run = `${runner.runUrl}#${runner.job}-${runner.runAttempt}`
  const author = { actor: runner.triggeringActor, run, clock: kind }
  const configFiles = tick.configFilesFrom(join(runner.workspace, inputs.source), config, context)
  const ticking: TickContext = { config, repo, clock, author, configFiles, signal }
  const refuse = (server: string) => (isLocal(`https://${server}`) ? undefined : clockNotAllowed(server))
  const ports: RollbackContext = {
    config,
    journal: (decide) => tick.commitDecision(ticking, decide),
    kube: openClusters({
      kubeconfig: inputs.kubeconfig,
      env,
      clock,
      ...(kind === 'simulated' && { refuse }),
    }),
    isAncestor: (ancestor, descendant, stop) => repo.isAncestor(ancestor, descendant, stop),
    clock,
    logger,
    signal,
    endState,
  }
  if (inputs.mode === 'preflight') {
    const checked = await preflight(ports, regionsOf(context))
    return checked.ok ? ok(readiness(checked.value)) : checked
  }
  const request = requestOf(context)
  if (!request.ok) return request
  const outcome = await rollBack(ports, request.value)
  if (!outcome.ok) return outcome
  const mayReach = kind === 'simulated' ? isLocal : () => true
  await tellTeam({ ...context, config, ledger: outcome.value.ledger, run, marks: repo, mayReach })
  return ok(answer(config, outcome.value))
}

/** A way back is never held up by a clock that could not be checked. */
function clockOf({ inputs, runner, clock }: RollbackActionContext, endpoint: string) {
  return checkedClock({
    machine: clock,
    now: inputs.now,
    endpoint,
    apiUrl: runner.apiUrl,
    others: [],
    mustCheck: false,
    serverDate: async () => undefined,
  })
}

function regionsOf({ inputs: { regions } }: RollbackActionContext): 'all' | readonly string[] {
  return regions === undefined || regions.length === 0 || regions.includes('all') ? 'all' : regions
}

function requestOf(context: RollbackActionContext): Result<RollbackRequest> {
  const { inputs, runner } = context
  const { digest, to, reason } = inputs
  if (reason === undefined)
    return err({
      blame: 'user',
      reason: 'reason-missing',
      cause: 'The input `reason` is missing.',
      next: 'Say why in a sentence that the next reader of the ledger understands.',
    })
  return ok({
    regions: regionsOf(context),
    person: inputs.person ?? runner.triggeringActor,
    reason: 'rollback-requested',
    why: reason,
    fast: inputs.fast,
    ...(digest === undefined ? {} : { digest: digest as Digest }), // the registry has checked its form
    ...(to === undefined ? {} : { to }),
  })
}

function readiness({ verdict, reason, why, next, regions }: PreflightOutcome): ActionOutcome {
  const rows = regions.flatMap(({ region, workloads }) =>
    workloads.map(({ workload, inFlight, promoted, seconds, hindrances }) => {
      const cells = [
        region,
        workload,
        inFlight,
        promoted,
        String(seconds),
        hindrances.map(({ what }) => what).join('; '),
      ]
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
    }),
  )
  const records = regions.map(({ workloads, ...region }) => ({
    ...region,
    workloads: workloads.map(({ hindrances, ...workload }) => ({
      ...workload,
      hindrances: hindrances.map((each) => ({ ...each })),
    })),
  }))
  const head =
    '| region | workload | on its way | promoted | about s | what makes it slow |\n|---|---|---|---|---|---|'
  return {
    verdict,
    reason,
    message: why,
    ...(next === undefined ? {} : { next }),
    data: { version: 1, regions: records },
    outputs: { regions: records },
    summary: [{ title: 'The way back', body: [head, ...rows].join('\n') }],
  }
}

function answer(
  config: Config,
  { verdict, reason, why, next, regions, ledger }: RollbackOutcome,
): ActionOutcome {
  const records = regions.map(({ path, ...region }) => ({
    ...region,
    ...(path === undefined ? {} : { case: path.case.name, expected: path.seconds }),
  }))
  return {
    verdict,
    reason,
    message: why,
    ...(next === undefined ? {} : { next }),
    data: { version: 1, ledger: ledger.state.head.seq, regions: records },
    outputs: { regions: records, commit: ledger.snapshot.head },
    summary: [
      ...(regions.length === 0 ? [] : [{ title: 'Rollback', body: table(regions) }]),
      { title: `Train of ${config.service}`, body: timelineMarkdown(ledger.state, config, { why }) },
    ],
  }
}

function table(regions: readonly RegionReport[]): string {
  const rows = regions.map(
    ({ region, target, ok: good, why, path, abortSeconds, trafficSeconds, seconds }) => {
      const back = target === undefined ? '-' : shortDigest(target)
      const cells = [
        region,
        good ? 'back' : 'not proved',
        back,
        path === undefined ? '-' : `${path.case.letter} (${path.case.name})`,
        path === undefined ? '-' : String(path.seconds),
        abortSeconds?.toFixed(1) ?? '-',
        trafficSeconds?.toFixed(1) ?? '-',
        seconds?.toFixed(1) ?? '-',
      ]
      return `| ${[...cells, why.replaceAll('|', '\\|')].join(' | ')} |`
    },
  )
  return [
    '| region | state | digest | case | s expected | s to abort | s to all traffic | s to Git agreeing | what was seen |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

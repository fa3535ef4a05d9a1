import { readLiveState } from '../cluster/index.ts'
import { environment } from '../config/index.ts'
import { regionOf } from '../ledger/index.ts'
import { err, ok, type ReasonCode, type Result, shortDigest, type Verdict } from '../release/index.ts'
import { targetOf } from '../train/index.ts'
import type { RollbackContext } from './ports.ts'
import { type Hindrance, type Readiness, readinessOf } from './readiness.ts'

export interface RegionReadiness {
  readonly region: string
  readonly verdict: Verdict
  readonly reason: ReasonCode
  readonly why: string
  readonly workloads: readonly Readiness[]
}

export interface PreflightOutcome {
  readonly verdict: Verdict
  readonly reason: ReasonCode
  readonly why: string
  readonly next?: string
  readonly regions: readonly RegionReadiness[]
}

/** Before a release goes anywhere: how each region would be brought back, and what would make that slow. */
export async function preflight(
  context: Pick<RollbackContext, 'config' | 'journal' | 'kube' | 'logger' | 'signal'>,
  asked: 'all' | readonly string[],
): Promise<Result<PreflightOutcome>> {
  const { config, logger } = context
  const names = asked === 'all' ? config.train.order : asked
  for (const name of names) {
    const known = environment(config, name)
    if (!known.ok) return known
  }
  const read = await context.journal(async () => ok({ events: [], pins: [] }))
  if (!read.ok) return err(read.fault)
  const { state } = read.value.ledger
  const regions = await Promise.all(
    names.map(async (name) => {
      const region = regionOf(state, name)
      const target = region === undefined ? undefined : targetOf(state, region, undefined)
      return target === undefined ? notAdopted(name) : readinessIn(context, name, target)
    }),
  )
  for (const region of regions) for (const text of tellReadiness(region)) logger.info(text)
  return ok(together(regions))
}

async function readinessIn(
  { config, kube, signal }: Pick<RollbackContext, 'config' | 'kube' | 'signal'>,
  region: string,
  target: NonNullable<ReturnType<typeof targetOf>>,
): Promise<RegionReadiness> {
  const at = environment(config, region)
  const opened = at.ok ? await kube(at.value.cluster.context) : at
  if (!at.ok || !opened.ok)
    return unreadable(region, opened.ok ? 'its environment is unknown' : opened.fault.cause)
  const workloads: Readiness[] = []
  for (const workload of config.workloads) {
    const live = await readLiveState(opened.value, at.value.namespace, workload, signal)
    if (!live.ok) return unreadable(region, live.fault.cause)
    workloads.push(readinessOf(live.value, target.digest))
  }
  const found = workloads.flatMap(({ hindrances }) => hindrances)
  const to = `${target.release ?? 'its baseline'} (${shortDigest(target.digest)})`
  const seconds = Math.max(...workloads.map((each) => each.seconds))
  if (found.length === 0)
    return { region, verdict: 'pass', reason: 'done', why: `back to ${to} in about ${seconds} s`, workloads }
  const why = `back to ${to} would not be fast: ${found.map(({ workload, what }) => `${workload}: ${what}`).join('; ')}`
  return { region, verdict: 'fail', reason: 'rollback-not-fast', why, workloads }
}

const notAdopted = (region: string): RegionReadiness => ({
  region,
  verdict: 'fail',
  reason: 'region-not-adopted',
  why: 'no verified release and no adopted baseline: there is nothing to go back to',
  workloads: [],
})

const unreadable = (region: string, why: string): RegionReadiness => ({
  region,
  verdict: 'unknown',
  reason: 'facts-missing',
  why: `how it would be brought back could not be read: ${why}`,
  workloads: [],
})

function together(regions: readonly RegionReadiness[]): PreflightOutcome {
  const bad =
    regions.find(({ verdict }) => verdict === 'fail') ?? regions.find(({ verdict }) => verdict !== 'pass')
  const told = (list: readonly RegionReadiness[]) =>
    list.map(({ region, why }) => `${region}: ${why}`).join('. ')
  if (bad === undefined) return { verdict: 'pass', reason: 'done', why: told(regions), regions }
  const next: Partial<Record<ReasonCode, string>> = {
    'region-not-adopted': 'Let a person vouch for what serves there: region-rollout with mode `adopt`.',
    'rollback-not-fast': `Write these lines into the chart:\n${yamlOf(regions)}`,
  }
  const text = next[bad.reason] ?? 'Make the cluster readable from this runner, then run it again.'
  const why = told(regions.filter(({ verdict }) => verdict !== 'pass'))
  return { verdict: bad.verdict, reason: bad.reason, why, next: text, regions }
}

/** Each mend once: regions share a chart. */
function yamlOf(regions: readonly RegionReadiness[]): string {
  const all = regions.flatMap(({ workloads }) => workloads.flatMap(({ hindrances }) => hindrances))
  const lines = all.map(({ workload, yaml }: Hindrance) => `# ${workload}\n${yaml}`)
  return [...new Set(lines)].join('\n')
}

function tellReadiness({ region, why, workloads }: RegionReadiness): readonly string[] {
  return [
    `${region}: ${why}`,
    ...workloads.map(
      ({ workload, inFlight, promoted, seconds }) =>
        `${region}: ${workload}: on its way = ${inFlight}; promoted = ${promoted}; about ${seconds} s`,
    ),
  ]
}

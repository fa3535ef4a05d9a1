import { type Ledger, regionOf } from '../ledger/index.ts'
import { ok, type ReasonCode, type Result, type Verdict } from '../release/index.ts'
import type { RollbackItem } from '../train/index.ts'
import { begin, finish, planOf, type RollbackRequest } from './plan.ts'
import type { RollbackContext } from './ports.ts'
import { abortInFlight, bringBack, type RegionReport } from './region.ts'

export interface RollbackOutcome {
  readonly verdict: Verdict
  readonly reason: ReasonCode
  readonly why: string
  readonly next?: string
  readonly regions: readonly RegionReport[]
  readonly ledger: Ledger
}

/**
 * Out of traffic first, then written down, then proved: in flight = abort, then pin the last verified release;
 * finished = pin and refresh, then promote fully once the old template is observed, since self-heal takes a bare
 * undo back. Never asks for a window, an approval or a hold. Any run may die at any line; the next goes on.
 */
export async function rollBack(
  context: RollbackContext,
  request: RollbackRequest,
): Promise<Result<RollbackOutcome>> {
  const first = await context.journal(async (ledger) => {
    const planned = planOf(ledger, context.config, request)
    return planned.ok ? ok({ events: [], pins: [], planned: planned.value }) : planned
  })
  if (!first.ok) return first
  const { planned } = first.value.decided
  if (planned === undefined) return ok(nothing(first.value.ledger))
  say(context, planned.plan.items)
  const aborts = await abortAll(context, planned.plan.items)

  const reports = new Map<string, RegionReport>()
  const failed = new Set<string>()
  let { ledger } = first.value
  let drift = planned.drift
  for (;;) {
    context.signal.throwIfAborted()
    const begun = await context.journal(async (current) => {
      const wanted = begin(current, context.config, request, failed)
      return wanted.ok ? ok(wanted.value ?? { events: [], pins: [], items: [], drift: new Map() }) : wanted
    })
    if (!begun.ok) return begun
    ledger = begun.value.ledger
    const { items } = begun.value.decided
    drift = begun.value.decided.drift
    if (items.length === 0) break
    context.endState?.(
      `${items.map((each) => each.region).join(', ')} pinned back; run rollback again to go on`,
    )
    const done = await Promise.all(items.map((item) => oneRegion(context, item, ledger)))
    for (const report of done) {
      reports.set(report.region, { ...report, ...aborts.get(report.region) })
      if (!report.ok) failed.add(report.region)
    }
  }
  for (const [region, why] of drift)
    reports.set(region, { ...leftAlone(planned.plan.items, region, why), ...aborts.get(region) })
  return ok(outcome([...reports.values()], drift, ledger))
}

/** All at once: whatever order the pins follow, no region keeps a canary of a bad image. */
async function abortAll(
  context: RollbackContext,
  items: readonly RollbackItem[],
): Promise<ReadonlyMap<string, { readonly abortSeconds: number }>> {
  const rollout = context.config.workloads.find((each) => each.kind === 'Rollout')
  const aborts = new Map<string, { readonly abortSeconds: number }>()
  const flying = items.filter((item) => item.inFlight)
  await Promise.all(
    flying.map(async ({ region, from }) => {
      const done = await abortInFlight(
        context,
        region,
        rollout === undefined ? undefined : from.workloads[rollout.name],
      )
      if (done.fault !== undefined)
        context.logger.warn(
          `${region}: the canary could not be aborted, pinning back all the same. ${done.fault.cause}`,
        )
      if (done.seconds === undefined) return
      aborts.set(region, { abortSeconds: done.seconds })
      context.logger.notice(`${region}: the canary was out of traffic in ${done.seconds.toFixed(1)} s.`)
    }),
  )
  return aborts
}

async function oneRegion(
  context: RollbackContext,
  item: RollbackItem,
  ledger: Ledger,
): Promise<RegionReport> {
  const report = await bringBack(context, item, regionOf(ledger.state, item.region)?.base)
  if (!report.ok) {
    context.logger.warn(`${item.region}: not proved. ${report.why}`)
    return report
  }
  const recorded = await context.journal(async (current) => ok(finish(current, item.region)))
  if (!recorded.ok)
    return {
      ...report,
      ok: false,
      why: `${report.why}, but it could not be written down: ${recorded.fault.cause}`,
    }
  context.logger.notice(`${item.region}: ${report.why} again after ${report.seconds?.toFixed(1)} s.`)
  return report
}

function say(context: RollbackContext, items: readonly RollbackItem[]): void {
  const plan = items.map(
    (item) => `${item.region} to ${item.to.release ?? 'its baseline'}${item.inFlight ? ' (in flight)' : ''}`,
  )
  context.logger.info(`Rolling back: ${plan.join(', ')}.`)
}

function nothing(ledger: Ledger): RollbackOutcome {
  const why = 'every region was brought back before; nothing was changed'
  return { verdict: 'pass', reason: 'nothing-to-do', why, regions: [], ledger }
}

function leftAlone(items: readonly RollbackItem[], region: string, why: string): RegionReport {
  const target = items.find((each) => each.region === region)?.to.digest
  return {
    region,
    ok: false,
    why: `left alone, since somebody else changed its pins: ${why}`,
    ...(target === undefined ? {} : { target }),
  }
}

function outcome(
  regions: readonly RegionReport[],
  drift: ReadonlyMap<string, string>,
  ledger: Ledger,
): RollbackOutcome {
  const bad = regions.filter((each) => !each.ok)
  if (bad.length === 0) {
    const names = regions.map((each) => each.region).join(', ')
    return {
      verdict: 'pass',
      reason: 'rolled-back',
      why: `${names}: every workload serves the old release again`,
      regions,
      ledger,
    }
  }
  const why = bad.map((each) => `${each.region}: ${each.why}`).join('; ')
  const drifted = drift.size > 0
  return {
    verdict: drifted ? 'fail' : 'unknown',
    reason: drifted ? 'pin-drift' : 'rollback-not-proved',
    why,
    next: drifted
      ? 'Put the pins of these regions back to what the ledger says, or adopt what serves there, then run the rollback again.'
      : 'Look at the regions named, then run the rollback again: it goes on from the ledger.',
    regions,
    ledger,
  }
}

import { environment } from '../config/index.ts'
import { type Ledger, regionOf } from '../ledger/index.ts'
import { err, type Fault, ok, type ReasonCode, type Result, type Verdict } from '../release/index.ts'
import type { RollbackItem } from '../train/index.ts'
import { type Begin, begin, finish, planOf, type RollbackRequest } from './plan.ts'
import type { RollbackContext } from './ports.ts'
import { bringBack, type Pinning, type RegionReport } from './region.ts'
import { absentTargets } from './target.ts'

export interface RollbackOutcome {
  readonly verdict: Verdict
  readonly reason: ReasonCode
  readonly why: string
  readonly next?: string
  readonly regions: readonly RegionReport[]
  readonly ledger: Ledger
}

/**
 * Traffic and Git at once: what the live state allows is done while the commit is on its way, and each region is
 * proved by what serves. Never asks for a window, an approval or a hold. Any run may die at any line; the next goes on.
 */
export async function rollBack(
  context: RollbackContext,
  asked: RollbackRequest,
): Promise<Result<RollbackOutcome>> {
  openEarly(context, asked)
  const first = await context.journal(async (ledger) => {
    const plan = planOf(ledger, context.config, asked)
    return plan.ok ? ok({ events: [], pins: [], planned: plan.value }) : plan
  })
  if (!first.ok) return first
  const wished = first.value.decided.planned
  if (wished === undefined) return ok(nothing(first.value.ledger))
  const absent = await absentTargets(context, wished.plan)
  const request = absent.size === 0 ? asked : { ...asked, absent }
  const replanned = planOf(first.value.ledger, context.config, request)
  if (!replanned.ok) return replanned
  const planned = replanned.value ?? wished
  say(context, planned.plan.items)

  const reports = new Map<string, RegionReport>()
  const failed = new Set<string>()
  let { ledger } = first.value
  let drift = planned.drift
  let unwritten: Fault | undefined
  for (;;) {
    context.signal.throwIfAborted()
    // Decided on what was read last, so that the first patch need not wait for a push; the commit decides anew.
    const guess = begin(ledger, context.config, request, failed)
    if (!guess.ok) return guess
    const begun =
      unwritten === undefined ? context.journal(beginning(context, request, failed)) : err(unwritten)
    const pinned = Promise.resolve(begun)
    const items = guess.value?.items ?? []
    const running = Promise.all(
      items.map((item) =>
        oneRegion(
          context,
          item,
          pinned.then((answer) => pinningOf(answer, item)),
        ),
      ),
    )
    context.endState?.(
      `${items.map((each) => each.region).join(', ')} on the way back; run rollback again to go on`,
    )
    const [answer, done] = await Promise.all([pinned, running])
    const seen = answer.ok ? [ledger, answer.value.ledger] : [ledger]
    for (const { report, ledger: after } of done) {
      reports.set(report.region, report)
      if (!report.ok) failed.add(report.region)
      if (after !== undefined) seen.push(after)
    }
    ledger = seen.reduce((a, b) => (b.state.head.seq > a.state.head.seq ? b : a))
    if (answer.ok) {
      drift = answer.value.decided.drift
      if (answer.value.decided.items.length === 0) break
    } else {
      // Without Git the regions after this one still get what a cluster alone can be given.
      unwritten = answer.fault
      if (items.length === 0) break
    }
  }
  for (const [region, why] of drift) reports.set(region, leftAlone(planned.plan.items, region, why))
  if (unwritten !== undefined && reports.size === 0) return err(unwritten)
  return ok(outcome([...reports.values()], drift, ledger, unwritten))
}

/** Connections take as long as Git does: they are made while the ledger is read. What fails is said later. */
function openEarly({ config, kube }: RollbackContext, { regions }: RollbackRequest): void {
  for (const name of regions === 'all' ? config.train.order : regions) {
    const at = environment(config, name)
    if (at.ok) kube(at.value.cluster.context).catch(() => undefined)
  }
}

function beginning(context: RollbackContext, request: RollbackRequest, failed: ReadonlySet<string>) {
  return async (current: Ledger): Promise<Result<Begin>> => {
    const wanted = begin(current, context.config, request, failed)
    return wanted.ok ? ok(wanted.value ?? { events: [], pins: [], items: [], drift: new Map() }) : wanted
  }
}

/** Somebody may have been faster: what this run moves already is pinned by them, or changed past the ledger. */
function pinningOf(begun: Result<{ readonly decided: Begin; readonly ledger: Ledger }>, item: RollbackItem) {
  if (!begun.ok) return begun
  const { decided, ledger } = begun.value
  const why = decided.drift.get(item.region)
  if (why !== undefined) return err(drifted(item.region, why))
  return ok({ base: regionOf(ledger.state, item.region)?.base })
}

async function oneRegion(
  context: RollbackContext,
  item: RollbackItem,
  pinning: Pinning,
): Promise<{ readonly report: RegionReport; readonly ledger?: Ledger }> {
  const report = await bringBack(context, item, pinning)
  if (!report.ok) {
    context.logger.warn(`${item.region}: not proved. ${report.why}`)
    return { report }
  }
  const recorded = await context.journal(async (current) => ok(finish(current, item.region)))
  if (!recorded.ok)
    return {
      report: {
        ...report,
        ok: false,
        reason: recorded.fault.reason,
        why: `${report.why}, but it could not be written down: ${recorded.fault.cause}`,
      },
    }
  context.logger.notice(
    `${item.region}: ${report.why} again after ${report.trafficSeconds?.toFixed(1)} s, agreed by Git after ${report.seconds?.toFixed(1)} s.`,
  )
  return { report, ledger: recorded.value.ledger }
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
    reason: 'pin-drift',
    ...(target === undefined ? {} : { target }),
  }
}

function outcome(
  regions: readonly RegionReport[],
  drift: ReadonlyMap<string, string>,
  ledger: Ledger,
  unwritten: Fault | undefined,
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
  if (unwritten !== undefined)
    return { verdict: 'unknown', reason: unwritten.reason, why, next: unwritten.next, regions, ledger }
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

function drifted(region: string, why: string): Fault {
  return {
    blame: 'user',
    reason: 'pin-drift',
    cause: `The pins of ${region} were changed by somebody else meanwhile: ${why}.`,
    next: 'Put them back to what the ledger says, or adopt what serves there, then run the rollback again.',
  }
}

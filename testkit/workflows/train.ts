import { setTimeout as sleep } from 'node:timers/promises'
import type { BundleRun } from '../runner/index.ts'
import { type Facts, freshFacts } from './facts.ts'
import { type Place, passed, rollout, StepFailed, step } from './place.ts'

export interface Tick {
  readonly step: string
  readonly region: string
  readonly verdict: string
  readonly reason: string
  /** The sentence that a person reads. */
  readonly message: string
  readonly until?: Date
  /** The run of canary-gate or migrate, where the step was one. */
  readonly work?: BundleRun
}

/** train.yml: observe every region, decide, run the step that was handed out, record its outcome. */
async function tick(place: Place, facts: Facts, handing: string | undefined): Promise<Tick> {
  const next = await rollout(place, 'next', { facts: JSON.stringify(await facts.read(handing)) })
  const { step: kind = '', region = '', transition = '', digest = '', until = '' } = next.outputs
  const verdict = next.outputs.verdict ?? ''
  const reason = next.outputs['reason-code'] ?? ''
  if (verdict === '') throw new StepFailed('next', next)
  const work = await workOf(place, kind, region, digest)
  if (work !== undefined) {
    const outcome = {
      transition,
      outcome: work.outputs.verdict ?? 'unknown',
      'outcome-reason': work.outputs['reason-code'] ?? 'internal-error',
      reason: messageOf(work),
    }
    const good = outcome.outcome === 'pass'
    if (kind === 'canary') facts.forget(region)
    // The record of a bad canary pins the way back: what was seen before that says nothing of it.
    const looking = good ? facts.lookAhead(region) : undefined
    const [recorded] = await Promise.all([rollout(place, 'record', outcome), looking])
    place.say(`${region}: ${kind} ${outcome.outcome} (${outcome['outcome-reason']})`)
    if (recorded.outputs.verdict === undefined) throw new StepFailed('record', recorded)
  }
  // Migrations and waiting leave a region as it was seen, and a canary was looked behind; a pin changes it.
  if (region !== '' && !['migrate', 'canary', 'bake'].includes(kind)) facts.forget(region)
  return {
    step: kind,
    region,
    verdict,
    reason,
    message: messageOf(next),
    ...(until !== '' && { until: new Date(until) }),
    ...(work !== undefined && { work }),
  }
}

/** A pin is made by the commit of `next` itself, and a bake is waiting: neither needs another action. */
function workOf(
  place: Place,
  kind: string,
  environment: string,
  digest: string,
): Promise<BundleRun> | undefined {
  if (kind === 'migrate') return step(place, 'migrate', { environment, mode: 'apply' })
  if (kind !== 'canary') return undefined
  return step(place, 'canary-gate', { environment, digest, 'scrape-interval': place.scrapeInterval })
}

function messageOf(work: BundleRun): string {
  const result = work.result as { message?: unknown } | undefined
  return typeof result?.message === 'string' && result.message !== '' ? result.message : 'no message'
}

/** Between two looks at a region that is not yet as it should be. */
const lookMs = 300

export interface TickOptions {
  readonly ticks: number
  readonly onTick?: (tick: Tick) => void
  /** The train's clock was set ahead. */
  readonly onJump?: (now: Date) => void
  readonly facts?: Facts
  /** `train.bake`: asking before it is over brings no other answer. */
  readonly bakeMs?: number
}

/**
 * Ticks until the answer is one of `reasons`, skipping the waits of the calendar by moving the train's clock.
 * Bounded by the number of ticks.
 */
export async function tickUntil(
  place: Place,
  reasons: readonly string[],
  options: TickOptions,
): Promise<Tick> {
  const facts = options.facts ?? freshFacts(place)
  let last: Tick | undefined
  let moving = ''
  let before: Tick | undefined
  let verified = false
  const jump = (moment: Date) => {
    place.time.jumpTo(moment)
    options.onJump?.(place.time.now())
  }
  for (let count = 0; count < options.ticks; count++) {
    last = await tick(place, facts, last !== undefined && leads(last, before) ? last.region : undefined)
    options.onTick?.(last)
    if (reasons.includes(last.reason)) return last
    moving = last.region === '' ? moving : last.region
    if (settles(last, before)) await place.settled?.()
    before = last.work === undefined ? before : last
    verified ||= last.reason === 'region-verified'
    if (last.step === 'bake' && last.verdict === 'pass' && options.bakeMs !== undefined) {
      facts.forget(moving)
      jump(new Date(place.time.now().getTime() + options.bakeMs))
    }
    // A region that was seen to be back is in rest.
    if (last.verdict === 'pass' || last.reason === 'rolled-back') continue
    // What is waited for is over then, or is told by the region itself.
    facts.forget(moving)
    if (verified) facts.verified()
    verified = false
    if (last.until !== undefined) jump(last.until)
    else await sleep(lookMs)
  }
  throw new Error(`no ${reasons.join(' or ')} after ${options.ticks} ticks; last: ${JSON.stringify(last)}`)
}

/** The pin that a canary starts from: the gate sees by itself when it has arrived. */
function leads({ step, region }: Tick, before: Tick | undefined): boolean {
  return step === 'pin' && !(before?.step === 'canary' && before.region === region)
}

/** The pin behind a canary, of the other workloads or the one that takes it back, is looked for by the next tick. */
function settles(last: Tick, before: Tick | undefined): boolean {
  if (last.step === 'canary') return last.work?.outputs.verdict === 'fail'
  return last.step === 'pin' && !leads(last, before)
}

/** rollback.yml: one command. */
export async function rollback(place: Place, inputs: Readonly<Record<string, string>>): Promise<BundleRun> {
  const run = await step(place, 'rollback', {
    gitops: 'git',
    'gitops-url': place.gitopsUrl,
    now: place.time.now().toISOString(),
    ...inputs,
  })
  return passed('rollback', run)
}

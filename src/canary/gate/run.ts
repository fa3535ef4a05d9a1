import { abort, promote } from '../../cluster/index.ts'
import {
  err,
  type Fault,
  ok,
  type ReasonCode,
  type Result,
  shortDigest,
  type Verdict,
} from '../../release/index.ts'
import { conclude, type Judgement } from '../judge/verdict.ts'
import { judgePolicy } from '../policy.ts'
import { type Collector, collector } from '../samples/collect.ts'
import { blindReasons, unseen } from './blind.ts'
import { type Action, decide, type Situation } from './decide.ts'
import { type Observed, observe } from './observe.ts'
import type { GateContext, GateOptions, GateOutcome } from './options.ts'
import { evidenceRecord, type GateRecord, timeline, type WeightAt } from './record.ts'
import { checkSteps } from './steps.ts'

/** What one run remembers: only times since when something has been so, and samples already read. */
export class GateRun {
  readonly tickMs: number
  private readonly context: GateContext
  private readonly options: GateOptions
  private readonly samples: Collector
  private readonly began: Date
  private readonly plannedBlocks: number
  private readonly decisions: GateRecord['decisions'][number][] = []
  private readonly weights: WeightAt[] = []
  private readonly since: { broken?: Date; invalid?: Date; unpausing?: Date; ready?: Date } = {}
  private evidenceStart: Date | undefined
  private seenBefore = false
  private initial = false
  private promotedStep = -1
  private stepsChecked = false
  private judgedAt = Number.NEGATIVE_INFINITY
  private judgement: Judgement | undefined
  private blind: Fault | undefined
  private lastLine = ''
  private last: Observed | undefined

  constructor(context: GateContext, options: GateOptions) {
    this.context = context
    this.options = options
    this.samples = collector(context.prometheus)
    this.began = context.clock.now()
    this.tickMs = Math.min(5_000, Math.max(400, options.blockMs / 3))
    const holds = Object.values(options.holdsMs).reduce((sum, each) => sum + each, 0)
    // A step may be extended once, so the capital is spread over twice the holds.
    this.plannedBlocks = Math.max(2, Math.ceil((2 * holds) / options.blockMs))
  }

  async look(): Promise<Result<Action>> {
    const { kube, clock, signal } = this.context
    const { target, digest, holdsMs } = this.options
    const seen = await observe(kube, target, digest, signal)
    if (!seen.ok) return this.unreadable(seen.fault)
    this.last = seen.value
    const { view } = seen.value
    if (!this.stepsChecked) {
      const refusal = checkSteps(view.steps, holdsMs, target.name)
      if (refusal !== undefined && view.inFlight && view.stableHash !== undefined) return err(refusal)
      this.stepsChecked = refusal === undefined
    }
    const now = clock.now()
    this.remember(seen.value, now)
    if (seen.value.identified && view.inFlight && view.abortedAt === undefined)
      await this.judge(seen.value, now)
    return ok(decide(this.options, this.situation(seen.value, clock.now())))
  }

  /** A cluster that does not answer is waited for, within the time-out; what a person has to mend is not. */
  private unreadable(fault: Fault): Result<Action> {
    const age = this.context.clock.now().getTime() - this.began.getTime()
    const notThereYet =
      fault.reason === 'cluster-object-missing' && !this.seenBefore && age < this.options.startWithinMs
    const mustBeMended = fault.blame === 'user' || fault.reason === 'credentials-expired'
    if (mustBeMended && !notThereYet) return err(fault)
    return ok({ do: 'wait', reason: fault.reason, why: fault.cause })
  }

  private remember(seen: Observed, now: Date): void {
    const { view } = seen
    this.seenBefore ||= seen.identified
    this.initial ||= seen.identified && view.inFlight && view.stableHash === undefined
    const mark = (key: keyof typeof this.since, on: boolean) => {
      if (!on) delete this.since[key]
      else this.since[key] ??= now
    }
    if (seen.identified && seen.canaryReady > 0) this.since.ready ??= now
    const tookTraffic = this.since.ready !== undefined || view.stepIndex > 0
    mark('broken', seen.identified && (seen.crashing || (tookTraffic && seen.canaryReady === 0)))
    mark('invalid', view.invalidSpec !== undefined)
    mark('unpausing', view.unpausing)
    if (seen.identified && seen.canaryBorn !== undefined) this.evidenceStart ??= seen.canaryBorn
    if (this.weights.at(-1)?.weight !== seen.weight)
      this.weights.push({ at: now.getTime(), weight: seen.weight })
  }

  private async judge(seen: Observed, now: Date): Promise<void> {
    const { options, context } = this
    if (seen.arms === undefined || this.evidenceStart === undefined) return
    if (now.getTime() - this.judgedAt < 0.6 * Math.min(options.blockMs, this.tickMs)) return
    this.judgedAt = now.getTime()
    const collected = await this.samples.collect(
      {
        metrics: options.metrics,
        arms: seen.arms,
        start: this.evidenceStart,
        blockMs: options.blockMs,
        now,
        created: seen.created,
        weightChanges: this.weights.slice(1).map((each) => new Date(each.at)),
      },
      context.signal,
    )
    this.blind = collected.ok ? undefined : collected.fault
    if (!collected.ok) return
    const policy = judgePolicy(
      options.metrics.map((each) => each.name),
      this.plannedBlocks,
      options.judge,
    )
    this.judgement = conclude(policy, collected.value.blocks, collected.value.history)
    if (!collected.value.canarySeen && seen.canaryReady > 0)
      this.blind = unseen(this.since.ready, now, options.blockMs)
  }

  private situation(seen: Observed, now: Date): Situation {
    const { broken, invalid, unpausing } = this.since
    return {
      now,
      view: seen.view,
      identified: seen.identified,
      seenBefore: this.seenBefore,
      notStartedUntil: new Date(this.began.getTime() + this.options.startWithinMs),
      servesAll: seen.servesAll,
      promoted: this.promotedStep >= 0,
      initial: this.initial,
      ...(broken === undefined ? {} : { brokenSince: broken }),
      ...(invalid === undefined ? {} : { invalidSince: invalid }),
      ...(unpausing === undefined ? {} : { unpausingSince: unpausing }),
      ...(this.judgement === undefined ? {} : { judgement: this.judgement }),
      ...(this.blind === undefined ? {} : { blind: this.blind }),
    }
  }

  /** Does what was decided; an outcome ends the run. */
  async act(action: Action): Promise<Result<GateOutcome> | undefined> {
    const { clock, logger } = this.context
    if (action.do === 'wait') {
      this.say(action.reason, action.why)
      const over = clock.now().getTime() - this.began.getTime() >= this.options.timeoutMs
      return over ? ok(this.outOfTime(action)) : undefined
    }
    if (action.do === 'stop') return ok(this.answer(action))
    this.decided(`${action.do}: ${action.why}`)
    if (action.do === 'promote') {
      if (action.warning === true)
        logger.warn(`Promoting without enough evidence, as the policy says: ${action.why}`)
      return this.promote(action.stepIndex)
    }
    const moved = await abort(this.context, this.options.target, { digest: this.options.digest })
    if (!moved.ok) return err(moved.fault)
    logger.notice(`Aborted in ${moved.value.seconds.toFixed(1)} s: ${moved.value.seen}.`)
    const next =
      'Nothing more to do here: the old version serves all traffic. A fix goes out as a new digest.'
    return ok(this.outcome('fail', action.reason, action.why, { next }))
  }

  private async promote(stepIndex: number): Promise<Result<GateOutcome> | undefined> {
    const { target, digest } = this.options
    const moved = await promote(this.context, target, { digest, stepIndex })
    if (moved.ok) {
      this.promotedStep = stepIndex
      this.context.logger.info(`Promoted in ${moved.value.seconds.toFixed(1)} s: ${moved.value.seen}.`)
      return undefined
    }
    // Overtaken between the look and the write: the next look says by what.
    const { reason } = moved.fault
    return reason === 'rollout-superseded' || reason === 'promote-not-paused' ? undefined : err(moved.fault)
  }

  /** An action as an answer, without doing it. */
  answer(action: Action): GateOutcome {
    switch (action.do) {
      case 'stop':
        this.decided(action.why)
        return this.outcome(
          action.verdict,
          action.reason,
          action.why,
          action.next === undefined ? {} : { next: action.next },
        )
      case 'abort':
        return this.outcome('fail', action.reason, action.why, {
          next: 'Abort the rollout; mode `watch` would have done so.',
        })
      case 'promote':
        return this.outcome('pass', 'canary-good', action.why)
      case 'wait': {
        const verdict = blindReasons.has(action.reason) ? 'unknown' : 'wait'
        return this.outcome(
          verdict,
          action.reason,
          action.why,
          action.until === undefined ? {} : { until: action.until },
        )
      }
    }
  }

  private outOfTime(action: Action & { do: 'wait' }): GateOutcome {
    const blind = blindReasons.has(action.reason) || action.reason === 'cluster-unreachable'
    const next = `The rollout stays at ${this.last?.weight ?? 0} %; run the gate again to go on from here.`
    return blind
      ? this.outcome('unknown', action.reason, action.why, { next })
      : this.outcome('wait', 'canary-timeout', `${action.why} (${action.reason})`, { next })
  }

  /** The runner leaves seconds: the stated end is reached with a signal of its own. */
  async cancelled(): Promise<GateOutcome> {
    const weight = this.last?.weight ?? 0
    const inFlight = this.last?.identified === true && this.last.view.inFlight
    if (this.options.onCancel === 'leave' || !inFlight) {
      return this.outcome('unknown', 'cancelled', `cancelled; the rollout was left at ${weight} %`, {
        next: 'Run the gate again to go on from here, or abort the rollout.',
      })
    }
    const { digest, target } = this.options
    const bounded = { ...this.context, signal: AbortSignal.timeout(6_000) }
    const moved = await abort(bounded, target, { digest, withinMs: 5_500 }).catch(() => undefined)
    const done = moved?.ok === true
    return this.outcome(
      done ? 'fail' : 'unknown',
      'cancelled',
      done ? `cancelled; ${moved.value.seen}` : 'cancelled; the abort was sent, its effect was not seen',
      {
        next: done
          ? 'Run the release again when it may go on.'
          : 'Look at the Rollout now: the canary may still have traffic.',
      },
    )
  }

  private outcome(
    verdict: Verdict,
    reason: ReasonCode,
    why: string,
    more: { next?: string; until?: Date } = {},
  ): GateOutcome {
    return { verdict, reason, why: `${this.options.target.name}: ${why}`, ...more, record: this.record() }
  }

  private record(): GateRecord {
    const start = this.evidenceStart
    const looks = this.judgement?.looks ?? []
    const limit = looks[0]?.limit
    const evidence = evidenceRecord(this.judgement)
    return {
      version: 1,
      digest: this.options.digest,
      rollout: this.options.target.name,
      weight: this.last?.weight ?? 0,
      blockSeconds: this.options.blockMs / 1000,
      timeline:
        start === undefined ? [] : timeline(looks, start.getTime(), this.options.blockMs, this.weights),
      decisions: this.decisions,
      ...(start === undefined ? {} : { start: start.toISOString() }),
      ...(limit === undefined ? {} : { limit }),
      ...(evidence === undefined ? {} : { evidence }),
    }
  }

  private decided(what: string): void {
    const weight = this.last?.weight ?? 0
    this.decisions.push({ at: this.context.clock.now().toISOString(), weight, what })
    this.context.logger.info(`${shortDigest(this.options.digest)} at ${weight} %: ${what}`)
  }

  /** One line for each change of mind, not for each tick. */
  private say(reason: ReasonCode, why: string): void {
    const weight = this.last?.weight ?? 0
    const key = `${reason} ${this.last?.view.stepIndex} ${weight}`
    if (key === this.lastLine) return
    this.lastLine = key
    this.context.logger.info(`${shortDigest(this.options.digest)} at ${weight} %: ${why}`)
    this.context.endState?.(
      `${this.options.target.name} stays at ${weight} %; run canary-gate again to go on`,
    )
  }
}

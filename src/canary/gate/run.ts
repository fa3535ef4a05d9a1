import { abort, promote, restoreTemplate, stopFlagger, viewOf } from '../../cluster/index.ts'
import {
  err,
  type Fault,
  ok,
  type ReasonCode,
  type Result,
  shortDigest,
  type Verdict,
} from '../../release/index.ts'
import type { ServiceState } from '../service/service.ts'
import { type ServiceWatch, serviceWatch } from '../service/watch.ts'
import { type Action, type Situation, waitBlind } from './actions.ts'
import { blindReasons } from './blind.ts'
import type { Companion, Restarts } from './companions.ts'
import { decide } from './decide.ts'
import { exemption, serviceRecord } from './decide-service.ts'
import { type Evidence, type EvidenceReader, evidenceReader } from './evidence.ts'
import { holdsOf, warmTooShort } from './holds.ts'
import { type Memory, nothingYet, remember } from './memory.ts'
import { type Observed, observe } from './observe.ts'
import type { GateContext, GateOptions, GateOutcome } from './options.ts'
import { readCompanions } from './others.ts'
import { Patience } from './patience.ts'
import type { PreviewJudgement } from './probes.ts'
import { type GateRecord, gateRecord } from './record.ts'
import { missingRight } from './rights.ts'
import { checkShape } from './steps.ts'

/** What one run remembers: only times since when something has been so, and samples already read. */
export class GateRun {
  readonly tickMs: number
  private readonly context: GateContext
  private readonly options: GateOptions
  private readonly evidence: EvidenceReader
  private readonly serviceWatch: ServiceWatch
  private readonly began: Date
  private readonly decisions: GateRecord['decisions'][number][] = []
  private readonly restarts: Restarts = new Map()
  private readonly looks = new Patience()
  private readonly moves = new Patience()
  private memory: Memory = nothingYet
  private told: Evidence = {}
  private service: ServiceState | undefined
  private preview: PreviewJudgement | undefined
  private promoted = false
  private checked = false
  private lastLine = ''
  private last: Observed | undefined

  constructor(context: GateContext, options: GateOptions) {
    this.context = context
    this.options = options
    this.began = context.clock.now()
    this.tickMs = Math.min(5_000, Math.max(400, options.blockMs / 3))
    this.evidence = evidenceReader(context, options, this.tickMs)
    this.serviceWatch = serviceWatch(context, options.service)
  }

  /** `single`: there is no next look, so probes are sent until there are enough. */
  async look({ single = false } = {}): Promise<Result<Action>> {
    const { kube, clock, signal } = this.context
    const seen = await observe(kube, this.options.target, signal)
    if (!seen.ok) return this.unreadable(seen.fault)
    this.looks.worked()
    this.last = seen.value
    const { live } = seen.value
    const ours = live.specDigest === this.options.digest
    this.memory = remember(this.memory, seen.value, ours, clock.now())
    const busy = ours && live.identified && (live.inFlight || this.memory.cutOver !== undefined)
    if (busy && !this.checked && !this.memory.initial) {
      const refusal = await this.refusal(seen.value)
      if (refusal !== undefined) return err(refusal)
      this.checked = true
    }
    const aborted = viewOf(live)?.abortedAt !== undefined
    let companions: readonly Companion[] = []
    if (busy && !aborted) {
      this.service = await this.serviceWatch.read(!this.promoted)
      const plan = { plannedBlocks: this.plannedBlocks(seen.value), service: this.service }
      this.told = await this.evidence.read(seen.value, this.memory, plan, clock.now())
      await this.probe(seen.value, single)
      companions = await readCompanions(this.context, this.options, this.restarts)
    }
    return ok(decide(this.options, this.situation(seen.value, companions, clock.now())))
  }

  /** Before anything is waited for: a gate that could be outrun, or may not act, does not start. */
  private async refusal({ live }: Observed): Promise<Fault | undefined> {
    const holds = holdsOf(live, this.options.holdsMs)
    const shape = checkShape(live, holds)
    if (shape !== undefined) return shape
    // What Flagger moves is not touched, so no right to change it is needed.
    if (live.kind === 'flagger') return undefined
    const warm = live.kind === 'deployment' || (live.kind === 'canary' && live.router === 'none')
    const short = warm ? undefined : warmTooShort(live.keptSeconds, holds)
    if (short !== undefined) this.context.logger.warn(`${live.name}: ${short}`)
    return missingRight(this.context.kube, this.options.target, this.context.signal)
  }

  /** A step may be extended once, so the capital is spread over twice the holds. */
  private plannedBlocks({ live }: Observed): number {
    const ours = Object.values(holdsOf(live, this.options.holdsMs)).reduce((sum, each) => sum + each, 0)
    const holds = live.kind === 'flagger' ? live.plannedMs : ours
    return Math.max(2, Math.ceil((2 * holds) / this.options.blockMs))
  }

  private async probe({ live }: Observed, single: boolean): Promise<void> {
    if (live.kind !== 'blue-green' || live.cutOver !== 'before' || live.fresh?.complete !== true) return
    this.preview = await this.context.prober?.probe(this.context.signal, single)
  }

  /** A cluster that does not answer is waited for, within the time-out; what a person has to mend is not. */
  private unreadable(fault: Fault): Result<Action> {
    const now = this.context.clock.now()
    const age = now.getTime() - this.began.getTime()
    const notThereYet =
      fault.reason === 'cluster-object-missing' && !this.memory.seenBefore && age < this.options.startWithinMs
    const mustBeMended = fault.blame === 'user' || fault.reason === 'credentials-expired'
    const mayPass = this.memory.seenBefore && this.looks.bears(fault, now, now)
    if (mustBeMended && !notThereYet && !mayPass) return err(fault)
    return ok(waitBlind(fault))
  }

  private situation({ live }: Observed, companions: readonly Companion[], now: Date): Situation {
    const { broken, invalid, unpausing, unobserved, cutOver, seenBefore, wasInFlight, initial } = this.memory
    return {
      now,
      live,
      seenBefore,
      notStartedUntil: new Date(this.began.getTime() + this.options.startWithinMs),
      seenInFlight: wasInFlight,
      canStop: this.context.flaggerGate !== undefined,
      promoted: this.promoted,
      initial,
      companions,
      ...(this.service === undefined ? {} : { service: this.service }),
      ...this.told,
      ...(broken === undefined ? {} : { brokenSince: broken }),
      ...(invalid === undefined ? {} : { invalidSince: invalid }),
      ...(unpausing === undefined ? {} : { unpausingSince: unpausing }),
      ...(unobserved === undefined ? {} : { unobservedSince: unobserved }),
      ...(cutOver === undefined ? {} : { cutOverSince: cutOver }),
      ...(this.preview === undefined ? {} : { preview: this.preview }),
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
      const exempt = exemption(this.options, this.service)
      if (exempt !== undefined) logger.warn(this.decided(exempt))
      if (action.warning === true)
        logger.warn(`Promoting without enough evidence, as the policy says: ${action.why}`)
      return this.promote(action.stepIndex)
    }
    const began = clock.now()
    const moved = await this.takeBack(this.context)
    if (!moved.ok) return this.notMoved(moved.fault, began)
    logger.notice(`Aborted in ${moved.value.seconds.toFixed(1)} s: ${moved.value.seen}.`)
    const next =
      'Nothing more to do here: the old version serves all traffic. A fix goes out as a new digest.'
    return ok(this.outcome('fail', action.reason, action.why, { next }))
  }

  /** An abort where it moves traffic; else the template before: a Deployment has no abort, and neither has what is promoted. */
  private takeBack(context: GateContext, withinMs?: number) {
    const { target, digest } = this.options
    const live = this.last?.live
    const bound = withinMs === undefined ? {} : { withinMs }
    const { flaggerGate: gate } = context
    if (live?.kind === 'flagger' && gate !== undefined)
      return stopFlagger({ ...context, gate }, target, { digest, ...bound })
    const settled = live?.kind === 'blue-green' && live.cutOver === 'settled'
    return live?.kind === 'deployment' || settled
      ? restoreTemplate(context, target, { digest, ...bound })
      : abort(context, target, { digest, ...bound })
  }

  private async promote(stepIndex: number): Promise<Result<GateOutcome> | undefined> {
    const { target, digest } = this.options
    const began = this.context.clock.now()
    const moved = await promote(this.context, target, { digest, stepIndex })
    if (!moved.ok) return this.notMoved(moved.fault, began)
    this.moves.worked()
    this.promoted = true
    this.context.logger.info(`Promoted in ${moved.value.seconds.toFixed(1)} s: ${moved.value.seen}.`)
    return undefined
  }

  /** The next look decides anew from what it sees, and sends again what still has to be. */
  private notMoved(fault: Fault, began: Date): Result<GateOutcome> | undefined {
    if (!this.moves.bears(fault, began, this.context.clock.now())) return err(fault)
    this.context.logger.info(`Not done yet: ${fault.cause}`)
    return undefined
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
        return this.outcome(verdict, action.reason, action.why, {
          ...(action.until === undefined ? {} : { until: action.until }),
          ...(action.next === undefined ? {} : { next: action.next }),
        })
      }
    }
  }

  private outOfTime(action: Action & { do: 'wait' }): GateOutcome {
    const blind = blindReasons.has(action.reason) || action.reason === 'cluster-unreachable'
    const stays = `The rollout stays at ${this.weight} %; run the gate again to go on from here.`
    const next = action.next === undefined ? stays : `${action.next} ${stays}`
    return blind
      ? this.outcome('unknown', action.reason, action.why, { next })
      : this.outcome('wait', 'canary-timeout', `${action.why} (${action.reason})`, { next })
  }

  /** The runner leaves seconds: the stated end is reached with a signal of its own. */
  async cancelled(): Promise<GateOutcome> {
    const live = this.last?.live
    const inFlight = live?.identified === true && live.inFlight && live.specDigest === this.options.digest
    // Flagger asks its hook at its next look, ten seconds away at best: more than the runner leaves.
    const stoppable = live?.kind !== 'flagger'
    if (this.options.onCancel === 'leave' || !inFlight || !stoppable) {
      return this.outcome('unknown', 'cancelled', `cancelled; the rollout was left at ${this.weight} %`, {
        next: 'Run the gate again to go on from here, or abort the rollout.',
      })
    }
    const bounded = { ...this.context, signal: AbortSignal.timeout(6_000) }
    const moved = await this.takeBack(bounded, 5_500).catch(() => undefined)
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

  private get weight(): number {
    return this.last?.live.weight ?? 0
  }

  private outcome(
    verdict: Verdict,
    reason: ReasonCode,
    why: string,
    more: Pick<GateOutcome, 'next' | 'until'> = {},
  ): GateOutcome {
    const record = gateRecord(this.options, this.memory, this.told.judgement, this.weight, this.decisions)
    const answer = { verdict, reason, why: `${this.options.target.name}: ${why}`, ...more }
    return { ...answer, record: { ...record, ...serviceRecord(this.service) } }
  }

  private decided(what: string): string {
    this.decisions.push({ at: this.context.clock.now().toISOString(), weight: this.weight, what })
    this.context.logger.info(`${shortDigest(this.options.digest)} at ${this.weight} %: ${what}`)
    return `${this.options.target.name}: ${what}`
  }

  /** One line for each change of mind, not for each tick. */
  private say(reason: ReasonCode, why: string): void {
    const live = this.last?.live
    const step = live === undefined ? 0 : (viewOf(live)?.stepIndex ?? 0)
    const key = `${reason} ${step} ${this.weight}`
    if (key === this.lastLine) return
    this.lastLine = key
    this.context.logger.info(`${shortDigest(this.options.digest)} at ${this.weight} %: ${why}`)
    const end =
      this.options.onCancel === 'abort'
        ? 'is aborted when the job is cancelled'
        : 'stays there when the job is cancelled'
    this.context.endState?.(
      `${this.options.target.name} at ${this.weight} % ${end}; run canary-gate again to go on`,
    )
  }
}

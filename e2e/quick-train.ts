import { setTimeout as sleep } from 'node:timers/promises'
import { type LedgerState, releaseOf } from '../src/ledger/index.ts'
import { type CommitSha, type Digest, unwrap } from '../src/release/index.ts'
import { spawnExec, systemClock } from '../src/system/index.ts'
import { type Decision, type TickContext, tick } from '../src/train/index.ts'
import { hands } from './hands.ts'
import { nextTuesday, type Site } from './site.ts'

/**
 * Carries releases by the code of the actions, but in this process and with canaries that pass unjudged: it sets
 * the stage for tests of what comes after. What it does by itself is what e2e/release.rig.test.ts proves.
 */
export interface QuickTrain {
  /** Staged, proposed and approved. */
  ready(digest: Digest): Promise<void>
  /** Until a canary of the region is in the pause at this weight: 5 or 25. */
  canaryIn(region: string, weight: number): Promise<void>
  verifiedIn(region: string): Promise<void>
  /** A person lets the next train go after a halt. */
  cleared(): Promise<void>
}

export function quickTrain(site: Site): QuickTrain {
  const { time } = site
  const by = hands(site)
  const context = tickContext(site)
  const state = async () => unwrap(await tick.readState(context)).state

  async function go(until: (decision: Decision) => boolean): Promise<void> {
    let last = ''
    for (const end = performance.now() + 600_000; performance.now() < end; ) {
      const facts = await by.facts()
      const known = new Map(facts.map((each) => [each.region, each] as const))
      const { decided } = unwrap(await tick.next(context, { regions: known }))
      if (until(decided)) return
      last = `${decided.reason}: ${decided.why}`
      if (decided.verdict === 'fail') throw new Error(last)
      const { step, pins } = decided
      for (const { region } of pins) await by.refresh(region)
      if (step.kind === 'canary') await passed(step.region, step.transition)
      else if (step.kind === 'none' && decided.until !== undefined) time.jumpTo(decided.until)
      else await sleep(200)
    }
    throw new Error(`the train does not arrive: ${last}`)
  }

  async function passed(region: string, transition: string): Promise<void> {
    await by.promoteFully(region, digestOnTheWay(await state()))
    const outcome = { transition, verdict: 'pass', reason: 'canary-passed', why: 'not judged' } as const
    unwrap(await tick.record(context, outcome))
  }

  return {
    async ready(digest) {
      time.jumpTo(nextTuesday(time.now()))
      const commit = site.service.commit(`a change as ${digest.slice(7, 19)}`) as CommitSha
      const artifact = { digest, sourceSha: commit, configSha: commit }
      const wish = { environment: 'staging', author: 'bob', waitMs: 120_000, ...artifact }
      const { proof, why } = unwrap(await tick.stage(context, by.cluster, wish)).decided
      if (proof.verdict !== 'pass') throw new Error(why)
      unwrap(await tick.propose(context, { digest, person: 'bob' }))
      unwrap(await tick.approve(context, { digest, person: 'grace' }))
    },
    async canaryIn(region, weight) {
      await go(({ step }) => step.kind === 'canary' && step.region === region)
      await by.paused(region, 5)
      if (weight === 5) return
      await by.promoteOnce(region, digestOnTheWay(await state()))
      await by.paused(region, weight)
    },
    async verifiedIn(region) {
      await go(({ events }) => events.some((each) => each.type === 'verified' && each.region === region))
    },
    async cleared() {
      unwrap(await tick.resume(context, undefined, { person: 'grace', reason: 'understood' }))
    },
  }
}

function digestOnTheWay(state: LedgerState): Digest {
  const release = releaseOf(state, state.train?.release ?? '')
  if (release === undefined) throw new Error('no train is under way')
  return release.digest
}

function tickContext({ config, time, env, workspace, reader }: Site): TickContext {
  return {
    config,
    repo: reader(),
    clock: { now: () => time.now(), sleep: systemClock().sleep },
    author: { actor: 'ada', run: 'https://ci.example.com/runs/1', clock: 'simulated' },
    configFiles: tick.configFilesFrom(workspace, config, { exec: spawnExec, env }),
    signal: AbortSignal.timeout(1_800_000),
  }
}

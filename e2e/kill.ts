import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { type Random, random } from '../testkit/load/index.ts'
import { type BundleRun, startBundle } from '../testkit/runner/index.ts'
import type { Site } from './site.ts'
import type { RunAction } from './story.ts'

type Inputs = Readonly<Record<string, string>>

/** Milliseconds of each run that nobody disturbed, by kind. */
export type Durations = Map<string, number[]>

const kindOf = (action: string, inputs: Inputs) => inputs.mode ?? action

const head = ({ gitops }: Site) =>
  execFileSync('git', ['-C', gitops.path, 'rev-parse', 'main'], { encoding: 'utf8' }).trim()

/** As `testkit/workflows` runs a step, but with a hand on the process. */
function begin(site: Site, action: string, inputs: Inputs) {
  return startBundle({
    action,
    inputs: { gitops: 'git', 'gitops-url': site.gitopsUrl, now: site.time.now().toISOString(), ...inputs },
    workspace: site.workspace,
    env: { ...site.env, KUBECONFIG: site.kubeconfig },
    timeoutMs: 300_000,
  })
}

export function undisturbed(site: Site, durations: Durations): RunAction {
  return async (action, inputs) => {
    const began = performance.now()
    const run = await begin(site, action, inputs).done
    const kind = kindOf(action, inputs)
    durations.set(kind, [...(durations.get(kind) ?? []), performance.now() - began])
    return run
  }
}

export interface Kill {
  readonly kind: string
  readonly afterMs: number
  /** Whether the branch had moved by then. */
  readonly wrote: boolean
}

/** A rollback has most to lose. It goes on where it was, so each next run of it is shorter than the one before. */
const rollbackKills = { times: 6, within: 0.5 }
const otherKills = { times: 2, within: 1 }
const killsOf = (action: string) => (action === 'rollback' ? rollbackKills : otherKills)

/**
 * Every run is killed again and again, each time at another point of its usual length, before it may end; what was
 * quicker than that has ended, and is run once more all the same. SIGKILL hits the action alone: a `git push` that
 * it had started may still arrive after the next run has begun.
 */
export function disturbed(
  site: Site,
  { seed, durations }: { readonly seed: string; readonly durations: Durations },
): { readonly run: RunAction; readonly kills: readonly Kill[] } {
  const draw: Random = random(seed)
  const kills: Kill[] = []
  const killed = async (action: string, inputs: Inputs): Promise<BundleRun> => {
    const kind = kindOf(action, inputs)
    const afterMs = Math.round(draw() * mean(durations.get(kind) ?? []) * killsOf(action).within)
    const before = head(site)
    const started = begin(site, action, inputs)
    const timer = setTimeout(() => started.kill('SIGKILL'), afterMs)
    const run = await started.done
    clearTimeout(timer)
    if (run.signal === 'SIGKILL') {
      const wrote = head(site) !== before
      kills.push({ kind, afterMs, wrote })
      site.say(`killed ${kind} after ${afterMs} ms, ${wrote ? 'after' : 'before'} its first commit`)
    }
    return run
  }
  const run: RunAction = async (action, inputs) => {
    for (let time = 0; time < killsOf(action).times; time++) await killed(action, inputs)
    return begin(site, action, inputs).done
  }
  return { run, kills }
}

export const mean = (list: readonly number[]) =>
  list.reduce((sum, each) => sum + each, 0) / Math.max(1, list.length)

/** Printed, so that a bad run can be made again: `KILL_SEED=… npx vitest run --project rig e2e/killed`. */
export function killSeed(): string {
  return process.env.KILL_SEED ?? String(randomInt(2 ** 31))
}

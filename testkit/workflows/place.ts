import { type BundleRun, startBundle } from '../runner/index.ts'

/** The surroundings of a job: one checkout, one environment, one GitOps repository. */
export interface Place {
  /** Checkout of the service repository. */
  readonly workspace: string
  readonly env: Readonly<Record<string, string>>
  readonly gitopsUrl: string
  readonly kubeconfig: string
  /** Production regions in the order of the train, and the environment before them. */
  readonly regions: readonly string[]
  readonly staging: string
  /** Scrape interval of the metrics: the length of a block of evidence. */
  readonly scrapeInterval: string
  readonly time: TrainTime
  /** False where the service has no migrations: then release.yml has no such step. */
  readonly migrates?: boolean
  /** Resolves when a pin has had its effect, where that can be told: then a tick before would only say so. */
  readonly settled?: () => Promise<void>
  readonly say: (line: string) => void
  /** Lines of the log of a step as they come. */
  readonly onLine?: (step: RunningStep, line: string) => void
  /** Ends what runs, and starts nothing more. */
  readonly signal?: AbortSignal
}

export interface RunningStep {
  readonly action: string
  readonly inputs: Readonly<Record<string, string>>
}

/**
 * The clock that the ledger of a rehearsal goes by: the machine's, ahead of it by as much as the train has
 * waited for a window, a day or a bake. The actions take it only where every endpoint is on this machine.
 */
export interface TrainTime {
  now(): Date
  jumpTo(moment: Date): void
}

export function trainTime(start: Date): TrainTime {
  let offset = start.getTime() - Date.now()
  const now = () => new Date(Date.now() + offset)
  return {
    now,
    jumpTo(moment) {
      offset += Math.max(0, moment.getTime() - now().getTime())
    },
  }
}

export class StepFailed extends Error {
  readonly run: BundleRun
  constructor(step: string, run: BundleRun) {
    super(`${step}: exit ${run.code}\n${run.stdout.slice(-4000)}${run.stderr.slice(-2000)}`)
    this.name = 'StepFailed'
    this.run = run
  }
}

/** A runner that cancels a job asks, and then does not ask (actions/runner, ProcessInvoker: 7.5 s). */
const cancelMs = 7500

/** One step of a job: the bundle as it is shipped. */
export async function step(
  place: Place,
  action: string,
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<BundleRun> {
  const { signal, onLine } = place
  signal?.throwIfAborted()
  const started = startBundle({
    action,
    inputs,
    workspace: place.workspace,
    env: { ...place.env, KUBECONFIG: place.kubeconfig, ...env },
    timeoutMs: 600_000,
    ...(onLine !== undefined && { onLine: (line: string) => onLine({ action, inputs }, line) }),
  })
  let last: NodeJS.Timeout | undefined
  const cancel = () => {
    started.kill('SIGINT')
    last = setTimeout(() => started.kill('SIGKILL'), cancelMs)
  }
  signal?.addEventListener('abort', cancel, { once: true })
  try {
    const run = await started.done
    signal?.throwIfAborted()
    return run
  } finally {
    clearTimeout(last)
    signal?.removeEventListener('abort', cancel)
  }
}

export function rollout(
  place: Place,
  mode: string,
  inputs: Readonly<Record<string, string>> = {},
): Promise<BundleRun> {
  return step(place, 'region-rollout', {
    mode,
    gitops: 'git',
    'gitops-url': place.gitopsUrl,
    now: place.time.now().toISOString(),
    ...inputs,
  })
}

/** For steps after which the job would end. */
export function passed(name: string, run: BundleRun): BundleRun {
  if (run.code !== 0) throw new StepFailed(name, run)
  return run
}

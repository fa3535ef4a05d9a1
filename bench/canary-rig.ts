/**
 * `npm run -s bench:canary-rig -- [--only bad|good] [--runs 50] [--at-once 10] [--bad 3] [--cap 150] [--up]`: the gate on
 * real Rollouts and a real Prometheus with 1 s scrapes and 1 s blocks, beside Argo's own background analysis on the same
 * scrapes. Bad canaries (50 % and 5 % errors at 200 requests/s): seconds from the first request to the abort, each judge
 * on a Rollout of its own. Good ones at 5,000 requests/s: false aborts, the analysis as a dry run on the same Rollout.
 * One JSON line a case and judge. Exits 1 when a goal is missed: 10 s, 30 s, no false abort, ten minutes for the good ones.
 */
import { parseArgs } from 'node:util'
import { watchCanary } from '../src/canary/index.ts'
import { connectKube, type Kube } from '../src/cluster/index.ts'
import { unwrap } from '../src/release/index.ts'
import { systemClock } from '../src/system/index.ts'
import { gateContext, type Stage, type StageOptions, stage } from '../testkit/canary/index.ts'
import { analysisOf, dryRunOf, RULE, templateOf } from './canary-rig/argo.ts'
import { follow } from './canary-rig/follow.ts'
import { benchRig } from './rig/rig.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    runs: { type: 'string', default: '50' },
    'at-once': { type: 'string', default: '10' },
    bad: { type: 'string', default: '3' },
    cap: { type: 'string', default: '150' },
    up: { type: 'boolean', default: false },
  },
})
const clock = systemClock()
const signal = AbortSignal.timeout(3_600_000)
const ENVIRONMENT = 'prod-us'
const GOOD_WITHIN_S = 600
/** Long enough for five measurements of the analysis. */
const GOOD_HOLDS = { 5: 15_000, 25: 15_000, 50: 15_000 }
const BAD_HOLDS = { 5: 3_600_000, 25: 3_600_000, 50: 3_600_000 }

const { rig, end } = await benchRig({ up: values.up })
const { namespace } = rig.environment(ENVIRONMENT)
let kube: Kube
let counter = 0

type Wanted = Pick<StageOptions, 'errorRate' | 'requestsPerSecond'> & {
  readonly analysis?: 'dry-run' | 'real'
}

async function set({ analysis, ...wanted }: Wanted): Promise<Stage> {
  const name = `bench-${Date.now().toString(36)}-${counter++}`
  if (analysis !== undefined) await rig.kube.apply(templateOf(rig, namespace, name))
  const canary =
    analysis === undefined ? {} : { canary: analysisOf(name, { dryRun: analysis === 'dry-run' }) }
  return stage({ rig, clock, namespace, name, ...wanted, ...canary })
}

const gate = (at: Stage, holdsMs: Readonly<Record<number, number>>, stop: AbortSignal) =>
  watchCanary(
    gateContext(rig, kube, clock, () => undefined, AbortSignal.any([signal, stop])),
    at.options({ holdsMs, judge: {}, timeoutMs: 600_000 }),
  )

function tell(line: object): void {
  console.log(JSON.stringify({ bench: 'canary-rig', ...line }))
}

const round = (value: number) => Math.round(value * 10) / 10

function delays(seconds: readonly (number | undefined)[]) {
  const known = seconds.filter((each) => each !== undefined).sort((a, b) => a - b)
  const median = known[Math.floor(known.length / 2)]
  const most = known.at(-1)
  return {
    runs: seconds.length,
    aborted: known.length,
    medianSeconds: median === undefined ? null : round(median),
    maxSeconds: most === undefined ? null : round(most),
  }
}

/** The same defect in front of both judges at the same time; `goal` is for ours. */
async function bad(errorRate: number, goal: number): Promise<void> {
  const runs = Number(values.bad)
  const cap = Number(values.cap)
  const make = (analysis?: 'real') =>
    Promise.all(
      Array.from({ length: runs }, () =>
        set({ errorRate, requestsPerSecond: 200, ...(analysis === undefined ? {} : { analysis }) }),
      ),
    )
  const [ours, argo] = [await make(), await make('real')]
  const done = new AbortController()
  const go = async (at: Stage, judge?: (at: Stage) => Promise<unknown>) => {
    const { aborted } = follow(rig, kube, namespace, at, cap)
    const judging = judge?.(at)
    await at.deploy(at.next)
    const seconds = await aborted
    console.error(
      `${at.name}: ${seconds === undefined ? 'not aborted' : `aborted after ${round(seconds)} s`}`,
    )
    await judging
    await rig.load.removeTarget(namespace, at.name)
    return seconds
  }
  const [tuesday, analysis] = await Promise.all([
    Promise.all(ours.map((at) => go(at, (each) => gate(each, BAD_HOLDS, done.signal)))),
    Promise.all(argo.map((at) => go(at))),
  ])
  const name = `${100 * errorRate} % errors at 200 requests/s`
  const own = delays(tuesday)
  tell({ case: name, judge: 'tuesday', ...own, goal })
  tell({ case: name, judge: 'argo', ...delays(analysis), capSeconds: cap, rule: RULE })
  if (own.aborted < own.runs || (own.maxSeconds ?? goal + 1) > goal) process.exitCode = 1
}

async function goodOne(): Promise<{
  readonly reason: string
  readonly why: string
  readonly failed: boolean
  readonly argo: Awaited<ReturnType<typeof dryRunOf>>
}> {
  const at = await set({ errorRate: 0.001, requestsPerSecond: 5_000, analysis: 'dry-run' })
  try {
    await at.deploy(at.next)
    const outcome = unwrap(await gate(at, GOOD_HOLDS, AbortSignal.timeout(300_000)))
    const { reason, why, verdict } = outcome
    console.error(`${at.name}: ${reason}`)
    return { reason, why, failed: verdict === 'fail', argo: await dryRunOf(rig, namespace, at.name) }
  } finally {
    await rig.load.removeTarget(namespace, at.name)
  }
}

async function good(): Promise<void> {
  const began = performance.now()
  const wanted = Number(values.runs)
  const ended: Awaited<ReturnType<typeof goodOne>>[] = []
  let started = 0
  const lane = async () => {
    while (started++ < wanted) ended.push(await goodOne())
  }
  await Promise.all(Array.from({ length: Math.min(wanted, Number(values['at-once'])) }, lane))
  const seconds = Math.round((performance.now() - began) / 1_000)
  const name = 'good at 5000 requests/s'
  const falseAborts = ended.filter(({ failed }) => failed).length
  const others = ended.filter(({ reason }) => reason !== 'canary-promoted')
  tell({
    ...{ case: name, judge: 'tuesday', runs: ended.length, falseAborts },
    ...{ promoted: ended.length - others.length, seconds },
    ...(others.length === 0 ? {} : { others: others.map(({ reason, why }) => `${reason}: ${why}`) }),
  })
  tell({
    ...{ case: name, judge: 'argo', runs: ended.length },
    falseAborts: ended.filter(({ argo }) => argo.wouldAbort).length,
    measurements: ended.reduce((sum, { argo }) => sum + argo.measurements, 0),
    rule: RULE,
  })
  if (falseAborts > 0 || seconds > GOOD_WITHIN_S) process.exitCode = 1
}

try {
  const kubeconfig = { path: await rig.kubeconfigFor('tuesday') }
  kube = unwrap(await connectKube({ kubeconfig, context: ENVIRONMENT, clock }))
  if (values.only !== 'good') {
    await bad(0.5, 10)
    await bad(0.05, 30)
  }
  if (values.only !== 'bad') await good()
} finally {
  await end()
}

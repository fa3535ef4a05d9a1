/**
 * A canary on the rig under two judges, each on a Rollout of its own with the same traffic and scrapes: the gate, and
 * Argo Rollouts' background analysis with the rule of its documentation (`interval 5m, result[0] >= 0.95,
 * failureLimit 3`, irate) scaled thirty times: interval and window of 10 s. Seconds from the canary's first request to
 * the abort, and false aborts of a good canary. One JSON line a figure.
 * `--bad=3` runs for each error rate, `--good=50` good runs at 5,000 requests/s, ten at a time, `--hold=60` seconds.
 */
import { startRig } from '../rig/index.ts'
import { watchCanary } from '../src/canary/index.ts'
import { connectKube, paths, type Rollout } from '../src/cluster/index.ts'
import { unwrap } from '../src/release/index.ts'
import { systemClock } from '../src/system/index.ts'
import { gateContext, type Stage, stage } from '../testkit/canary/index.ts'

const number = (name: string, otherwise: number) =>
  Number(process.argv.find((word) => word.startsWith(`--${name}=`))?.split('=')[1] ?? otherwise)
const [badRuns, goodRuns, holdSeconds] = [number('bad', 3), number('good', 50), number('hold', 60)]
const AT_ONCE = 10

const clock = systemClock()
const environment = 'prod-us'
const rig = await startRig({ argocd: false, say: (line) => console.error(`rig: ${line}`) })
const { namespace } = rig.environment(environment)
let missed = false
try {
  const kubeconfig = { path: await rig.kubeconfigFor('tuesday') }
  const kube = unwrap(await connectKube({ kubeconfig, context: environment, clock }))
  for (const [errorRate, within] of [
    [0.5, 10],
    [0.05, 30],
  ] as const) {
    const gate: (number | undefined)[] = []
    const argo: (number | undefined)[] = []
    for (let run = 0; run < badRuns; run++) {
      gate.push(await timed('gate', errorRate, 200))
      argo.push(await timed('argo', errorRate, 200))
    }
    report('gate', errorRate, gate, within)
    report('argo', errorRate, argo)
  }
  let aborted = 0
  for (let done = 0; done < goodRuns; done += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, goodRuns - done) })
    aborted += (await Promise.all(batch.map(() => goodRun()))).filter((fell) => fell).length
  }
  if (aborted > 0) missed = true
  console.log(
    JSON.stringify({
      bench: 'canary-rig',
      figure: 'good canaries aborted',
      judge: 'gate',
      runs: goodRuns,
      value: aborted,
      goal: 0,
    }),
  )

  async function goodRun(): Promise<boolean> {
    const at = await stage({
      rig,
      clock,
      namespace,
      name: newName('good'),
      errorRate: 0.001,
      requestsPerSecond: 5_000,
    })
    await at.deploy(at.next)
    const outcome = await watchCanary(context(), at.options())
    await rig.load.removeTarget(namespace, at.name)
    return outcome.ok && outcome.value.verdict === 'fail'
  }

  function context() {
    return gateContext(rig, kube, clock, () => undefined, AbortSignal.timeout(300_000))
  }

  async function timed(judge: 'gate' | 'argo', errorRate: number, requestsPerSecond: number) {
    const at = await stage({ rig, clock, namespace, name: newName(judge), errorRate, requestsPerSecond })
    if (judge === 'argo') await analysis(at)
    await at.deploy(at.next)
    const first = firstRequest(at)
    const limit = holdSeconds * 3_000
    if (judge === 'gate') {
      const holdsMs = { 5: limit, 25: limit, 50: limit }
      await watchCanary(context(), at.options({ holdsMs, timeoutMs: limit }))
    }
    const abortedAt = await rig
      .waitFor('the abort', judge === 'gate' ? 5 : limit / 1_000, async () => (await at.status()).abortedAt)
      .catch(() => undefined)
    const began = await first
    await rig.load.removeTarget(namespace, at.name)
    // The controller writes whole seconds.
    return abortedAt === undefined ? undefined : (Date.parse(abortedAt) - began) / 1_000
  }
} finally {
  await rig.stop()
}
process.exitCode = missed ? 1 : 0

let counter = 0
function newName(judge: string): string {
  counter += 1
  return `${judge}-${Date.now().toString(36)}-${counter}`
}

function report(
  judge: string,
  errorRate: number,
  seconds: readonly (number | undefined)[],
  within?: number,
): void {
  const took = seconds.filter((each) => each !== undefined).toSorted((a, b) => a - b)
  const met = within === undefined || (took.length === seconds.length && (took.at(-1) ?? 0) <= within)
  if (!met) missed = true
  const median = took[Math.floor(took.length / 2)] ?? null
  console.log(
    JSON.stringify({
      ...{ bench: 'canary-rig', figure: 'seconds to the abort', judge, errorRate, requestsPerSecond: 200 },
      ...{ runs: seconds.length, aborted: took.length, median, longest: took.at(-1) ?? null },
      ...(within === undefined ? {} : { goal: within, met }),
    }),
  )
}

/** When the canary's counters first moved, by the scrapes of Prometheus. */
async function firstRequest(at: Stage): Promise<number> {
  const query = `http_requests_total{namespace="${namespace}",workload="${at.name}",digest="${at.next}"}`
  const server = gateContext(rig, undefined as never, clock, () => undefined).prometheus
  return rig.waitFor('the first request', 120, async () => {
    const answer = await server.raw(query, 120, AbortSignal.timeout(9_000))
    const times = answer.ok ? answer.value.series.flatMap(({ samples }) => samples[0]?.at ?? []) : []
    return times.length === 0 ? undefined : Math.min(...times)
  })
}

/** The template of the documentation, its times divided by thirty, on the pods of the canary. */
async function analysis(at: Stage): Promise<void> {
  const good = `sum(irate(http_requests_total{workload="${at.name}",digest="${at.next}",code!~"5.."}[10s]))`
  const all = `sum(irate(http_requests_total{workload="${at.name}",digest="${at.next}"}[10s]))`
  await rig.kube.apply({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisTemplate',
    metadata: { name: at.name, namespace },
    spec: {
      metrics: [
        {
          name: 'success-rate',
          interval: '10s',
          successCondition: 'result[0] >= 0.95',
          failureLimit: 3,
          provider: { prometheus: { address: rig.prometheusUrl, query: `${good} / ${all}` } },
        },
      ],
    },
  })
  const rollout = (await rig.kube.get(paths.rollout(namespace, at.name))) as unknown as Rollout
  const canary = { ...rollout.spec.strategy?.canary, analysis: { templates: [{ templateName: at.name }] } }
  await rig.kube.patch(paths.rollout(namespace, at.name), { spec: { strategy: { canary } } })
}

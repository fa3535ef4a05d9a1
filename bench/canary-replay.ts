/**
 * What a replay of 120 blocks, 6 metrics and 30 pods costs, from the line of the file to the verdict: a good rollout, a
 * latency of six cuts among its metrics, and one of which a pod is bad, which is judged a second time without it.
 * `npm run -s bench:canary-replay [-- --rounds 21]`: one JSON line a figure, medians and the longest after a warm-up.
 */
import { parseArgs } from 'node:util'
import { parseReplayLine, replay } from '../src/canary/index.ts'
import { unwrap } from '../src/release/index.ts'
import { chance } from '../testkit/chance/index.ts'

const GOAL_MS = 50
const BLOCKS = 120
const METRICS = ['errors', 'latency', 'checkout', 'signup', 'search', 'login']
const PODS = 30
const CANARY_PODS = 2

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '21' } } })

function line(id: string, { cuts, badPod }: { readonly cuts: number; readonly badPod: boolean }): string {
  const draws = chance(20_261_121)
  const blocks = Array.from({ length: BLOCKS }, () => {
    const pods: Record<string, Record<string, unknown>> = {}
    const sums: Record<string, { nc: number; ec: number; ns: number; es: number }> = {}
    for (let pod = 0; pod < PODS; pod++) {
      const arm = pod < CANARY_PODS ? 'canary' : 'stable'
      const own: Record<string, unknown> = { arm }
      for (const metric of METRICS) {
        const n = draws.poisson(600)
        const e = draws.binomial(n, badPod && pod === 0 ? 0.2 : 0.001)
        own[metric] = { n, e }
        const sum = sums[metric] ?? { nc: 0, ec: 0, ns: 0, es: 0 }
        sums[metric] = sum
        sum[arm === 'canary' ? 'nc' : 'ns'] += n
        sum[arm === 'canary' ? 'ec' : 'es'] += e
      }
      pods[`api-${pod}`] = own
    }
    const { latency, ...others } = sums
    return { metrics: { ...others, latency: Array.from({ length: cuts }, () => latency) }, pods }
  })
  const history = Object.fromEntries(METRICS.map((metric) => [metric, { n: 2_000_000, e: 2_000 }]))
  return JSON.stringify({ id, blockSeconds: 15, plannedBlocks: BLOCKS, blocks, history })
}

for (const [figure, text, verdict] of [
  ['good rollout', line('good', { cuts: 1, badPod: false }), 'promote'],
  ['good rollout, latency of six cuts', line('cuts', { cuts: 6, badPod: false }), 'promote'],
  ['one bad pod, held', line('pod', { cuts: 1, badPod: true }), 'hold'],
] as const) {
  const once = () => {
    const start = performance.now()
    const before = process.threadCpuUsage()
    const answer = replay(unwrap(parseReplayLine(text, 1, 'bench')))
    const ms = performance.now() - start
    if (answer.verdict !== verdict) throw new Error(`${figure} was judged ${answer.verdict}, not ${verdict}`)
    // Beside other work the clock on the wall says more of the machine than of this.
    const { user, system } = process.threadCpuUsage(before)
    return { ms, cpu: (user + system) / 1000 }
  }
  for (let round = 0; round < 3; round++) once()
  const rounds = Array.from({ length: Number(values.rounds) }, once)
  const sorted = (of: 'ms' | 'cpu') => rounds.map((each) => each[of]).sort((a, b) => a - b)
  const middle = (all: readonly number[]) => all[Math.floor(all.length / 2)] ?? Number.NaN
  const median = middle(sorted('ms'))
  const met = median <= GOAL_MS
  if (!met) process.exitCode = 1
  const ms = (value: number) => Number(value.toFixed(1))
  const sizes = { blocks: BLOCKS, metrics: METRICS.length, pods: PODS }
  console.log(
    JSON.stringify({
      bench: 'canary-replay',
      figure,
      ...sizes,
      value: ms(median),
      longest: ms(sorted('ms').at(-1) ?? Number.NaN),
      threadCpu: ms(middle(sorted('cpu'))),
      unit: 'ms',
      goal: GOAL_MS,
      met,
    }),
  )
}

/**
 * `npm run -s bench:promote -- [--promotes 50] [--wait 5] [--up]`: promotions sent the moment a watch shows the pause,
 * by the gate's own promote and by the plugin (`kubectl argo rollouts promote`), side by side on one rig. One JSON line
 * a sender; a promotion that has not moved the step after `--wait` seconds is lost. Exits 1 when one of ours is lost,
 * their median is over 1 s or one took more than 3 s. `--up` takes the rig of rig:up.
 */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { connectKube, type Kube, promote } from '../src/cluster/index.ts'
import { type Digest, unwrap } from '../src/release/index.ts'
import { systemClock } from '../src/system/index.ts'
import { startPauses } from '../testkit/canary/pauses.ts'
import { benchRig } from './rig/rig.ts'

const { values } = parseArgs({
  options: {
    promotes: { type: 'string', default: '50' },
    wait: { type: 'string', default: '5' },
    up: { type: 'boolean', default: false },
  },
})
const PAUSES = 5
const waitMs = Number(values.wait) * 1_000
const clock = systemClock()
const signal = AbortSignal.timeout(1_800_000)

interface Pause {
  readonly namespace: string
  readonly name: string
  readonly digest: Digest
  readonly stepIndex: number
}
/** What the sender itself said, for a promotion that was lost. */
type Sender = (pause: Pause) => Promise<string>

const { rig, end } = await benchRig({ up: values.up })

async function gate(kube: Kube, { namespace, name, digest, stepIndex }: Pause): Promise<string> {
  const target = { namespace, name, container: 'api' }
  const moved = await promote({ kube, clock, signal }, target, { digest, stepIndex })
  return moved.ok ? `${moved.value.sent.length} writes, ${moved.value.seen}` : moved.fault.cause
}

async function plugin({ namespace, name }: Pause): Promise<string> {
  const command = ['promote', name, '--namespace', namespace, '--kubeconfig', rig.kubeconfig]
  const program = path.join(rig.binDir, 'kubectl-argo-rollouts')
  const { stdout } = await promisify(execFile)(program, command, { timeout: 30_000 })
  return stdout.trim()
}

/** One Rollout after the other, each through all of its pauses. */
async function lane(sender: string, environment: string, send: Sender, free: Sender): Promise<Figures> {
  const { namespace } = rig.environment(environment)
  const kubeconfig = { path: rig.kubeconfig }
  const kube = unwrap(await connectKube({ kubeconfig, context: environment, clock }))
  const seconds: number[] = []
  const wanted = Number(values.promotes)
  for (let sent = 0; sent < wanted; ) {
    const name = `${sender}-${Date.now().toString(36)}`
    const pauses = await startPauses({ rig, kube, namespace, name, pauses: PAUSES, signal })
    for (const stepIndex of pauses.indexes.slice(0, wanted - sent)) {
      const pause = { namespace, name, digest: pauses.next, stepIndex }
      await pauses.paused(stepIndex)
      const began = performance.now()
      const took = pauses.left(stepIndex, waitMs).then((left) => ({ left, at: performance.now() }))
      const said = await send(pause)
      const { left, at } = await took
      sent++
      if (left) seconds.push((at - began) / 1_000)
      else {
        console.error(`${sender}: lost at step ${stepIndex} of ${name}, and said: ${said}`)
        await free(pause)
      }
    }
    await pauses.close()
    console.error(`${sender}: ${seconds.length} of ${sent}`)
  }
  return figures(sender, wanted, seconds)
}

interface Figures {
  readonly bench: 'promote'
  readonly sender: string
  readonly sent: number
  readonly took: number
  readonly median: number | null
  readonly max: number | null
}

function figures(sender: string, sent: number, seconds: readonly number[]): Figures {
  const sorted = seconds.toSorted((a, b) => a - b)
  const rounded = (value: number | undefined) => (value === undefined ? null : Math.round(value * 100) / 100)
  const median = rounded(sorted[Math.floor(sorted.length / 2)])
  return { bench: 'promote', sender, sent, took: sorted.length, median, max: rounded(sorted.at(-1)) }
}

try {
  const kubeconfig = { path: await rig.kubeconfigFor('tuesday') }
  const kubeOf = async (context: string) => unwrap(await connectKube({ kubeconfig, context, clock }))
  const [ours, theirs] = [await kubeOf('prod-ap'), await kubeOf('prod-us')]
  const all = await Promise.all([
    lane(
      'tuesday',
      'prod-ap',
      (pause) => gate(ours, pause),
      (pause) => gate(ours, pause),
    ),
    lane('plugin', 'prod-us', plugin, (pause) => gate(theirs, pause)),
  ])
  for (const each of all) console.log(JSON.stringify(each))
  const [own] = all
  const met =
    own.took === own.sent &&
    (own.median ?? Number.POSITIVE_INFINITY) <= 1 &&
    (own.max ?? Number.POSITIVE_INFINITY) <= 3
  if (!met) process.exitCode = 1
} finally {
  await end()
}

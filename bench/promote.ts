/**
 * Promotions sent the moment a pause appears on a watch: those of the gate, and those of the kubectl plugin, in turn
 * on the same rig. Lost = the step has not moved on after four seconds. One JSON line a figure.
 * `--count=50` each, `--steps=10` pauses a Rollout.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ghostLines } from '../rig/ghosts.ts'
import { type Rig, startRig } from '../rig/index.ts'
import { connectKube, type Kube, paths, promote, type Rollout, viewRollout } from '../src/cluster/index.ts'
import { type Digest, unwrap } from '../src/release/index.ts'
import { systemClock } from '../src/system/index.ts'
import { digestOf } from '../testkit/canary/index.ts'
import { deliveryRollout } from '../testkit/cluster/testing.ts'

const number = (name: string, otherwise: number) =>
  Number(process.argv.find((word) => word.startsWith(`--${name}=`))?.split('=')[1] ?? otherwise)
const count = number('count', 50)
const pauses = number('steps', 10)
const LOST_MS = 4_000

interface Sender {
  readonly name: 'gate' | 'plugin'
  /** Seconds to the effect; undefined when it was lost. */
  send(target: Target): Promise<number | undefined>
}
interface Target {
  readonly name: string
  readonly digest: Digest
  readonly stepIndex: number
}

const clock = systemClock()
const environment = 'prod-ap'
const run = promisify(execFile)
const rig = await startRig({ argocd: false, say: (line) => console.error(`rig: ${line}`) })
let missed = false
try {
  const kubeconfig = { path: await rig.kubeconfigFor('tuesday') }
  const kube = unwrap(await connectKube({ kubeconfig, context: environment, clock }))
  const { namespace } = rig.environment(environment)
  for (const sender of [gateSender(kube, namespace), pluginSender(rig, kube, namespace)]) {
    const seconds = await series(rig, kube, namespace, sender)
    report(sender.name, seconds)
  }
  console.log(
    JSON.stringify({ bench: 'promote', figure: 'lines of ghost Rollouts', value: ghostLines(rig.stateDir) }),
  )
} finally {
  await rig.stop()
}
process.exitCode = missed ? 1 : 0

function report(name: Sender['name'], seconds: readonly (number | undefined)[]): void {
  const took = seconds.filter((each) => each !== undefined).toSorted((a, b) => a - b)
  const median = took[Math.floor(took.length / 2)]
  const longest = took.at(-1)
  if (name === 'gate') missed = took.length < seconds.length || (median ?? 9) > 1 || (longest ?? 9) > 3
  console.log(
    JSON.stringify({
      bench: 'promote',
      sender: name,
      sent: seconds.length,
      tookEffect: took.length,
      lost: seconds.length - took.length,
      medianSeconds: median ?? null,
      longestSeconds: longest ?? null,
    }),
  )
}

async function series(on: Rig, kube: Kube, namespace: string, sender: Sender) {
  const seconds: (number | undefined)[] = []
  const steps = Array.from({ length: pauses }, (_, index) => [
    { setWeight: Math.floor((90 * (index + 1)) / pauses) },
    { pause: {} },
  ]).flat()
  for (let round = 0; seconds.length < count; round++) {
    const name = `${sender.name}-${Date.now().toString(36)}-${round}`
    const canary = { steps, stableService: undefined, canaryService: undefined, trafficRouting: undefined }
    const deploy = (digest: Digest) =>
      on.kube.apply(
        deliveryRollout({ namespace, name, image: `registry.example.com/x@${digest}`, replicas: 4, canary }),
      )
    await deploy(digestOf(`${name}-a`))
    await on.waitFor('the first deploy', 60, async () => {
      const { status } = (await on.kube.get(paths.rollout(namespace, name))) as unknown as Rollout
      return status?.phase === 'Healthy' ? true : undefined
    })
    const digest = digestOf(`${name}-b`)
    await deploy(digest)
    for (let stepIndex = 1; stepIndex < steps.length && seconds.length < count; stepIndex += 2) {
      const target = { name, digest, stepIndex }
      await pausedAt(kube, namespace, target)
      const took = await sender.send(target)
      seconds.push(took)
      // A lost one is freed, or the Rollout would stand there for ever.
      if (took === undefined)
        await promote({ kube, clock, signal: bound() }, { namespace, name, container: 'api' }, target)
    }
  }
  return seconds
}

/** As fast as a watch can tell. */
async function pausedAt(kube: Kube, namespace: string, { name, digest, stepIndex }: Target): Promise<void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, bound()])
  const events = kube.watch<Rollout>(paths.rollouts(namespace), {
    fieldSelector: `metadata.name=${name}`,
    signal,
  })
  for await (const event of events) {
    const objects = event.type === 'sync' ? event.objects : event.type === 'fault' ? [] : [event.object]
    const views = objects.map((each) => viewRollout(each, 'api'))
    if (
      views.some((v) => v.specDigest === digest && v.stepIndex === stepIndex && v.pausedSince !== undefined)
    )
      break
  }
  stop.abort()
}

function bound(): AbortSignal {
  return AbortSignal.timeout(60_000)
}

function gateSender(kube: Kube, namespace: string): Sender {
  return {
    name: 'gate',
    async send({ name, digest, stepIndex }) {
      const began = performance.now()
      const target = { namespace, name, container: 'api' }
      const moved = await promote({ kube, clock, signal: bound() }, target, { digest, stepIndex })
      return moved.ok ? (performance.now() - began) / 1000 : undefined
    },
  }
}

function pluginSender(on: Rig, kube: Kube, namespace: string): Sender {
  return {
    name: 'plugin',
    async send({ name, stepIndex }) {
      const began = performance.now()
      await run(join(on.binDir, 'kubectl-argo-rollouts'), [
        'promote',
        name,
        '-n',
        namespace,
        '--kubeconfig',
        on.kubeconfig,
      ])
      while (performance.now() - began < LOST_MS) {
        const read = await kube.get<Rollout>(paths.rollout(namespace, name), bound())
        const view = read.ok ? viewRollout(read.value, 'api') : undefined
        if (view !== undefined && (view.stepIndex > stepIndex || !view.inFlight))
          return (performance.now() - began) / 1000
        await clock.sleep(50, bound())
      }
      return undefined
    },
  }
}

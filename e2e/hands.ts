import { prometheus } from '../src/canary/index.ts'
import { connectKube, promote, promoteFull, readWorkloads } from '../src/cluster/index.ts'
import { environment } from '../src/config/index.ts'
import type { Digest, RegionFacts } from '../src/release/index.ts'
import { ok, unwrap } from '../src/release/index.ts'
import { systemClock } from '../src/system/index.ts'
import { type Access, type ClusterPort, tick } from '../src/train/index.ts'
import type { Site } from './site.ts'

/** What a test does to the clusters by itself, in this process, where the step of an action is not its subject. */
export interface Hands {
  readonly cluster: ClusterPort
  /** Of every environment. */
  facts(): Promise<readonly RegionFacts[]>
  /** Argo CD looks at Git now. */
  refresh(region: string): Promise<void>
  /** Waits for a canary in the pause at this weight. */
  paused(region: string, weight: number): Promise<void>
  /** Ends the pause at the first weight. */
  promoteOnce(region: string, digest: Digest): Promise<void>
  /** A canary that passes without being judged. */
  promoteFully(region: string, digest: Digest): Promise<void>
}

const clock = systemClock()
const rollout = { name: 'delivery-api', container: 'api' } as const
const bounds = { observedWithinMs: 180_000, servedWithinMs: 180_000 }

export function hands(site: Site): Hands {
  const { config, time } = site
  const signal = AbortSignal.timeout(1_800_000)
  const access = accessOf(site)
  const cluster = tick.observer(config, access, { now: () => time.now(), sleep: clock.sleep })
  const place = (region: string) => unwrap(environment(config, region))
  const kubeOf = async (region: string) => unwrap(await access.kube(place(region).cluster.context))
  const moving = async (region: string) => ({ kube: await kubeOf(region), clock, signal })
  const target = (region: string) => ({ namespace: place(region).namespace, ...rollout })
  return {
    cluster,
    facts: () => Promise.all(Object.values(config.environments).map((at) => cluster.observe(at, signal))),
    async refresh(region) {
      unwrap(await cluster.refresh(place(region), signal))
    },
    async paused(region, weight) {
      const kube = await kubeOf(region)
      const { namespace } = place(region)
      await site.rig.waitFor(`a canary at ${weight} % in ${region}`, 60, async () => {
        const workloads = config.workloads
        const [api] = unwrap(await readWorkloads(kube, { namespace, workloads }, signal))
        return api?.state === 'paused' && api.canaryWeight === weight ? true : undefined
      })
    },
    async promoteOnce(region, digest) {
      unwrap(await promote(await moving(region), target(region), { digest, stepIndex: 1 }))
    },
    async promoteFully(region, digest) {
      unwrap(await promoteFull(await moving(region), target(region), { digest, ...bounds }))
    },
  }
}

function accessOf({ kubeconfig: path }: Site): Access {
  const kubes = new Map<string, ReturnType<typeof connectKube>>()
  return {
    kube(context) {
      const known = kubes.get(context) ?? connectKube({ kubeconfig: { path }, context, clock })
      kubes.set(context, known)
      return known
    },
    // The rig runs by the machine's clock, whatever the ledger goes by.
    prometheus: async ({ prometheus: { url } }) =>
      ok({ server: prometheus({ url, fetch, clock }), now: new Date() }),
  }
}

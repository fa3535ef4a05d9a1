import { type LedgerEvent, readLedger } from '../../src/ledger/index.ts'
import { unwrap } from '../../src/release/index.ts'
import type { ClusterReader } from '../load/index.ts'
import { split } from '../load/split.ts'
import { readNamespace } from '../load/view.ts'
import type { RegionSeen, Story } from '../workflows/index.ts'
import type { StandInSite } from './standin-site.ts'

/** What the ledger and the clusters show by themselves, read past the actions. */
export async function standInStory(site: StandInSite): Promise<Story> {
  const { config } = site
  const workloads = config.workloads.map(({ name }) => name)
  const regions = new Map<string, RegionSeen>()
  for (const region of site.regions) {
    const namespace = config.environments[region]?.namespace ?? ''
    regions.set(region, await seen(site.parts.cluster.reader, namespace, workloads))
  }
  return { order: site.regions, workloads, events: await ledgerEvents(site), regions }
}

export async function ledgerEvents(site: StandInSite): Promise<readonly LedgerEvent[]> {
  return unwrap(await readLedger(site.repo, site.config.service, [], AbortSignal.timeout(30_000))).events
}

interface ReplicaSet {
  readonly metadata: { readonly ownerReferences?: readonly { readonly name: string }[] }
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } }
  }
}

async function seen(
  cluster: ClusterReader,
  namespace: string,
  workloads: readonly string[],
): Promise<RegionSeen> {
  const sets = (await cluster.list(
    `/apis/apps/v1/namespaces/${namespace}/replicasets`,
  )) as readonly ReplicaSet[]
  const view = await readNamespace(cluster, namespace)
  const everRun = (workload: string) =>
    sets
      .filter(({ metadata }) => metadata.ownerReferences?.some(({ name }) => name === workload))
      .flatMap(({ spec }) => spec.template.spec.containers.flatMap(({ image }) => image.split('@')[1] ?? []))
  const served = (workload: string) => {
    const shares: Record<string, number> = {}
    for (const [pod, share] of split(view, workload).shares) {
      const digest = pod.containers[0]?.image.split('@')[1] ?? 'none'
      shares[digest] = (shares[digest] ?? 0) + share
    }
    return shares
  }
  return {
    everRun: Object.fromEntries(workloads.map((name) => [name, everRun(name)])),
    served: Object.fromEntries(workloads.map((name) => [name, served(name)])),
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Rig } from '../rig/index.ts'

/** What the rig shows by itself, read with none of the code under test and as cluster administrator. */

interface Pod {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>
    readonly deletionTimestamp?: string
  }
  readonly spec: { readonly containers: readonly { readonly image: string }[] }
}

/** Digests that requests of this second go to, as the load generator sends them by weights and ready pods. */
export async function answering(rig: Rig, namespace: string): Promise<readonly string[]> {
  const query = `sum by (digest) (increase(http_requests_total{namespace="${namespace}"}[3s])) > 0`
  const response = await fetch(`${rig.prometheusUrl}/api/v1/query?${new URLSearchParams({ query })}`)
  const { data } = (await response.json()) as { data: { result: { metric: { digest?: string } }[] } }
  return data.result.map(({ metric }) => metric.digest ?? 'none').sort()
}

/** Digests of the pods of each workload that nobody has asked to go. */
export async function running(
  rig: Rig,
  namespace: string,
  workloads: readonly string[],
): Promise<Readonly<Record<string, readonly string[]>>> {
  const pods = (await rig.kube.list(`/api/v1/namespaces/${namespace}/pods`)) as unknown as readonly Pod[]
  const live = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const of = (name: string) =>
    live
      .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === name)
      .flatMap(({ spec }) => spec.containers.map(({ image }) => image.split('@')[1]))
      .filter((digest) => digest !== undefined)
  return Object.fromEntries(workloads.map((name) => [name, [...new Set(of(name))].sort()]))
}

/** Every digest that a workload has ever had a ReplicaSet for. */
export async function everRun(rig: Rig, namespace: string, workload: string): Promise<readonly string[]> {
  const path = `/apis/apps/v1/namespaces/${namespace}/replicasets`
  interface ReplicaSet {
    readonly metadata: { readonly ownerReferences?: readonly { readonly name: string }[] }
    readonly spec: { readonly template: Pick<Pod, 'spec'> }
  }
  const sets = (await rig.kube.list(path)) as unknown as readonly ReplicaSet[]
  const owned = sets.filter(({ metadata }) => metadata.ownerReferences?.some(({ name }) => name === workload))
  return owned.flatMap(({ spec }) =>
    spec.template.spec.containers.map(({ image }) => image.split('@')[1] ?? ''),
  )
}

export interface Application {
  readonly spec: { readonly syncPolicy?: { readonly automated?: { readonly selfHeal?: boolean } } }
  readonly status?: {
    readonly sync?: { readonly status?: string; readonly revision?: string }
    readonly health?: { readonly status?: string }
  }
}

export async function application(rig: Rig, name: string): Promise<Application> {
  const path = `/apis/argoproj.io/v1alpha1/namespaces/${rig.argocdNamespace}/applications/${name}`
  return (await rig.kube.get(path)) as unknown as Application
}

/** Holds for as long as self-heal needs to take something back: it looks at every change within a second. */
export async function throughout(seconds: number, check: () => Promise<void>): Promise<void> {
  const end = Date.now() + seconds * 1000
  while (Date.now() < end) {
    await check()
    await sleep(500)
  }
}

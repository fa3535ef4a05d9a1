import { type Prometheus, readLive } from '../../canary/index.ts'
import {
  type Kube,
  promoteFull,
  readApplication,
  readLivePods,
  readWorkloads,
  refreshApplication,
} from '../../cluster/index.ts'
import {
  type Config,
  type Environment,
  fillSelector,
  type SloConfig,
  type WorkloadConfig,
} from '../../config/index.ts'
import {
  type Alarm,
  type Clock,
  type Digest,
  ok,
  type RegionFacts,
  type Result,
  type ServedShare,
} from '../../release/index.ts'
import type { ClusterPort } from './context.ts'

/** How an environment is reached; opened only when it is asked for. */
export interface Access {
  /** By the context of a kubeconfig. */
  kube(context: string): Promise<Result<Kube>>
  /** The server, and the time it says it is: samples are dated by its clock. */
  prometheus(
    environment: Environment,
    signal: AbortSignal,
  ): Promise<Result<{ server: Prometheus; now: Date }>>
}

/** The Rollout has been seen paused on the digest before, so there is little left to wait for. */
const promoteBounds = { observedWithinMs: 10_000, servedWithinMs: 60_000 }

/** A cluster and its Prometheus as dated facts. What cannot be read is left out, and said. */
export function observer(config: Config, access: Access, clock: Clock): ClusterPort {
  return {
    async observe(environment, signal) {
      const { namespace, argocd, cluster } = environment
      const asOf = clock.now().toISOString()
      const [workloads, application] = await Promise.all([
        withKube(access, cluster.context, (kube) =>
          readWorkloads(kube, { namespace, workloads: config.workloads }, signal),
        ),
        withKube(access, argocd.context, (kube) => readApplication(kube, argocd, signal)),
      ])
      const served = workloads.ok ? (workloads.value[0]?.served ?? []) : []
      const live = workloads.ok ? await readTraffic(config, access, environment, served, signal) : workloads
      const faults = [workloads, application, live].flatMap((r) => (r.ok ? [] : [r.fault.cause]))
      const unreadable = [...new Set(faults)]
      return {
        version: 1,
        region: environment.name,
        asOf,
        ...(workloads.ok && { workloads: workloads.value }),
        ...(application.ok && { application: application.value }),
        ...(live.ok && live.value),
        unreadable,
      }
    },
    async refresh({ argocd }, signal) {
      const done = await withKube(access, argocd.context, (kube) => refreshApplication(kube, argocd, signal))
      return done.ok ? ok(undefined) : done
    },
    async promote({ namespace, cluster }, { name, container }, digest, signal) {
      const done = await withKube(access, cluster.context, (kube) =>
        promoteFull({ kube, clock, signal }, { namespace, name, container }, { digest, ...promoteBounds }),
      )
      return done.ok ? ok(undefined) : done
    },
  }
}

async function withKube<T>(
  access: Access,
  context: string,
  read: (kube: Kube) => Promise<Result<T>>,
): Promise<Result<T>> {
  const kube = await access.kube(context)
  return kube.ok ? read(kube.value) : kube
}

/** Requests and alarms by live digest, from the pods that requests reach (of the first workload). */
async function readTraffic(
  config: Config,
  access: Access,
  environment: Environment,
  served: readonly ServedShare[],
  signal: AbortSignal,
): Promise<Result<Pick<RegionFacts, 'traffic' | 'alarms'>>> {
  const [workload] = config.workloads
  // No objective, no alarm: then the list is empty and not unknown.
  if (workload === undefined || config.slos.length === 0) return ok({ alarms: [] })
  const pods = await withKube(access, environment.cluster.context, (kube) =>
    readLivePods(kube, environment.namespace, workload, signal),
  )
  if (!pods.ok) return pods
  const found = await access.prometheus(environment, signal)
  if (!found.ok) return found
  const { server, now } = found.value
  const alarms: Alarm[] = []
  let traffic: RegionFacts['traffic']
  for (const slo of config.slos) {
    const live = await readLive(
      server,
      { slo: filled(slo, environment, workload), pods: pods.value, live: mostServed(served), now },
      signal,
    )
    if (!live.ok) return live
    alarms.push(...live.value.alarms)
    traffic ??= live.value.traffic
  }
  return ok({ alarms, ...(traffic !== undefined && { traffic }) })
}

function mostServed(served: readonly ServedShare[]): Digest | undefined {
  return served.toSorted((a, b) => b.share - a.share)[0]?.digest
}

function filled({ name, total, bad, target }: SloConfig, environment: Environment, workload: WorkloadConfig) {
  const values = { namespace: environment.namespace, environment: environment.name, workload: workload.name }
  return { name, total: fillSelector(total, values), bad: fillSelector(bad, values), target: target / 100 }
}

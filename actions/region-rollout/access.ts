import { clockNotAllowed, isLocal, serverDate } from '../../src/calendar/index.ts'
import { openPrometheus } from '../../src/canary/index.ts'
import { openClusters } from '../../src/cluster/index.ts'
import { err, ok, type Result } from '../../src/release/index.ts'
import { tlsFetch } from '../../src/system/index.ts'
import type { Access } from '../../src/train/index.ts'
import type { RolloutContext } from './request.ts'

/** Clusters and Prometheus; in a rehearsal only those of this machine. */
export function accessOf(context: RolloutContext, simulated: boolean): Access {
  const { inputs, env, clock, fetch, mask } = context
  const kube = openClusters({
    kubeconfig: inputs.kubeconfig,
    env,
    clock,
    ...(simulated && {
      refuse: (server) => (isLocal(`https://${server}`) ? undefined : clockNotAllowed(server)),
    }),
  })
  return {
    kube,
    async prometheus(environment, signal) {
      const server = openPrometheus(environment, { env, fetch, clock, mask, tlsFetch })
      if (!server.ok) return server
      const now = simulated ? await dateOf(environment.prometheus.url, fetch, signal) : ok(clock.now())
      return now.ok ? ok({ server: server.value, now: now.value }) : now
    },
  }
}

/** In a rehearsal the samples have the clock of their server, which is not the one of the ledger. */
async function dateOf(
  url: string,
  fetch: RolloutContext['fetch'],
  signal: AbortSignal,
): Promise<Result<Date>> {
  const date = await serverDate(url, fetch, signal)
  if (date !== undefined) return ok(date)
  return err({
    blame: 'world',
    reason: 'prometheus-unreachable',
    cause: `Prometheus at ${new URL(url).host} did not say what time it is.`,
    next: 'Check that it runs; a rehearsal dates samples by its clock.',
  })
}

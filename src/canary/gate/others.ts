import { readLiveTarget } from '../../cluster/index.ts'
import { type Companion, judgeCompanion, type Restarts } from './companions.ts'
import type { GateContext, GateOptions } from './options.ts'

/** The other workloads of the release at one moment. One that cannot be read is unknown, and nothing goes on. */
export async function readCompanions(
  { kube, signal }: Pick<GateContext, 'kube' | 'signal'>,
  { companions = [], target, digest }: Pick<GateOptions, 'companions' | 'target' | 'digest'>,
  seen: Restarts,
): Promise<readonly Companion[]> {
  return Promise.all(
    companions.map(async (each): Promise<Companion> => {
      const live = await readLiveTarget(kube, target.namespace, each, signal)
      return live.ok
        ? judgeCompanion(live.value, digest, seen)
        : { name: each.name, state: 'unknown', reason: live.fault.reason, why: live.fault.cause }
    }),
  )
}

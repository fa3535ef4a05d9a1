import { readLiveState } from '../../cluster/index.ts'
import { type Companion, type Gauge, judgeCompanion, type Restarts } from './companions.ts'
import type { GateContext, GateOptions } from './options.ts'

/** The other workloads of the release at one moment. One that cannot be read is unknown, and nothing goes on. */
export async function readCompanions(
  context: GateContext,
  { companions = [], target, digest }: Pick<GateOptions, 'companions' | 'target' | 'digest'>,
  seen: Restarts,
): Promise<readonly Companion[]> {
  return Promise.all(
    companions.map(async (each): Promise<Companion> => {
      const live = await readLiveState(context.kube, target.namespace, each, context.signal)
      if (!live.ok)
        return { name: each.name, state: 'unknown', reason: live.fault.reason, why: live.fault.cause }
      const readings = await Promise.all(
        (each.gauges ?? []).map(async (gauge) => ({ gauge, value: await largest(context, gauge) })),
      )
      return judgeCompanion(live.value, digest, seen, readings)
    }),
  )
}

const FRESH_SECONDS = 120

async function largest({ prometheus, signal }: GateContext, gauge: Gauge): Promise<number | undefined> {
  const answer = await prometheus.raw(gauge.series, FRESH_SECONDS, signal)
  if (!answer.ok) return undefined
  const values = answer.value.series.flatMap(({ samples }) => samples.at(-1)?.value ?? [])
  return values.length === 0 ? undefined : Math.max(...values)
}

import type { Config } from '../../config/index.ts'
import { configOf } from './world.ts'

/** One approval that lasts over the model's weeks, so that its states are not multiplied by its age. */
export function modelConfig(regions: readonly string[]): Config {
  const base = configOf(regions)
  return {
    ...base,
    approvals: { required: 1, expiresMs: 4000 * 86_400_000 },
    train: { ...base.train, bakeRequests: 0, watchMs: 24 * 3_600_000, progressMs: 2 * 3_600_000 },
  }
}

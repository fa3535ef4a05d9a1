import type { Processes } from '../processes.ts'
import { waitFor } from '../wait.ts'

/** What every part needs to start. */
export interface PartContext {
  readonly stateDir: string
  readonly processes: Processes
  /** Path of a built binary. */
  readonly bin: (name: string) => string
  /** Kubeconfig context -> namespace. */
  readonly environments: Readonly<Record<string, string>>
  readonly say: (what: string) => void
}

/** Waits for a part, and gives up at once, with its log, when its process has ended. */
export async function until<T>(
  { processes }: PartContext,
  name: string,
  seconds: number,
  probe: () => Promise<T | undefined>,
): Promise<T> {
  const outcome = await waitFor(`${name} to be ready`, seconds, async () => {
    try {
      processes.assertAlive(name)
    } catch (error) {
      return { dead: error }
    }
    const value = await probe()
    return value === undefined ? undefined : { value }
  }).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}\n${processes.logTail(name)}`, { cause: error })
  })
  if ('dead' in outcome) throw outcome.dead
  return outcome.value
}

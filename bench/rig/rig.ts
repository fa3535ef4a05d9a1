import { ghostLines } from '../../rig/ghosts.ts'
import { attachRig, buildRig, isBuilt, type Rig, startRig } from '../../rig/index.ts'
import { findUp } from '../../rig/state.ts'

/** A rig of its own, ended by `end`; or the one of rig:up, which stays. */
export async function benchRig({
  up,
}: {
  readonly up: boolean
}): Promise<{ rig: Rig; end(): Promise<void> }> {
  const say = (line: string) => console.error(`rig: ${line}`)
  if (up) {
    const running = findUp()
    if (running === undefined) throw new Error('no rig is up: npm run rig:up')
    return { rig: attachRig(running), end: async () => {} }
  }
  if (!isBuilt()) await buildRig(say)
  const rig = await startRig({ say, argocd: false })
  // A benchmark that is interrupted ends what it has started, too.
  const interrupted = () => void rig.stop().finally(() => process.exit(130))
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, interrupted)
  return {
    rig,
    async end() {
      const ghosts = ghostLines(rig.stateDir)
      if (ghosts > 100)
        say(`${ghosts} lines of reconciling Rollouts that are gone: the timings are not to be trusted`)
      await rig.stop()
    },
  }
}

import type { TestProject } from 'vitest/node'
import { ghostLines } from './ghosts.ts'
import { buildRig, isBuilt, type RigConnections, startRig } from './index.ts'
import { memory } from './processes.ts'
import { findUp } from './state.ts'

declare module 'vitest' {
  interface ProvidedContext {
    rig: RigConnections
  }
}

/**
 * One rig for all files of a run. With TUESDAY_RIG=up the one of rig:up is used and stays: seconds saved while a
 * test is being written, at the price of what earlier runs left in it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const say = (line: string) => console.log(`rig: ${line}`)
  if (process.env.TUESDAY_RIG === 'up') {
    const running = findUp()
    if (running === undefined) throw new Error('TUESDAY_RIG=up, but no rig is up: run npm run rig:up')
    project.provide('rig', running)
    return async () => {}
  }
  if (!isBuilt()) await buildRig(say)
  const rig = await startRig({ say })
  const { kube: _kube, load: _load, ...rest } = rig
  project.provide('rig', JSON.parse(JSON.stringify(rest)) as RigConnections)
  return async () => {
    say(`resident MB ${JSON.stringify(memory(rig.stateDir))}`)
    const ghosts = ghostLines(rig.stateDir)
    if (ghosts > 100)
      say(`${ghosts} lines of reconciling Rollouts that are gone: timings of this run are not to be trusted`)
    await rig.stop()
  }
}

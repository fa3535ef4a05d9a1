import { runAction } from '../../src/action/index.ts'
import { action } from './action.ts'

await runAction(action, async (context) => {
  switch (context.inputs.mode) {
    case 'replay':
      return (await import('./replay.ts')).runReplay(context)
    case 'calibrate':
      return (await import('./calibrate.ts')).runCalibrate(context)
    default:
      return (await import('./gate.ts')).runGate(context)
  }
})

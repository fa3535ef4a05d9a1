import { runAction } from '../../src/action/index.ts'
import { action } from './action.ts'

await runAction(action, async (context) => {
  const { contractGate } = await import('./gate.ts')
  return contractGate(context)
})

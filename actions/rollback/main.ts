import { faultOutcome, runAction } from '../../src/action/index.ts'
import { action } from './action.ts'

await runAction(action, async (context) => {
  const { runRollback } = await import('./rollback.ts')
  const outcome = await runRollback(context)
  return outcome.ok ? outcome.value : faultOutcome(outcome.fault)
})

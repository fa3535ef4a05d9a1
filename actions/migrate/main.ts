import { runAction } from '../../src/action/index.ts'
import { action } from './action.ts'
import type { AnyOutcome } from './outcome.ts'

await runAction(action, async (context): Promise<AnyOutcome> => {
  const { mode } = context.inputs
  if (mode === 'lint') {
    const { runLint } = await import('./lint.ts')
    return runLint(context)
  }
  if (mode === 'rehearse') {
    const { runRehearsal } = await import('./rehearse.ts')
    return runRehearsal(context)
  }
  const { runMigrate } = await import('./migrate.ts')
  return runMigrate(context, mode)
})

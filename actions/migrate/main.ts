import { runAction } from '../../src/action/index.ts'
import { action } from './action.ts'

await runAction(action, async (context) => {
  if (context.inputs.mode === 'lint') {
    const { runLint } = await import('./lint.ts')
    return runLint(context)
  }
  if (context.inputs.mode === 'rehearse') {
    const { runRehearsal } = await import('./rehearse.ts')
    return runRehearsal(context)
  }
  const { runMigrate } = await import('./migrate.ts')
  return runMigrate(context)
})

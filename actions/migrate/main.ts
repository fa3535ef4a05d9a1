import { runAction } from '../../src/action/index.ts'
import { action } from './action.ts'

await runAction(action, async (context) => {
  const { runMigrate } = await import('./migrate.ts')
  return runMigrate(context)
})

import { runAction } from '../../src/action/index.ts'
import { action } from './action.ts'

await runAction(action, async (context) => {
  const { releaseWindow } = await import('./window.ts')
  return releaseWindow(context)
})

import { runAction } from '../../src/action/index.ts'
import { action } from './action.ts'

await runAction(action, async (context) => {
  const { runBuildImage } = await import('./build-image.ts')
  return runBuildImage(context)
})

import { faultOutcome, runAction } from '../../src/action/index.ts'
import { action } from './action.ts'

await runAction(action, async (context) => {
  const { checkRequest } = await import('./request.ts')
  const request = checkRequest(context.inputs, context.runner)
  if (!request.ok) return faultOutcome(request.fault)
  // Pins and ledger stand in one commit, so there is no half of a step.
  context.endState('the last commit of the GitOps repository stands; run the same step again to go on')
  const { runRegionRollout } = await import('./rollout.ts')
  const outcome = await runRegionRollout(context, request.value)
  return outcome.ok ? outcome.value : faultOutcome(outcome.fault)
})

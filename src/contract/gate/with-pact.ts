import type { PactAnswer } from '../pact/ask.ts'
import type { CheckResult } from './check.ts'

const order = [
  'breaking',
  'pact-refused',
  'incomplete',
  'pact-unknown',
  'new-not-allowed',
  'new',
  'compatible',
] as const satisfies readonly CheckResult['state'][]

/** The answer with what the consumers' own tests say of it: the worse of the two counts. */
export function withPact(result: CheckResult, pact: readonly PactAnswer[]): CheckResult {
  const has = (state: PactAnswer['state']): boolean => pact.some((one) => one.state === state)
  const own: CheckResult['state'] = has('not-deployable')
    ? 'pact-refused'
    : has('unknown')
      ? 'pact-unknown'
      : 'compatible'
  const state = order.indexOf(own) < order.indexOf(result.state) ? own : result.state
  return { ...result, state, pact }
}

/**
 * The runtime of the actions, and the only code that touches @actions/core. Imported only by actions/.
 *
 *     // actions/canary-gate/action.ts
 *     export const action = defineAction({
 *       name: 'canary-gate',
 *       description: 'Promotes a canary step by step while its errors stay within the margin.',
 *       inputs: {
 *         config: input.text({ default: 'tuesday.yaml', description: 'Path of tuesday.yaml.' }),
 *         environment: input.text({ required: true, description: 'Name of the environment.' }),
 *         'timeout': input.duration({ default: '3h', max: '5h', description: 'Longest the gate holds on.' }),
 *       },
 *       outputs: { weight: 'Weight of the canary when the gate answered.' },
 *     })
 *
 *     // actions/canary-gate/main.ts
 *     import { faultOutcome, runAction } from '../../src/action/index.ts'
 *     import { action } from './action.ts'
 *
 *     await runAction(action, async ({ inputs, runner, clock, fetch, logger, signal }) => {
 *       const { readConfig } = await import('../../src/config/index.ts') // loaded after the inputs are good
 *       const config = await readConfig(...)
 *       if (!config.ok) return faultOutcome(config.fault)
 *       ...
 *       return { verdict: 'pass', reason: 'done', message: '...', data: { version: 1 }, outputs: { weight: 100 } }
 *     })
 */
export type { ActionContext, Context, RunnerFacts } from './context.ts'
export { gitopsInputs } from './gitops-inputs.ts'
export type { InputSpec, Parsed } from './inputs.ts'
export { input } from './inputs.ts'
export type { Json } from './json.ts'
export type { Annotation, AnnotationLevel, Outcome, SummarySection } from './outcome.ts'
export { faultOutcome } from './outcome.ts'
export type { Action, InputSpecs, Values } from './registry.ts'
export { commonInputs, commonOutputs, defineAction, jobToken } from './registry.ts'
export type { Handler } from './run.ts'
export { runAction } from './run.ts'
export { escapeMarkdown, markdownTable } from './summary.ts'

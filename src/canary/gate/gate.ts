import { ok, type Result } from '../../release/index.ts'
import { bell, ringOnChange } from './bell.ts'
import type { GateContext, GateOptions, GateOutcome } from './options.ts'
import { GateRun } from './run.ts'

/** Follows the digest to the end of its rollout: promotes, aborts, or says what it waits for. */
export async function watchCanary(context: GateContext, options: GateOptions): Promise<Result<GateOutcome>> {
  const run = new GateRun(context, options)
  const stopped = new AbortController()
  const alarm = bell()
  const signal = AbortSignal.any([context.signal, stopped.signal])
  const watching = ringOnChange(context.kube, options.target, signal, alarm)
  try {
    for (;;) {
      const step = await run.look()
      if (!step.ok) return step
      const outcome = await run.act(step.value)
      if (outcome !== undefined) return outcome
      context.tidy?.()
      await alarm.wait(run.tickMs, context.clock, context.signal)
    }
  } catch (error) {
    if (!context.signal.aborted) throw error
    return ok(await run.cancelled())
  } finally {
    stopped.abort()
    await watching.catch(() => undefined)
  }
}

/** One look that changes nothing: what the gate would do now. */
export async function evaluateCanary(
  context: GateContext,
  options: GateOptions,
): Promise<Result<GateOutcome>> {
  const run = new GateRun(context, options)
  const step = await run.look({ single: true })
  return step.ok ? ok(run.answer(step.value)) : step
}

import { faultOutcome, type Outcome } from '../../src/action/index.ts'
import { parseThresholds, replayText } from '../../src/canary/index.ts'
import { type GateRun, inputMissing, readText } from './setup.ts'

/** Mode `replay`: what the gate would have said of the rollouts of a file. No cluster, no network. */
export async function runReplay(run: GateRun): Promise<Outcome> {
  const { samples, thresholds, mode } = run.inputs
  if (samples === undefined) return faultOutcome(inputMissing('samples', mode))
  const text = await readText(run, samples, 'samples')
  if (!text.ok) return faultOutcome(text.fault)
  const given = thresholds === undefined ? undefined : await readText(run, thresholds, 'thresholds')
  if (given?.ok === false) return faultOutcome(given.fault)
  const calibration = given === undefined ? undefined : parseThresholds(given.value, thresholds ?? '')
  if (calibration?.ok === false) return faultOutcome(calibration.fault)

  const { rollouts, invalid, summary } = replayText(text.value, samples, {
    calibration: calibration?.value,
    eachBlock: (verdict) => run.logger.info(JSON.stringify(verdict)),
  })
  if (invalid !== undefined) return { ...faultOutcome(invalid), data: { version: 1, rollouts }, summary }
  return {
    verdict: 'pass',
    reason: 'canary-replayed',
    message: `${rollouts.length} rollouts of ${samples} were judged.`,
    data: { version: 1, rollouts },
    outputs: { weight: 0 },
    summary,
  }
}

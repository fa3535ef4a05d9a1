import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { faultOutcome, type Outcome } from '../../src/action/index.ts'
import { calibrateFromHistory, calibrationSummary } from '../../src/canary/index.ts'
import { type GateRun, inputMissing, openSite } from './setup.ts'

/** Mode `calibrate`: reads the past of the stable pods and writes the thresholds; nothing in the cluster changes. */
export async function runCalibrate(run: GateRun): Promise<Outcome> {
  const { thresholds, history, mode } = run.inputs
  if (thresholds === undefined) return faultOutcome(inputMissing('thresholds', mode))
  const site = await openSite(run)
  if (!site.ok) return faultOutcome(site.fault)
  const { asked, environment, context } = site.value
  const found = await calibrateFromHistory(context, { ...asked, environment, historyMs: history })
  if (!found.ok) return faultOutcome(found.fault)
  await writeFile(resolve(run.runner.workspace, thresholds), `${JSON.stringify(found.value, undefined, 2)}\n`)
  const { runs, falseAlarms } = found.value
  return {
    verdict: 'pass',
    reason: 'canary-calibrated',
    message: `${thresholds} holds the thresholds of ${found.value.workload} by ${runs} placebo rollouts; ${falseAlarms.count} of them would have been a false alarm.`,
    data: found.value,
    outputs: { weight: 0 },
    summary: calibrationSummary(found.value),
  }
}

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { faultOutcome, type Outcome } from '../../src/action/index.ts'
import { calibrateFromHistory, calibrationSummary } from '../../src/canary/index.ts'
import { fileOf, type GateRun, openSite } from './setup.ts'

/** Mode `calibrate`: reads the past of the stable pods and writes the thresholds; nothing in the cluster changes. */
export async function runCalibrate(run: GateRun): Promise<Outcome> {
  const { thresholds = '', history } = run.inputs
  const site = await openSite(run, ['thresholds'])
  if (!site.ok) return faultOutcome(site.fault)
  const file = fileOf(run, thresholds, 'thresholds')
  if (!file.ok) return faultOutcome(file.fault)
  const { asked, environment, context } = site.value
  const found = await calibrateFromHistory(context, { ...asked, environment, historyMs: history })
  if (!found.ok) return faultOutcome(found.fault)
  await mkdir(dirname(file.value), { recursive: true })
  await writeFile(
    file.value,
    `${JSON.stringify(found.value, undefined, 2)}
`,
  )
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

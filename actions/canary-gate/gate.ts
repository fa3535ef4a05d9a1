import { faultOutcome, type Outcome } from '../../src/action/index.ts'
import { evaluateCanary, httpProbes, readThresholds, summaryOf, watchCanary } from '../../src/canary/index.ts'
import { httpFlaggerGate } from '../../src/cluster/index.ts'
import type { Digest } from '../../src/release/index.ts'
import { memoryKeeper } from '../../src/system/index.ts'
import { type GateRun, openSite, readText } from './setup.ts'

/** Modes `watch` and `evaluate`. */
export async function runGate(run: GateRun): Promise<Outcome> {
  // First of all: what has grown by then stays.
  const tidy = memoryKeeper()
  const { inputs, fetch } = run
  const { digest, thresholds, 'preview-url': previewUrl, 'active-url': activeUrl, probes: minimum } = inputs
  const site = await openSite(run, ['digest'])
  if (!site.ok) return faultOutcome(site.fault)
  const { asked, environment, context } = site.value

  const text = thresholds === undefined ? undefined : await readText(run, thresholds, 'thresholds')
  if (text?.ok === false) return faultOutcome(text.fault)
  const wanted = { workload: asked.target.name, environment, blockMs: asked.blockMs }
  const calibration = text === undefined ? undefined : readThresholds(text.value, thresholds ?? '', wanted)
  if (calibration?.ok === false) return faultOutcome(calibration.fault)

  const prober =
    previewUrl === undefined
      ? undefined
      : httpProbes(fetch, { previewUrl, minimum, ...(activeUrl === undefined ? {} : { activeUrl }) })
  const exempt = inputs['slo-exempt']
  const rollbackUrl = inputs['flagger-rollback-url']
  const follow = inputs.mode === 'evaluate' ? evaluateCanary : watchCanary
  const outcome = await follow(
    {
      ...context,
      tidy,
      ...(prober === undefined ? {} : { prober }),
      ...(rollbackUrl === undefined ? {} : { flaggerGate: httpFlaggerGate(fetch, rollbackUrl) }),
    },
    {
      ...asked,
      judge: { ...asked.judge, ...(calibration === undefined ? {} : { calibration: calibration.value }) },
      digest: digest as Digest, // it is there, and the registry has checked its form
      inconclusive: inputs.inconclusive,
      ...(exempt === 'none' ? {} : { exempt }),
      timeoutMs: inputs.timeout,
      startWithinMs: inputs['start-within'],
      onCancel: inputs['on-cancel'],
    },
  )
  if (!outcome.ok) return faultOutcome(outcome.fault)
  const { verdict, reason, why, next, until, record } = outcome.value
  return {
    verdict,
    reason,
    message: why,
    ...(next === undefined ? {} : { next }),
    ...(until === undefined ? {} : { until }),
    data: record,
    outputs: { weight: record.weight },
    summary: summaryOf(outcome.value),
  }
}

import { faultOutcome, runAction } from '../../src/action/index.ts'
import type { Digest } from '../../src/release/index.ts'
import { action } from './action.ts'

await runAction(action, async ({ inputs, runner, env, clock, fetch, logger, mask, signal, endState }) => {
  const { environment: findEnvironment, readConfig } = await import('../../src/config/index.ts')
  const config = await readConfig(runner.workspace, inputs.config)
  if (!config.ok) return faultOutcome(config.fault)
  const environment = findEnvironment(config.value, inputs.environment)
  if (!environment.ok) return faultOutcome(environment.fault)

  const { evaluateCanary, gateFromConfig, httpProbes, openPrometheus, summaryOf, watchCanary } = await import(
    '../../src/canary/index.ts'
  )
  const asked = gateFromConfig(config.value, environment.value, { blockMs: inputs['scrape-interval'] })
  if (!asked.ok) return faultOutcome(asked.fault)
  const prometheus = openPrometheus(environment.value, { env, fetch, clock, mask })
  if (!prometheus.ok) return faultOutcome(prometheus.fault)

  const { httpFlaggerGate, openClusters } = await import('../../src/cluster/index.ts')
  const { kubeconfig } = inputs
  const kube = await openClusters({ kubeconfig, env, clock })(environment.value.cluster.context)
  if (!kube.ok) return faultOutcome(kube.fault)

  const { 'preview-url': previewUrl, 'active-url': activeUrl, probes: minimum } = inputs
  const prober =
    previewUrl === undefined
      ? undefined
      : httpProbes(fetch, { previewUrl, minimum, ...(activeUrl === undefined ? {} : { activeUrl }) })

  const rollbackUrl = inputs['flagger-rollback-url']
  const run = inputs.mode === 'evaluate' ? evaluateCanary : watchCanary
  const outcome = await run(
    {
      kube: kube.value,
      prometheus: prometheus.value,
      clock,
      logger,
      signal,
      endState,
      ...(prober === undefined ? {} : { prober }),
      ...(rollbackUrl === undefined ? {} : { flaggerGate: httpFlaggerGate(fetch, rollbackUrl) }),
    },
    {
      ...asked.value,
      digest: inputs.digest as Digest, // the registry has checked its form
      inconclusive: inputs.inconclusive,
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
})

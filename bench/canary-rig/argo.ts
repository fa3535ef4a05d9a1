import type { KubeObject, Rig } from '../../rig/index.ts'

/**
 * The analysis of the Argo Rollouts documentation (success rate, `interval: 5m`, `result[0] >= 0.95`, `failureLimit:
 * 3`, `irate[5m]`) thirty times faster, as the scrapes of the rig are (1 s instead of 15-30 s), on the canary's own pods.
 */
export const SCALE = 30
const INTERVAL_S = 300 / SCALE
export const RULE = `irate[${INTERVAL_S}s] >= 0.95 each ${INTERVAL_S} s, failureLimit 3: the documentation's, ${SCALE} times faster`
const METRIC = 'success-rate'

export const templateOf = (rig: Rig, namespace: string, workload: string): KubeObject => {
  const series = (more: string) =>
    `sum(irate(http_requests_total{namespace="${namespace}",workload="${workload}",pod=~"${workload}-{{args.hash}}-.*"${more}}[${INTERVAL_S}s]))`
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisTemplate',
    metadata: { name: workload, namespace },
    spec: {
      args: [{ name: 'hash' }],
      metrics: [
        {
          name: METRIC,
          interval: `${INTERVAL_S}s`,
          successCondition: 'result[0] >= 0.95',
          failureLimit: 3,
          provider: {
            prometheus: { address: rig.prometheusUrl, query: `${series(',code!~"5.."')} / ${series('')}` },
          },
        },
      ],
    },
  }
}

/** A background analysis from the first weight on; `dryRun` measures and leaves the Rollout alone. */
export const analysisOf = (workload: string, { dryRun }: { readonly dryRun: boolean }) => ({
  analysis: {
    templates: [{ templateName: workload }],
    startingStep: 1,
    args: [{ name: 'hash', valueFrom: { podTemplateHashValue: 'Latest' } }],
    ...(dryRun ? { dryRun: [{ metricName: METRIC }] } : {}),
  },
})

interface AnalysisRun {
  readonly metadata: { readonly ownerReferences?: readonly { readonly name: string }[] }
  readonly status?: {
    readonly metricResults?: readonly {
      readonly name: string
      readonly phase: string
      readonly measurements?: readonly unknown[]
    }[]
  }
}

/** What a dry run has come to: a metric that is Failed or Error would have ended the rollout. */
export async function dryRunOf(
  rig: Rig,
  namespace: string,
  workload: string,
): Promise<{ readonly wouldAbort: boolean; readonly measurements: number }> {
  const path = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/analysisruns`
  const runs = (await rig.kube.list(path)) as unknown as readonly AnalysisRun[]
  const results = runs
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ name }) => name === workload))
    .flatMap(({ status }) => status?.metricResults ?? [])
    .filter(({ name }) => name === METRIC)
  return {
    wouldAbort: results.some(({ phase }) => phase === 'Failed' || phase === 'Error'),
    measurements: results.reduce((sum, { measurements }) => sum + (measurements?.length ?? 0), 0),
  }
}

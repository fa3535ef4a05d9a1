/** A tuesday.yaml with nothing in it that a way back does not need. */
export function smallConfig(of: {
  readonly service: string
  readonly workloads: readonly { readonly name: string; readonly kind: string; readonly container: string }[]
  readonly gitopsUrl: string
  readonly environments: readonly {
    readonly name: string
    readonly context: string
    readonly namespace: string
    readonly application: string
  }[]
}): string {
  const environment = ({ name, context, namespace, application }: (typeof of.environments)[number]) => `
  ${name}:
    production: ${name !== 'staging'}
    jurisdiction: us
    timezone: UTC
    cluster: { context: ${context} }
    namespace: ${namespace}
    argocd: { namespace: argocd, application: ${application} }
    gitops:
      path: environments/${name}
      values: charts/${of.service}/values-${name}.yaml
      pins: environments/${name}/pins.yaml
    prometheus: { url: "http://127.0.0.1:9" }`
  const [first] = of.environments
  const all =
    first === undefined
      ? []
      : [...of.environments, { ...first, name: 'staging', namespace: 'staging', application: 'staging' }]
  const workload = ({ name, kind, container }: (typeof of.workloads)[number]) =>
    `\n  - { name: ${name}, kind: ${kind}, container: ${container} }`
  const canary = of.workloads.some(({ kind }) => kind === 'Rollout')
    ? `
canary:
  holds: { 5: 1s }
  metrics: [{ name: errors, slo: availability }]`
    : ''
  return `version: 1
service: ${of.service}
image: { repository: registry.example.com/acme/${of.service} }
workloads:${of.workloads.map(workload).join('')}
gitops: { repository: "${of.gitopsUrl}", branch: main, chart: charts/${of.service} }
environments:${all.map(environment).join('')}
train: { timezone: UTC, order: [${of.environments.map(({ name }) => name).join(', ')}] }
slos:
  - { name: availability, target: 99.9, total: 'http_requests_total', bad: 'http_requests_total{code=~"5.."}' }${canary}
`
}

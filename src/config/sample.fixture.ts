/** The smallest file with everything in it, for tests. Line 1 is `version: 1`. */
export const sample = `version: 1
service: orders
image:
  repository: registry.example.com/acme/orders
workloads:
  - name: orders-api
    kind: Rollout
    container: api
  - name: orders-worker
    kind: Deployment
    container: worker
gitops:
  repository: acme/gitops
  branch: live
  chart: charts/orders
environments:
  staging:
    production: false
    jurisdiction: eu
    timezone: UTC
    cluster: { context: staging }
    namespace: orders-staging
    argocd: { application: orders-staging }
    gitops:
      path: env/staging
      values: charts/orders/values-staging.yaml
      pins: env/staging/pins.yaml
    prometheus: { url: "http://prometheus:9090/" }
    database: { url-env: DATABASE_URL }
  prod-a:
    production: true
    jurisdiction: eu
    timezone: Europe/Berlin
    runner: [self-hosted, eu]
    cluster: { context: prod-a }
    namespace: orders
    argocd: { application: orders-a, context: hub }
    gitops:
      path: env/prod-a
      values: charts/orders/values-a.yaml
      pins: env/prod-a/pins.yaml
    prometheus: { url: https://prometheus.example.com, token-env: PROM_TOKEN }
    database: { url-env: DATABASE_URL }
    window: { days: [Mon, Tue], from: "09:00", to: "24:00" }
  prod-b:
    production: true
    jurisdiction: us
    timezone: America/New_York
    cluster: { context: prod-b }
    namespace: orders
    argocd: { application: orders-b, context: hub }
    gitops:
      path: env/prod-b
      values: charts/orders/values-b.yaml
      pins: env/prod-b/pins.yaml
    prometheus: { url: https://prometheus.example.com }
    database: { url-env: DATABASE_URL }
train:
  timezone: UTC
  order: [prod-a, prod-b]
slos:
  - name: availability
    target: 99.9
    total: http_requests_total{namespace="$namespace"}
    bad: http_requests_total{namespace="$namespace",code=~"5..$"}
canary:
  holds:
    5: 30m
    100: 1h
  metrics:
    - name: errors
      slo: availability
    - name: lost-orders
      total: orders_total{workload="$workload"}
      bad: orders_lost_total{workload="$workload"}
migrations:
  folder: migrations
contracts:
  openapi: openapi.yaml
`

/** Exchanges one part that must be there exactly once, so that a test cannot quietly change nothing. */
export function edited(from: string, to: string, text = sample): string {
  const parts = text.split(from)
  if (parts.length !== 2)
    throw new Error(`${JSON.stringify(from)} stands ${parts.length - 1} times in the sample`)
  return parts.join(to)
}

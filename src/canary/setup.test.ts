import { describe, expect, it } from 'vitest'
import { type Config, environment, loadConfig } from '../config/index.ts'
import { type Fetch, unwrap } from '../release/index.ts'
import { systemClock } from '../system/index.ts'
import { gateFromConfig, openPrometheus } from './setup.ts'

const clock = systemClock()
const PROMETHEUS = '{ url: "http://prometheus:9090/" }'

function configOf({ metric = 'slo: availability', prometheus = PROMETHEUS }): Config {
  const place = (name: string, production: boolean) => `  ${name}:
    production: ${production}
    jurisdiction: eu
    timezone: UTC
    cluster: { context: ${name} }
    namespace: orders
    argocd: { application: orders-${name} }
    gitops: { path: env/${name}, values: charts/orders/values.yaml, pins: env/${name}/pins.yaml }
    prometheus: ${prometheus}
`
  const text = `version: 1
service: orders
image: { repository: registry.example.com/acme/orders }
workloads: [{ name: orders-api, kind: Rollout, container: api }]
gitops: { repository: acme/gitops, chart: charts/orders }
environments:
${place('staging', false)}${place('prod', true)}train: { timezone: UTC, order: [prod] }
slos: [{ name: availability, target: 99.9, total: requests_total, bad: 'requests_total{code="500"}' }]
canary:
  metrics:
    - name: first
      ${metric}
`
  return unwrap(loadConfig(text, 'tuesday.yaml'))
}
const staging = (config: Config) => unwrap(environment(config, 'staging'))

describe('a metric of tuesday.yaml', () => {
  const gate = (metric: string) => {
    const config = configOf({ metric })
    const { metrics, judge, blockMs } = unwrap(gateFromConfig(config, staging(config), { blockMs: 30_000 }))
    return { blockMs, metrics, options: judge.metrics?.first, minimum: judge.minimumRequests, judge }
  }

  it('of latency with a limit is compared, and guarded at the bound of the limit', () => {
    const { metrics, options, judge } = gate(
      'histogram: x_seconds{app="$workload"}\n      limit: { slower-than: 500ms, bad: 5, for: 2m }',
    )
    const [source, guard] = metrics
    expect(source).toMatchObject({ histogram: 'x_seconds{app="orders-api"}' })
    expect(source).not.toHaveProperty('cutSeconds')
    expect(options).toMatchObject({ kind: 'latency' })
    expect(options).not.toHaveProperty('limit')
    expect(guard).toMatchObject({ name: 'first-limit', cutSeconds: 0.5 })
    expect(judge.metrics?.['first-limit']).toMatchObject({ weight: 0, limit: { share: 0.05, blocks: 4 } })
  })

  it('of an SLO names what the service as a whole is held to; another metric does not', () => {
    const serviceOf = (metric: string) => {
      const config = configOf({ metric })
      return unwrap(gateFromConfig(config, staging(config))).service
    }
    expect(serviceOf('slo: availability')).toEqual({
      metric: 'first',
      total: 'requests_total',
      bad: 'requests_total{code="500"}',
      target: 0.999,
      periodMs: 30 * 24 * 3_600_000,
    })
    expect(serviceOf('gauge: lag_seconds\n      above: 3')).toBeUndefined()
  })

  it('of lag counts scrapes, so no number of requests is asked for', () => {
    const { metrics, minimum } = gate('gauge: lag_seconds\n      above: 3')
    expect(metrics[0]).toMatchObject({ gauge: 'lag_seconds', above: 3 })
    expect(minimum).toEqual({ first: 1 })
  })

  it('has a margin, a weight and a limit of its own where it says so', () => {
    const { options } = gate(
      'slo: availability\n      weight: 0.3\n      margin: { ratio: 3, difference: 2 }\n      limit: { bad: 1, for: 5m }',
    )
    expect(options).toMatchObject({ weight: 0.3, ratio: 3, delta: 0.02, limit: { share: 0.01, blocks: 10 } })
  })
})

describe('Prometheus of an environment', () => {
  const asked = async (form: string, env: Record<string, string>) => {
    const seen: Headers[] = []
    const masked: string[] = []
    const fetch: Fetch = async (_url, init) => {
      seen.push(new Headers(init?.headers))
      return Response.json({ status: 'success', data: { resultType: 'matrix', result: [] } })
    }
    const server = openPrometheus(staging(configOf({ prometheus: form })), {
      env,
      fetch,
      clock,
      mask: (secret) => masked.push(secret),
    })
    if (server.ok) await server.value.raw('up', 60, AbortSignal.timeout(5_000))
    return { server, headers: seen[0], masked }
  }

  it('is asked with the user, the password and the headers whose variables tuesday.yaml names', async () => {
    const form =
      '{ url: "http://prometheus:9090/", basic-env: { user: P_USER, password: P_PASS }, header-envs: { X-Scope-OrgID: P_ORG } }'
    const { headers, masked } = await asked(form, { P_USER: 'reader', P_PASS: 's3cret', P_ORG: 'shop' })
    expect(headers?.get('authorization')).toBe(`Basic ${btoa('reader:s3cret')}`)
    expect(headers?.get('x-scope-orgid')).toBe('shop')
    expect(masked).toEqual(['s3cret', 'shop'])
  })

  it('is not asked while a variable that it needs is not set, and the name of it is told', async () => {
    const form = '{ url: "http://prometheus:9090/", token-env: P_TOKEN }'
    const { server, headers } = await asked(form, {})
    expect(server).toMatchObject({
      ok: false,
      fault: { reason: 'invalid-input', next: expect.stringContaining('P_TOKEN') },
    })
    expect(headers).toBeUndefined()
  })
})

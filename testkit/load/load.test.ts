import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLoad, exposition, type Load } from './index.ts'
import { split } from './split.ts'
import type { ClusterReader, NamespaceView, Pod, Sample } from './types.ts'

const stableDigest = `sha256:${'a'.repeat(64)}`
const canaryDigest = `sha256:${'b'.repeat(64)}`

/** A namespace as the API server shows it: 9 stable pods, 1 canary pod, a router. */
function cluster(
  change: { weights?: readonly [number, number]; restarts?: number; gone?: string } = {},
): ClusterReader {
  const pod = (name: string, hash: string, digest: string) => ({
    metadata: { name, labels: { 'app.kubernetes.io/name': 'api', hash } },
    spec: {
      containers: [
        { name: 'proxy', image: 'proxy:1' },
        { name: 'api', image: `r/api@${digest}` },
      ],
    },
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ name: 'api', restartCount: change.restarts ?? 0 }],
    },
  })
  const pods = [
    ...Array.from({ length: 9 }, (_, i) => pod(`stable-${i}`, 's', stableDigest)),
    pod('canary-0', 'c', canaryDigest),
  ].filter(({ metadata }) => metadata.name !== change.gone)
  const [stable, canary] = change.weights ?? [95, 5]
  const items: Readonly<Record<string, readonly unknown[]>> = {
    pods,
    services: [
      { metadata: { name: 'api-stable' }, spec: { selector: { hash: 's' } } },
      { metadata: { name: 'api-canary' }, spec: { selector: { hash: 'c' } } },
    ],
    rollouts: [
      {
        metadata: { name: 'api' },
        spec: {
          strategy: {
            canary: { trafficRouting: { istio: { virtualService: { name: 'api', routes: ['main'] } } } },
          },
        },
      },
    ],
    virtualservices: [
      {
        metadata: { name: 'api' },
        spec: {
          http: [
            { name: 'other', route: [{ destination: { host: 'elsewhere' } }] },
            {
              name: 'main',
              route: [
                { destination: { host: 'api-stable.shop.svc.cluster.local' }, weight: stable },
                { destination: { host: 'api-canary' }, weight: canary },
              ],
            },
          ],
        },
      },
    ],
  }
  return { get: async () => undefined, list: async (path) => items[path.split('/').at(-1) ?? ''] ?? [] }
}

function load(reader: ClusterReader, seed = 7): Load {
  return createLoad({
    cluster: reader,
    seed,
    targets: [{ namespace: 'shop', workload: 'api', requestsPerSecond: 1000 }],
    behaviours: {
      '*': { errorRate: 0, latencySeconds: 0.02 },
      [canaryDigest]: { errorRate: 0.05, latencySeconds: 0.2, latencySigma: 0 },
    },
  })
}

function total(
  samples: readonly Sample[],
  labels: Readonly<Record<string, string>>,
  name = 'http_requests_total',
) {
  return samples
    .filter((s) => s.name === name && Object.entries(labels).every(([key, value]) => s.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0)
}

describe('the split', () => {
  it('follows the weights of the named route, not the number of pods', async () => {
    const generator = load(cluster())
    await generator.tick(60)
    const samples = generator.samples()
    const canary = total(samples, { digest: canaryDigest })
    const all = total(samples, {})
    // 60,000 draws: four standard deviations are 0.36 %.
    expect(Math.abs(canary / all - 0.05)).toBeLessThan(0.0036)
    expect(Math.abs(all - 60_000)).toBeLessThan(4 * Math.sqrt(60_000))
  })

  it.each([
    ['no canary weight', { weights: [100, 0] as const }, { canary: 0, unrouted: 0 }],
    [
      'a canary without pods is dark',
      { weights: [50, 50] as const, gone: 'canary-0' },
      { canary: 0, unrouted: 0.5 },
    ],
    [
      'weights that do not add up to 100 are normalised',
      { weights: [1, 1] as const },
      { canary: 0.5, unrouted: 0 },
    ],
    ['all weights zero are dark', { weights: [0, 0] as const }, { canary: 0, unrouted: 1 }],
  ])('%s', async (_, change, expected) => {
    const generator = load(cluster(change))
    await generator.tick(20)
    const samples = generator.samples()
    expect(total(samples, { digest: canaryDigest }) / 20_000).toBeCloseTo(expected.canary, 1)
    expect(total(samples, {}, 'load_unrouted_requests_total') / 20_000).toBeCloseTo(expected.unrouted, 1)
  })

  it('hands every request to a ready pod or to nobody', () => {
    const pod = fc.record({ name: fc.uuid(), ready: fc.boolean(), hash: fc.constantFrom('s', 'c', 'x') })
    const weight = fc.nat(100)
    fc.assert(
      fc.property(
        fc.uniqueArray(pod, { selector: ({ name }) => name }),
        weight,
        weight,
        fc.boolean(),
        (pods, s, c, routed) => {
          const view: NamespaceView = {
            pods: pods.map(({ name, ready, hash }) =>
              podOf(name, ready, { 'app.kubernetes.io/name': 'api', hash }),
            ),
            services: new Map([
              ['s', { hash: 's' }],
              ['c', { hash: 'c' }],
              ['empty', {}],
            ]),
            routes: new Map(
              routed
                ? [
                    [
                      'api',
                      [
                        { service: 's', weight: s },
                        { service: 'c', weight: c },
                        { service: 'empty', weight: 1 },
                      ],
                    ],
                  ]
                : [],
            ),
          }
          const { shares, dark } = split(view, 'api')
          const sum = [...shares.values()].reduce((a, b) => a + b, dark)
          expect(sum).toBeCloseTo(1, 9)
          for (const receiver of shares.keys()) expect(receiver.ready).toBe(true)
          expect(dark).toBeGreaterThanOrEqual(0)
        },
      ),
    )
  })
})

describe('what pods answer', () => {
  it('fails at the rate and with the latency of the digest', async () => {
    const generator = load(cluster({ weights: [50, 50] }))
    await generator.tick(60)
    const samples = generator.samples()
    const failed = total(samples, { digest: canaryDigest, code: '500' })
    const answered = total(samples, { digest: canaryDigest })
    expect(Math.abs(failed / answered - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / answered))
    expect(total(samples, { digest: stableDigest, code: '500' })).toBe(0)
    const bucket = (le: string) =>
      total(samples, { digest: canaryDigest, le }, 'http_request_duration_seconds_bucket')
    expect([bucket('0.1'), bucket('0.25'), bucket('+Inf')]).toEqual([0, answered, answered])
  })

  it('changes while it runs', async () => {
    const generator = load(cluster({ weights: [50, 50] }))
    generator.setBehaviour(canaryDigest, { errorRate: 0, latencySeconds: 0.02 })
    await generator.tick(10)
    expect(total(generator.samples(), { code: '500' })).toBe(0)
    generator.setBehaviour(stableDigest, { errorRate: 1, latencySeconds: 0.02 })
    await generator.tick(10)
    expect(total(generator.samples(), { digest: stableDigest, code: '500' })).toBeGreaterThan(4_000)
    expect(total(generator.samples(), { digest: canaryDigest, code: '500' })).toBe(0)
  })

  it('answers as one pod is told to, whatever its digest does', async () => {
    const generator = load(cluster())
    generator.setBehaviour('stable-3', { errorRate: 1, latencySeconds: 0.02 })
    await generator.tick(20)
    const bad = generator.samples().filter(({ labels }) => labels.code === '500')
    expect(new Set(bad.map(({ labels }) => labels.pod))).toEqual(new Set(['stable-3', 'canary-0']))
    expect(total(generator.samples(), { pod: 'stable-3', code: '200' })).toBe(0)
  })

  it.each([
    [{ errorRate: 1.1, latencySeconds: 0.02 }, 'errorRate 1.1'],
    [{ errorRate: Number.NaN, latencySeconds: 0.02 }, 'errorRate NaN'],
    [{ errorRate: 0, latencySeconds: 0 }, 'latencySeconds 0'],
  ])('refuses %o', (behaviour, words) => {
    expect(() => load(cluster()).setBehaviour('*', behaviour)).toThrow(words)
  })
})

describe('series', () => {
  it('are the same for the same seed, and others for another', async () => {
    const exposed = async (seed: number) => {
      const generator = load(cluster(), seed)
      for (let i = 0; i < 5; i++) await generator.tick(1)
      return generator.exposition()
    }
    expect(await exposed(1)).toBe(await exposed(1))
    expect(await exposed(1)).not.toBe(await exposed(2))
  })

  it('begin at zero again when a container restarts, and end with the pod', async () => {
    let change: { restarts?: number; gone?: string } = {}
    const generator = load({ get: async () => undefined, list: (path) => cluster(change).list(path) })
    await generator.tick(60)
    const before = total(generator.samples(), { pod: 'stable-3' })
    change = { restarts: 1 }
    await generator.tick(1)
    expect(total(generator.samples(), { pod: 'stable-3' })).toBeLessThan(before / 10)
    const restarts = total(
      generator.samples(),
      { pod: 'stable-3' },
      'kube_pod_container_status_restarts_total',
    )
    expect(restarts).toBe(1)
    change = { gone: 'stable-3' }
    await generator.tick(1)
    expect(generator.samples().some(({ labels }) => labels.pod === 'stable-3')).toBe(false)
  })

  it('go on by the last split while the cluster cannot be read', async () => {
    let broken = false
    const reader = cluster()
    const generator = load({
      get: async () => undefined,
      list: (path) => (broken ? Promise.reject(new Error('down')) : reader.list(path)),
    })
    await generator.tick(1)
    broken = true
    const before = total(generator.samples(), {})
    await generator.tick(10)
    expect(total(generator.samples(), {}) - before).toBeGreaterThan(9_000)
    expect(total(generator.samples(), {}, 'load_cluster_read_failures_total')).toBe(1)
  })

  it('are gone after a reset', async () => {
    const generator = load(cluster())
    await generator.tick(1)
    generator.reset()
    await generator.tick(1)
    expect(total(generator.samples(), {})).toBe(0)
  })
})

describe('exposition', () => {
  it('groups a histogram under one TYPE line and escapes label values', () => {
    const text = exposition([
      { name: 'http_requests_total', labels: { pod: 'a"b\\c\nd' }, value: 1 },
      { name: 'http_request_duration_seconds_bucket', labels: { le: '+Inf' }, value: 2 },
      { name: 'http_requests_total', labels: {}, value: 3 },
      { name: 'http_request_duration_seconds_sum', labels: {}, value: Number.POSITIVE_INFINITY },
    ])
    expect(text).toBe(
      [
        '# TYPE http_requests_total counter',
        'http_requests_total{pod="a\\"b\\\\c\\nd"} 1',
        'http_requests_total 3',
        '# TYPE http_request_duration_seconds histogram',
        'http_request_duration_seconds_bucket{le="+Inf"} 2',
        'http_request_duration_seconds_sum +Inf',
        '',
      ].join('\n'),
    )
  })
})

function podOf(name: string, ready: boolean, labels: Readonly<Record<string, string>>): Pod {
  return { namespace: 'shop', name, ready, labels, containers: [] }
}

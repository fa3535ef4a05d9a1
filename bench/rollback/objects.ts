import type { Digest } from '../../src/release/index.ts'

/** What becomes of a pod that runs a digest; absent: ready at once. */
export interface Fate {
  readonly behaviour?: 'crash'
  readonly afterSeconds?: number
}

export interface Shape {
  readonly kind: 'router' | 'pods' | 'blue-green' | 'deployment' | 'workload-ref'
  readonly strategy?: Readonly<Record<string, unknown>>
  readonly spec?: Readonly<Record<string, unknown>>
  readonly postAnalysis?: boolean
  /** A Deployment of the same release beside it. */
  readonly follower?: boolean
}

const pause = [{ setWeight: 20 }, { pause: {} }, { setWeight: 60 }, { pause: {} }]

/** The chart of one application: JSON is YAML, and Helm puts digest and fate in. */
export function chartOf(name: string, shape: Shape, fates: ReadonlyMap<Digest, Fate>): string {
  const list = objectsOf(name, shape, fates)
  return list.map((each) => `---\n${JSON.stringify(each)}\n`).join('')
}

export const followerOf = (name: string) => `${name}-worker`

function objectsOf(name: string, shape: Shape, fates: ReadonlyMap<Digest, Fate>): readonly object[] {
  const own = appOf(name, shape, fates)
  if (shape.follower !== true) return own
  return [...own, deployment(followerOf(name), fates, { replicas: 3 })]
}

function appOf(name: string, shape: Shape, fates: ReadonlyMap<Digest, Fate>): readonly object[] {
  const { kind, spec = {}, strategy = {} } = shape
  if (kind === 'deployment') return [service(name), deployment(name, fates, { replicas: 5, ...spec })]
  const rollout = (own: object) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name },
    spec: { replicas: 5, revisionHistoryLimit: 5, ...own, ...spec },
  })
  const template = { selector: { matchLabels: { app: name } }, template: pod(name, name, fates) }
  if (kind === 'workload-ref') {
    const workloadRef = { apiVersion: 'apps/v1', kind: 'Deployment', name }
    return [
      service(name),
      deployment(name, fates, { replicas: 0 }),
      rollout({ workloadRef, strategy: { canary: { steps: pause, ...strategy } } }),
    ]
  }
  if (kind === 'blue-green') {
    const post = { postPromotionAnalysis: { templates: [{ templateName: name }] } }
    const blueGreen = {
      activeService: name,
      previewService: `${name}-preview`,
      ...(shape.postAnalysis === true ? post : {}),
      ...strategy,
    }
    return [
      service(name),
      service(`${name}-preview`, name),
      ...(shape.postAnalysis === true ? [analysis(name)] : []),
      rollout({ ...template, strategy: { blueGreen } }),
    ]
  }
  const routed = {
    stableService: `${name}-stable`,
    canaryService: `${name}-canary`,
    trafficRouting: { istio: { virtualService: { name, routes: ['primary'] } } },
  }
  const canary = { steps: pause, ...(kind === 'router' ? routed : {}), ...strategy }
  const around =
    kind === 'router'
      ? [service(`${name}-stable`, name), service(`${name}-canary`, name), virtualService(name)]
      : [service(name)]
  return [...around, rollout({ ...template, strategy: { canary } })]
}

function deployment(name: string, fates: ReadonlyMap<Digest, Fate>, spec: object): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { selector: { matchLabels: { app: name } }, template: pod(name, name, fates), ...spec },
  }
}

const digestOf = (workload: string) => `(index .Values.workloads \`${workload}\`).image.digest`

function pod(name: string, workload: string, fates: ReadonlyMap<Digest, Fate>): object {
  const digest = digestOf(workload)
  const choose = (of: (fate: Fate) => string | undefined, otherwise: string) => {
    const cases = [...fates].flatMap(([each, fate]) => {
      const value = of(fate)
      return value === undefined ? [] : [`{{ if eq ${digest} \`${each}\` }}${value}{{ else }}`]
    })
    return `${cases.join('')}${otherwise}${'{{ end }}'.repeat(cases.length)}`
  }
  return {
    metadata: {
      labels: { app: name },
      annotations: {
        'rig/behaviour': choose(({ behaviour }) => behaviour, 'well'),
        'rig/ready-after': choose(({ afterSeconds: s }) => (s === undefined ? undefined : `${s}s`), '0s'),
      },
    },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'app', image: `registry.example.com/acme/app@{{ ${digest} }}` }],
    },
  }
}

function service(name: string, app = name): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  }
}

function virtualService(name: string): object {
  const to = (suffix: string, weight: number) => ({ destination: { host: `${name}-${suffix}` }, weight })
  return {
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'VirtualService',
    metadata: { name },
    spec: { hosts: [name], http: [{ name: 'primary', route: [to('stable', 100), to('canary', 0)] }] },
  }
}

/** Keeps a blue-green Rollout after its cut-over: the first measurement never comes. */
function analysis(name: string): object {
  const web = { url: 'http://127.0.0.1:9', jsonPath: '{$.ok}' }
  const metrics = [
    { name: 'late', initialDelay: '30m', count: 1, successCondition: 'result', provider: { web } },
  ]
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisTemplate',
    metadata: { name },
    spec: { metrics },
  }
}

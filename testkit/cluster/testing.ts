import { type ManualClock, manualClock, type ScaledClock, scaledClock } from '../http/index.ts'
import { type ClusterOptions, type ClusterStandIn, startCluster } from './index.ts'
import { requireKind } from './kinds.ts'
import type { KubeObject } from './objects.ts'

/** Objects of the shape that a delivery chart renders; used by the tests of the stand-in and by its contract. */
export interface DeliveryShape {
  readonly namespace: string
  readonly name?: string
  readonly image: string
  readonly replicas?: number
  readonly annotations?: Record<string, string>
  readonly canary?: Record<string, unknown>
  readonly spec?: Record<string, unknown>
}

export function deliveryRollout(shape: DeliveryShape): KubeObject {
  const name = shape.name ?? 'delivery-api'
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name, namespace: shape.namespace, labels: { 'app.kubernetes.io/name': name } },
    spec: {
      replicas: shape.replicas ?? 4,
      revisionHistoryLimit: 5,
      selector: { matchLabels: { 'app.kubernetes.io/name': name } },
      template: podTemplate(name, 'api', shape),
      strategy: {
        canary: {
          stableService: `${name}-stable`,
          canaryService: `${name}-canary`,
          steps: [
            { setWeight: 5 },
            { pause: {} },
            { setWeight: 25 },
            { pause: {} },
            { setWeight: 50 },
            { pause: {} },
          ],
          trafficRouting: { istio: { virtualService: { name, routes: ['primary'] } } },
          ...shape.canary,
        },
      },
      ...shape.spec,
    },
  }
}

function podTemplate(name: string, container: string, shape: DeliveryShape): object {
  return {
    metadata: {
      labels: { 'app.kubernetes.io/name': name },
      ...(shape.annotations === undefined ? {} : { annotations: shape.annotations }),
    },
    spec: { containers: [{ name: container, image: shape.image }] },
  }
}

export function deliveryRouting(namespace: string, name = 'delivery-api'): KubeObject[] {
  const service = (suffix: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `${name}-${suffix}`, namespace },
    spec: {
      selector: { 'app.kubernetes.io/name': name },
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
    },
  })
  const destination = (suffix: string, weight: number) => ({
    destination: { host: `${name}-${suffix}` },
    weight,
  })
  return [
    service('stable'),
    service('canary'),
    {
      apiVersion: 'networking.istio.io/v1beta1',
      kind: 'VirtualService',
      metadata: { name, namespace },
      spec: {
        hosts: [name],
        http: [{ name: 'primary', route: [destination('stable', 100), destination('canary', 0)] }],
      },
    },
  ]
}

export function deliveryDeployment(shape: DeliveryShape): KubeObject {
  const name = shape.name ?? 'delivery-outbox-relay'
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: shape.namespace, labels: { 'app.kubernetes.io/name': name } },
    spec: {
      replicas: shape.replicas ?? 2,
      selector: { matchLabels: { 'app.kubernetes.io/name': name } },
      template: podTemplate(name, 'relay', shape),
      ...shape.spec,
    },
  }
}

export const imageOf = (letter: string): string =>
  `registry.example.com/acme/delivery-service@sha256:${letter.repeat(64)}`

export interface Bench<C> {
  readonly clock: C
  readonly cluster: ClusterStandIn
  get<T>(kind: string, name: string, namespace?: string): T
  apply(...objects: KubeObject[]): void
  close(): Promise<void>
}

/** A stand-in whose clock stands still between the steps of a test. */
export async function manualBench(options: ClusterOptions = {}): Promise<Bench<ManualClock>> {
  const clock = manualClock()
  return bench(clock, options)
}

/** A stand-in in which minutes pass in milliseconds. */
export async function fastBench(speed: number, options: ClusterOptions = {}): Promise<Bench<ScaledClock>> {
  const clock = scaledClock({ speed, start: new Date('2026-01-06T09:00:00Z') })
  return bench(clock, options)
}

async function bench<C extends ManualClock | ScaledClock>(
  clock: C,
  options: ClusterOptions,
): Promise<Bench<C>> {
  const cluster = await startCluster({ namespaces: ['delivery'], clock, ...options })
  return {
    clock,
    cluster,
    get<T>(kind: string, name: string, namespace = 'delivery'): T {
      const found = cluster.store.get(requireKind(kind), namespace, name)
      if (found === undefined) throw new Error(`${kind} ${namespace}/${name} is not there`)
      return found as T
    },
    apply(...objects) {
      for (const object of objects) {
        const kind = requireKind(object.kind)
        const live = cluster.store.get(kind, object.metadata.namespace, object.metadata.name)
        if (live === undefined) cluster.store.create(kind, object)
        else cluster.store.replace(kind, { ...object, metadata: { ...live.metadata, ...object.metadata } })
      }
    },
    async close() {
      await cluster.close()
      if (cluster.defects.length > 0) throw cluster.defects[0]
    },
  }
}

import { createHash } from 'node:crypto'
import { parse } from 'yaml'
import type { Render } from './engines/argocd.ts'
import { canonical, isObject, type JsonObject, type KubeObject } from './objects.ts'

// What `helm template` makes of the example's chart, for the objects that carry a release: the Rollout, its router
// and Services, its autoscaler, and the two Deployments. The demo has no Helm at hand; a test on the rig compares
// this with the real one. Budgets, policies and config maps carry no release and are left out.

const api = 'delivery-api'
const workers = [
  { name: 'delivery-outbox-relay', container: 'relay', entry: 'dist/relay.js' },
  { name: 'delivery-event-projector', container: 'projector', entry: 'dist/projector.js' },
]

interface Values {
  readonly image: { readonly repository: string }
  readonly workloads: Readonly<
    Record<
      string,
      {
        readonly image?: { readonly digest?: string }
        readonly replicas?: number
        readonly autoscaling?: { readonly min: number; readonly max: number }
      }
    >
  >
  readonly host: string
  readonly gateway: string
  readonly database: JsonObject
  readonly settings: Readonly<Record<string, string>>
  readonly pgbouncer: { readonly image: string }
}

/** Objects of one environment's folder. Throws where the chart's schema would refuse the values. */
export const renderDelivery: Render = (files, { namespace, valueFiles }) => {
  const values = valueFiles.reduce<JsonObject>(
    (merged, name) => merge(merged, yamlOf(files, name)),
    {},
  ) as unknown as Values
  const selector = (name: string) => ({
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/part-of': 'delivery-service',
  })
  const labels = (name: string) => ({ ...selector(name), 'app.kubernetes.io/managed-by': 'tuesday' })
  const object = (
    apiVersion: string,
    kind: string,
    name: string,
    spec: object,
    label = name,
  ): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name, namespace, labels: labels(label) },
    spec,
  })
  const template = (name: string, container: string, entry: string) => ({
    metadata: { labels: labels(name), annotations: podAnnotations(values) },
    spec: {
      initContainers: [{ name: 'pgbouncer', image: values.pgbouncer.image }],
      containers: [
        {
          name: container,
          image: `${values.image.repository}@${digestOf(values, name)}`,
          args: [entry],
          env: environment(values, name),
        },
      ],
    },
  })
  const service = (role: string) => {
    const ports = [{ name: 'http', port: 80, targetPort: 'http' }]
    return object('v1', 'Service', `${api}-${role}`, { selector: selector(api), ports }, api)
  }
  const { min, max } = values.workloads[api]?.autoscaling ?? fail(`workloads.${api}.autoscaling is missing`)
  return [
    service('stable'),
    service('canary'),
    object('networking.istio.io/v1beta1', 'VirtualService', api, {
      hosts: [values.host, `${api}-stable.${namespace}.svc.cluster.local`],
      gateways: [values.gateway, 'mesh'],
      http: [
        {
          name: 'primary',
          timeout: '10s',
          route: [
            { destination: { host: `${api}-stable`, port: { number: 80 } }, weight: 100 },
            { destination: { host: `${api}-canary`, port: { number: 80 } }, weight: 0 },
          ],
        },
      ],
    }),
    object('argoproj.io/v1alpha1', 'Rollout', api, {
      ...plainFields(files, 'templates/rollout.yaml'),
      selector: { matchLabels: selector(api) },
      template: template(api, 'api', 'dist/api.js'),
    }),
    object('autoscaling/v2', 'HorizontalPodAutoscaler', api, {
      scaleTargetRef: { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: api },
      minReplicas: min,
      maxReplicas: max,
    }),
    ...workers.map(({ name, container, entry }) =>
      object('apps/v1', 'Deployment', name, {
        replicas: values.workloads[name]?.replicas ?? fail(`workloads.${name}.replicas is missing`),
        revisionHistoryLimit: 5,
        progressDeadlineSeconds: 600,
        selector: { matchLabels: selector(name) },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: template(name, container, entry),
      }),
    ),
  ]
}

function fail(message: string): never {
  throw new Error(message)
}

function yamlOf(files: ReadonlyMap<string, string>, name: string): JsonObject {
  const text = files.get(name) ?? fail(`${name}: no such file or directory`)
  const value: unknown = parse(text)
  return isObject(value) ? value : fail(`${name} holds no values`)
}

/** Later value files win, map by map, as Helm merges them. */
function merge(below: JsonObject, above: JsonObject): JsonObject {
  const merged: JsonObject = { ...below }
  for (const [name, value] of Object.entries(above)) {
    const under = merged[name]
    merged[name] = isObject(under) && isObject(value) ? merge(under, value) : value
  }
  return merged
}

function digestOf(values: Values, name: string): string {
  const digest = values.workloads[name]?.image?.digest
  if (digest === undefined || !/^sha256:[0-9a-f]{64}$/.test(digest))
    fail(`workloads.${name}.image.digest is no digest`)
  return digest ?? ''
}

/** Pods follow a changed configuration; the checksum itself is only compared with itself. */
function podAnnotations(values: Values): Record<string, string> {
  const config = createHash('sha256').update(canonical(values.database)).digest('hex').slice(0, 16)
  return { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9090', 'delivery/pgbouncer-config': config }
}

function environment(values: Values, name: string): object[] {
  const { settings, database } = values
  const variable = (key: string, setting: string) => ({
    name: key,
    value: settings[setting] ?? fail(`settings.${setting} is missing`),
  })
  return [
    { name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: database.secret, key: 'url' } } },
    variable('LOG_LEVEL', 'logLevel'),
    { name: 'IMAGE_DIGEST', value: digestOf(values, name) },
    ...(name === api
      ? [
          variable('TOKEN_ISSUER', 'tokenIssuer'),
          variable('TOKEN_JWKS_URL', 'tokenJwksUrl'),
          variable('REDIS_URL', 'redisUrl'),
        ]
      : [variable('NATS_URL', 'natsUrl')]),
  ]
}

/**
 * The part of the Rollout that is plain YAML in the chart: its limits and its strategy with the steps, which are the
 * only list of weights. Read from the chart, so that a change of the steps takes effect here too.
 */
function plainFields(files: ReadonlyMap<string, string>, name: string): object {
  const text = files.get(name) ?? fail(`${name}: no such file or directory`)
  const spec = between(text, /^spec:$/m, /^ {2}selector:/m)
  const strategy = between(text, /^(?= {2}strategy:$)/m, /^ {2}template:/m)
  const plain = `${spec}${strategy}`
  if (plain.includes('{{')) fail(`${name}: its limits and strategy are expected to be plain YAML`)
  return parse(plain) as object
}

function between(text: string, start: RegExp, end: RegExp): string {
  const opened = start.exec(text)
  const rest =
    opened === null
      ? fail(`the chart's Rollout has no ${start}`)
      : text.slice(opened.index + opened[0].length)
  const closed = end.exec(rest)
  return closed === null ? fail(`the chart's Rollout has no ${end}`) : rest.slice(0, closed.index)
}

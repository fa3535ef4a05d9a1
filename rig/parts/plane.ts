import { generateKeyPairSync, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { stringify } from 'yaml'
import { run } from '../build/run.ts'
import { manifests } from '../build.ts'
import { type KubeAccess, kubeClient } from '../kube.ts'
import type { Kube } from '../types.ts'
import { freePorts, waitFor } from '../wait.ts'
import { type PartContext, until } from './context.ts'
import { stages } from './stages.ts'

export interface Plane extends KubeAccess {
  readonly kube: Kube
  readonly kubeconfig: string
}

const QUICK = ['--kube-api-qps', '200', '--kube-api-burst', '400']

/** etcd and the API server; everything else needs its address. */
export async function startApiServer(context: PartContext): Promise<Plane> {
  const { stateDir, bin, processes, say } = context
  const pki = path.join(stateDir, 'pki')
  fs.mkdirSync(pki)
  const port = await freePorts(['client', 'peer', 'api'])
  const client = `http://127.0.0.1:${port.client}`
  const peer = `http://127.0.0.1:${port.peer}`
  processes.start('etcd', bin('etcd'), [
    ...['--name', 'rig', '--data-dir', path.join(stateDir, 'etcd'), '--log-level', 'warn'],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...[
      '--listen-peer-urls',
      peer,
      '--initial-advertise-peer-urls',
      peer,
      '--initial-cluster',
      `rig=${peer}`,
    ],
    // The data is thrown away with the rig.
    '--unsafe-no-fsync',
  ])

  const token = randomBytes(24).toString('hex')
  const tokens = path.join(pki, 'tokens.csv')
  fs.writeFileSync(tokens, `${token},admin,admin,"system:masters"\n`, { mode: 0o600 })
  const keys = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
  })
  const [publicKey, privateKey] = [path.join(pki, 'sa.pub'), path.join(pki, 'sa.key')]
  fs.writeFileSync(publicKey, keys.publicKey)
  fs.writeFileSync(privateKey, keys.privateKey, { mode: 0o600 })
  processes.start('kube-apiserver', bin('kube-apiserver'), [
    ...['--etcd-servers', client, '--bind-address', '127.0.0.1', '--secure-port', String(port.api)],
    // Without these it registers the machine's own address as an endpoint and refuses a loopback one.
    ...['--advertise-address', '127.0.0.1', '--endpoint-reconciler-type', 'none'],
    // It makes its own certificate there, with its authority in the same file.
    ...['--cert-dir', pki, '--token-auth-file', tokens, '--authorization-mode', 'RBAC'],
    ...['--service-account-issuer', 'https://kubernetes.default.svc'],
    ...['--service-account-key-file', publicKey, '--service-account-signing-key-file', privateKey],
    ...['--service-cluster-ip-range', '10.0.0.0/16', '--allow-privileged=true'],
  ])

  const apiServer = `https://127.0.0.1:${port.api}`
  const certificate = path.join(pki, 'apiserver.crt')
  await until(context, 'kube-apiserver', 90, async () => (fs.existsSync(certificate) ? true : undefined))
  const ca = fs.readFileSync(certificate, 'utf8')
  const kube = kubeClient({ apiServer, ca, token })
  await until(context, 'kube-apiserver', 90, async () =>
    (await kube.request('GET', '/readyz')) === 'ok' ? true : undefined,
  )
  say('kube-apiserver')

  const kubeconfig = path.join(stateDir, 'kubeconfig')
  writeKubeconfig(kubeconfig, { apiServer, ca, token }, { ...context.environments })
  return { apiServer, ca, token, kube, kubeconfig }
}

/** Controllers, scheduler, the nodes that KWOK plays, and Argo Rollouts. */
export async function startControllers(context: PartContext, plane: Plane, nodes: number): Promise<void> {
  const { stateDir, bin, processes, say } = context
  const pki = path.join(stateDir, 'pki')
  const access = ['--kubeconfig', plane.kubeconfig]
  processes.start('kube-controller-manager', bin('kube-controller-manager'), [
    ...[...access, ...QUICK, '--leader-elect=false', '--bind-address', '127.0.0.1', '--secure-port', '0'],
    ...['--service-account-private-key-file', path.join(pki, 'sa.key')],
    ...['--root-ca-file', path.join(pki, 'apiserver.crt'), '--cluster-name', 'rig'],
    // A Rollout without replicas waits for its autoscaler, which looks only every 15 s by default.
    ...['--horizontal-pod-autoscaler-sync-period', '1s'],
  ])
  processes.start('kube-scheduler', bin('kube-scheduler'), [
    ...[...access, ...QUICK, '--leader-elect=false', '--bind-address', '127.0.0.1', '--secure-port', '0'],
  ])
  const stageFile = path.join(stateDir, 'stages.yaml')
  fs.writeFileSync(
    stageFile,
    stages()
      .map((stage) => stringify(stage))
      .join('---\n'),
  )
  processes.start('kwok', bin('kwok'), [
    ...[...access, '--manage-all-nodes=true', '--config', stageFile],
    ...['--cidr', '10.244.0.0/16', '--node-ip', '127.0.0.1'],
    // With the default of 200 s between renewals the node controller calls the nodes lost after 50 s.
    ...['--node-lease-duration-seconds', '40'],
  ])

  await createCrds(context, plane, [...manifests('plane', 'rollouts'), ...manifests('plane', 'istio.yaml')], {
    'argoproj.io/v1alpha1': [
      'rollouts',
      'analysisruns',
      'analysistemplates',
      'clusteranalysistemplates',
      'experiments',
    ],
    'networking.istio.io/v1beta1': ['virtualservices', 'destinationrules'],
  })
  const port = await freePorts(['metrics', 'health'])
  processes.start(
    'rollouts-controller',
    bin('rollouts-controller'),
    [
      ...['--leader-elect=false', '--qps', '200', '--burst', '400', '--loglevel', 'info'],
      // Listens on all interfaces and has no flag against it (see README.md).
      ...['--metricsPort', String(port.metrics), '--healthzPort', String(port.health)],
    ],
    { KUBECONFIG: plane.kubeconfig },
  )
  for (let i = 1; i <= nodes; i++) await plane.kube.apply(node(`node-${i}`))
  await until(context, 'rollouts-controller', 60, async () => {
    const response = await fetch(`http://127.0.0.1:${port.health}/healthz`)
    return response.ok ? true : undefined
  })
  await until(context, 'kwok', 60, async () => ((await readyNodes(plane.kube)) === nodes ? true : undefined))
  say(`controllers, ${nodes} nodes, Argo Rollouts`)
}

/**
 * Installs CRDs and waits until they are served. By kubectl, for two reasons: they are over the size limit of apply,
 * and some are YAML that only Go's parser takes (quoted text that goes on at the left margin). Asked for by discovery
 * (a few kB), since reading the CRDs' own conditions means megabytes each time. `served` are resources by version.
 */
export async function createCrds(
  { bin }: PartContext,
  { kubeconfig, kube }: Plane,
  files: readonly string[],
  served: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  const all = files.flatMap((file) => ['-f', file])
  const command = ['--kubeconfig', kubeconfig, 'create', '--validate=false', ...all]
  await run(bin('kubectl'), command, { timeoutMs: 300_000 })
  for (const [version, names] of Object.entries(served)) {
    await waitFor(`${names.join(', ')} to be served`, 30, async () => {
      const { resources } = (await kube.request('GET', `/apis/${version}`)) as {
        resources: { name: string }[]
      }
      return names.every((wanted) => resources.some(({ name }) => name === wanted)) ? true : undefined
    })
  }
}

export function writeKubeconfig(
  file: string,
  { apiServer, ca, token }: KubeAccess,
  environments: Readonly<Record<string, string>>,
): void {
  const contexts = Object.entries(environments).map(([name, namespace]) => ({
    name,
    context: { cluster: 'rig', user: 'rig', namespace },
  }))
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'rig',
        cluster: { server: apiServer, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
      },
    ],
    users: [{ name: 'rig', user: { token } }],
    contexts,
    'current-context': contexts[0]?.name ?? '',
  }
  fs.writeFileSync(file, stringify(config), { mode: 0o600 })
}

async function readyNodes(kube: Kube): Promise<number> {
  return (await kube.list('/api/v1/nodes')).filter((item) => hasCondition(item, 'Ready')).length
}

function hasCondition(object: { readonly [key: string]: unknown }, type: string): boolean {
  const status = object.status as { conditions?: readonly { type: string; status: string }[] } | undefined
  return (
    status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
  )
}

function node(name: string) {
  const labels = {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
  }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels, annotations: { 'kwok.x-k8s.io/node': 'fake' } },
  }
}

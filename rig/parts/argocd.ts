import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { manifests } from '../build.ts'
import type { KubeObject } from '../types.ts'
import { answers, freePorts } from '../wait.ts'
import { type PartContext, until } from './context.ts'
import { createCrds, type Plane } from './plane.ts'

export const ARGOCD_NAMESPACE = 'argocd'

/** Redis, repo-server and application-controller; there is no web server. */
export async function startArgocd(context: PartContext, plane: Plane): Promise<void> {
  const { stateDir, bin, processes, say } = context
  const home = path.join(stateDir, 'argocd')
  for (const name of ['tmp', 'redis', 'tls', 'ssh', 'gpg'])
    fs.mkdirSync(path.join(home, name), { recursive: true })
  const port = await freePorts(['redis', 'repo', 'repoMetrics', 'metrics'])
  const env = {
    KUBECONFIG: plane.kubeconfig,
    // Takes the kubeconfig's server for `https://kubernetes.default.svc`, the destination of Applications.
    ARGOCD_FAKE_IN_CLUSTER: 'true',
    ARGOCD_GPG_ENABLED: 'false',
    ARGOCD_TLS_DATA_PATH: path.join(home, 'tls'),
    ARGOCD_SSH_DATA_PATH: path.join(home, 'ssh'),
    ARGOCD_GNUPGHOME: path.join(home, 'gpg'),
    ARGOCD_ASK_PASS_SOCK: path.join(home, 'ask.sock'),
    TMPDIR: path.join(home, 'tmp'),
    HOME: home,
    // helm and git-ask-pass are looked up there.
    PATH: `${path.dirname(bin('helm'))}${path.delimiter}${process.env.PATH ?? ''}`,
  }
  const redis = `127.0.0.1:${port.redis}`
  processes.start('redis', bin('redis-server'), [
    ...['--bind', '127.0.0.1', '--port', String(port.redis), '--save', '', '--appendonly', 'no'],
    ...['--dir', path.join(home, 'redis')],
  ])
  await createCrds(context, plane, manifests('argocd', 'argocd'), {
    'argoproj.io/v1alpha1': ['applications', 'appprojects'],
  })
  await plane.kube.apply(...settings())
  const repoServer = ['--address', '127.0.0.1', '--port', String(port.repo), '--disable-tls']
  processes.start(
    'argocd-repo-server',
    bin('argocd-repo-server'),
    [
      ...[
        ...repoServer,
        '--redis',
        redis,
        '--metrics-address',
        '127.0.0.1',
        '--metrics-port',
        String(port.repoMetrics),
      ],
      // How long the head of a branch is believed without asking Git.
      ...['--revision-cache-expiration', '1s', '--loglevel', 'info'],
    ],
    env,
  )
  processes.start(
    'argocd-application-controller',
    bin('argocd-application-controller'),
    [
      ...['--namespace', ARGOCD_NAMESPACE, '--redis', redis, '--loglevel', 'info'],
      ...['--repo-server', `127.0.0.1:${port.repo}`, '--repo-server-plaintext'],
      // Polls Git every 5 s. Its metrics listen on all interfaces and have no flag against it.
      ...['--app-resync', '5', '--app-resync-jitter', '0', '--metrics-port', String(port.metrics)],
    ],
    env,
  )
  await until(context, 'argocd-application-controller', 60, () =>
    answers(`http://127.0.0.1:${port.metrics}/healthz`),
  )
  await until(context, 'argocd-repo-server', 60, () =>
    answers(`http://127.0.0.1:${port.repoMetrics}/healthz`),
  )
  say('Argo CD')
}

function settings(): readonly KubeObject[] {
  const metadata = (name: string) => ({
    name,
    namespace: ARGOCD_NAMESPACE,
    labels: { 'app.kubernetes.io/part-of': 'argocd' },
  })
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ARGOCD_NAMESPACE } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadata('argocd-cm'),
      data: { 'timeout.reconciliation': '5s' },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('argocd-rbac-cm') },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadata('argocd-secret'),
      stringData: { 'server.secretkey': randomBytes(16).toString('hex') },
    },
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name: 'default', namespace: ARGOCD_NAMESPACE },
      spec: {
        sourceRepos: ['*'],
        destinations: [{ namespace: '*', server: '*' }],
        clusterResourceWhitelist: [{ group: '*', kind: '*' }],
      },
    },
  ]
}

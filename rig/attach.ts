import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { serviceAccountKubeconfig } from './identity.ts'
import { kubeClient } from './kube.ts'
import { createDatabase } from './parts/postgres.ts'
import { restartProcess } from './processes.ts'
import { endRig } from './state.ts'
import type { ApplicationSpec, GitRemote, KubeObject, LoadControl, Rig, RigConnections } from './types.ts'
import { answers, waitFor } from './wait.ts'

/** A rig that runs already, from what `startRig` or vitest's `inject('rig')` told of it. */
export function attachRig(connections: RigConnections): Rig {
  const kube = kubeClient({
    apiServer: connections.apiServer,
    ca: connections.ca,
    token: connections.adminToken,
  })
  const applicationPath = (name: string) =>
    `/apis/argoproj.io/v1alpha1/namespaces/${connections.argocdNamespace}/applications/${name}`
  return {
    ...connections,
    kube,
    load: loadControl(connections.loadUrl),
    environment(name) {
      const found = connections.environments.find((environment) => environment.name === name)
      if (found === undefined) throw new Error(`the rig has no environment ${name}`)
      return found
    },
    kubeconfigFor: (account) => serviceAccountKubeconfig(connections, kube, account),
    gitRemote: async (name) => gitRemote(connections, name),
    application: (spec) => kube.apply(applicationObject(connections.argocdNamespace, spec)),
    async refresh(name) {
      await kube.patch(applicationPath(name), {
        metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } },
      })
    },
    database: (name) => createDatabase(connections.postgresUrl, name),
    waitFor: (what, seconds, probe) => waitFor(what, seconds, probe, 100),
    async restart(part, downMs = 0) {
      await restartProcess(connections.stateDir, part, downMs)
      const serves = {
        prometheus: () => answers(`${connections.prometheusUrl}/-/ready`),
        'kube-apiserver': async () =>
          (await kube.request('GET', '/readyz')) === 'ok' ? (true as const) : undefined,
      }
      await waitFor(`${part} to serve again`, 60, serves[part], 100)
    },
    stop: () => endRig(connections.stateDir),
  }
}

function gitRemote({ gitRoot, gitUrl }: RigConnections, name: string): GitRemote {
  const dir = path.join(gitRoot, `${name}.git`)
  if (!fs.existsSync(dir)) {
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', dir], { stdio: 'pipe' })
    execFileSync('git', ['-C', dir, 'config', 'http.receivepack', 'true'], { stdio: 'pipe' })
  }
  return { path: dir, fileUrl: `file://${dir}`, httpUrl: `${gitUrl}/${name}.git` }
}

function applicationObject(namespace: string, spec: ApplicationSpec): KubeObject {
  const automated = spec.automated ?? true
  const ignoreWeights = spec.ignoreRouterWeights ?? true
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name: spec.name,
      namespace,
      // Commits outside of the folder (another region's pin, the ledger) render nothing anew.
      annotations: { 'argocd.argoproj.io/manifest-generate-paths': '.' },
    },
    spec: {
      project: 'default',
      source: {
        repoURL: spec.repoUrl,
        path: spec.path,
        targetRevision: spec.revision ?? 'main',
        ...(spec.valueFiles === undefined ? {} : { helm: { valueFiles: [...spec.valueFiles] } }),
      },
      destination: { server: 'https://kubernetes.default.svc', namespace: spec.namespace },
      syncPolicy: {
        ...(automated ? { automated: { prune: true, selfHeal: true } } : {}),
        // Without ApplyOutOfSyncOnly a sync applies the router as it read it, and takes the weight back that the
        // Rollouts controller wrote in the meantime: 5 % was 0 % again for a moment in 2 of 5 releases, 0 of 5 with it.
        ...(ignoreWeights
          ? { syncOptions: ['RespectIgnoreDifferences=true', 'ApplyOutOfSyncOnly=true'] }
          : {}),
      },
      ...(ignoreWeights
        ? {
            ignoreDifferences: [
              {
                group: 'networking.istio.io',
                kind: 'VirtualService',
                jqPathExpressions: ['.spec.http[].route[].weight'],
              },
            ],
          }
        : {}),
    },
  }
}

function loadControl(loadUrl: string): LoadControl {
  const call = async (method: string, route: string, body?: unknown) => {
    const response = await fetch(`${loadUrl}${route}`, {
      method,
      signal: AbortSignal.timeout(10_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`load generator: ${method} ${route}: ${await response.text()}`)
    await response.body?.cancel()
  }
  return {
    setTarget: (target) => call('PUT', '/targets', target),
    removeTarget: (namespace, workload) => call('DELETE', `/targets/${namespace}/${workload}`),
    setBehaviour: (of, behaviour) => call('PUT', `/behaviours/${encodeURIComponent(of)}`, behaviour),
    reset: () => call('POST', '/reset'),
  }
}

import path from 'node:path'
import { attachRig } from './attach.ts'
import { findProgram } from './build/apt.ts'
import { isBuilt, linkBinaries } from './build.ts'
import { ARGOCD_NAMESPACE, startArgocd } from './parts/argocd.ts'
import type { PartContext } from './parts/context.ts'
import { startApiServer, startControllers } from './parts/plane.ts'
import { createDatabase, startPostgres } from './parts/postgres.ts'
import { startPrometheus } from './parts/prometheus.ts'
import { startGit, startLoad, startRegistry } from './parts/services.ts'
import { processes } from './processes.ts'
import { abandoned, endRig, newStateDir, saveConnections } from './state.ts'
import type { Rig, RigConnections, RigOptions } from './types.ts'

/** Those of examples/delivery-service/tuesday.yaml. */
export const ENVIRONMENTS = {
  staging: 'delivery-staging',
  'prod-us': 'delivery-prod-us',
  'prod-eu': 'delivery-prod-eu',
  'prod-me': 'delivery-prod-me',
  'prod-ap': 'delivery-prod-ap',
} as const

/**
 * Starts the real parts on loopback, on free ports, in a state folder of their own, and answers when all are ready.
 * If one fails, the others are ended again and the error carries the end of its log.
 */
export async function startRig(options: RigOptions = {}, owner: 'process' | 'up' = 'process'): Promise<Rig> {
  if (!isBuilt()) throw new Error('the rig is not built: run npm run rig:build')
  for (const dir of abandoned()) await endRig(dir)
  const stateDir = newStateDir(owner)
  try {
    const connections = await startParts(stateDir, options)
    saveConnections(connections)
    return attachRig(connections)
  } catch (error) {
    await endRig(stateDir)
    throw error
  }
}

async function startParts(stateDir: string, options: RigOptions): Promise<RigConnections> {
  const start = performance.now()
  const environments = options.environments ?? ENVIRONMENTS
  const binDir = path.join(stateDir, 'bin')
  linkBinaries(binDir)
  const context: PartContext = {
    stateDir,
    environments,
    processes: processes(stateDir),
    bin: (name) => findProgram(name, [binDir]) ?? missing(name),
    say: (what) => options.say?.(`${((performance.now() - start) / 1000).toFixed(1)} s ${what}`),
  }
  const [plane, postgresUrl, registryHost, git] = await all([
    startApiServer(context),
    startPostgres(context),
    startRegistry(context),
    startGit(context),
  ])
  // The published Role has a part for the namespace of Argo CD, also where Argo CD is left out.
  const namespaces = [...Object.values(environments), ARGOCD_NAMESPACE].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  }))
  await plane.kube.apply(...namespaces)
  const [load, databases] = await all([
    startLoad(context, plane).then(async (loadUrl) => ({
      loadUrl,
      prometheusUrl: await startPrometheus(context, loadUrl),
    })),
    environmentDatabases(postgresUrl, environments),
    startControllers(context, plane, options.nodes ?? 3),
    options.argocd === false ? undefined : startArgocd(context, plane),
  ])
  return {
    stateDir,
    binDir,
    kubeconfig: plane.kubeconfig,
    apiServer: plane.apiServer,
    adminToken: plane.token,
    ca: plane.ca,
    argocdNamespace: ARGOCD_NAMESPACE,
    postgresUrl,
    registryHost,
    ...git,
    ...load,
    environments: databases,
  }
}

async function environmentDatabases(postgresUrl: string, environments: Readonly<Record<string, string>>) {
  const found = []
  // One after the other: CREATE DATABASE copies a template that must not be in use by another copy.
  for (const [name, namespace] of Object.entries(environments)) {
    found.push({ name, namespace, databaseUrl: await createDatabase(postgresUrl, namespace) })
  }
  return found
}

/** Like Promise.all, but when one fails the others are awaited first: nothing starts behind the back of the clean-up. */
async function all<const T extends readonly unknown[]>(
  parts: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const results = await Promise.allSettled(parts)
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as {
    -readonly [K in keyof T]: Awaited<T[K]>
  }
}

function missing(name: string): never {
  throw new Error(`${name} is missing: run npm run rig:build`)
}

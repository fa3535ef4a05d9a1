import path from 'node:path'
import { binariesOf, buildRig, manifests } from '../build.ts'
import { processes } from '../processes.ts'
import type { Rig } from '../types.ts'
import { answers, freePorts, waitFor } from '../wait.ts'
import type { PartContext } from './context.ts'
import { createCrds } from './plane.ts'

export interface Flagger {
  /** Of the load tester's gate: `/check` for the hook of a Canary, `/open` and `/close` for who stops it. */
  readonly rollbackUrl: string
}

/**
 * Flagger and its load tester beside a rig that runs, for one namespace: built when first asked for (a minute and a
 * half), ended with the rig. Both listen on all interfaces and have no flag against it.
 */
export async function startFlagger(rig: Rig, namespace: string): Promise<Flagger> {
  await buildRig((line) => console.log(`rig: ${line}`), ['flagger'])
  const bin = (name: string) => path.join(name === 'kubectl' ? rig.binDir : binariesOf('flagger'), name)
  const parts = processes(rig.stateDir)
  const context: PartContext = {
    stateDir: rig.stateDir,
    processes: parts,
    bin,
    environments: {},
    say: () => undefined,
  }
  const access = { apiServer: rig.apiServer, ca: rig.ca, token: rig.adminToken }
  const plane = { ...access, kube: rig.kube, kubeconfig: rig.kubeconfig }
  await createCrds(context, plane, manifests('flagger', 'flagger.yaml'), {
    'flagger.app/v1beta1': ['canaries', 'metrictemplates', 'alertproviders'],
  })
  const port = await freePorts(['flagger', 'gate'])
  parts.start('flagger', bin('flagger'), [
    ...['-kubeconfig', rig.kubeconfig, '-namespace', namespace, '-mesh-provider', 'istio'],
    ...['-metrics-server', rig.prometheusUrl, '-control-loop-interval', '1s', '-log-level', 'info'],
    ...['-port', String(port.flagger)],
  ])
  parts.start('flagger-loadtester', bin('flagger-loadtester'), ['-port', String(port.gate)])
  for (const [name, at] of [
    ['flagger', port.flagger],
    ['flagger-loadtester', port.gate],
  ] as const) {
    await waitFor(`${name} to be ready`, 30, async () => {
      parts.assertAlive(name)
      return answers(`http://127.0.0.1:${at}/healthz`)
    })
  }
  return { rollbackUrl: `http://127.0.0.1:${port.gate}/rollback` }
}

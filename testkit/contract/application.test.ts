import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { KubeObject, Render } from '../cluster/index.ts'
import { type Bench, fastBench } from '../cluster/testing.ts'
import { createBare } from '../github/index.ts'
import type { ScaledClock } from '../http/index.ts'
import { describeApplicationContract } from './application-contract.ts'
import { kubeClient } from './kube-client.ts'

/** Plain manifests, as Argo CD reads a folder without a chart. */
const plain: Render = (files) =>
  [...files.values()].flatMap((text) =>
    parseAllDocuments(text).flatMap((document) => {
      const value = document.toJS() as KubeObject | null
      return value === null ? [] : [value]
    }),
  )

let bench: Bench<ScaledClock>
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'contract-gitops-'))
  await createBare(folder)
  bench = await fastBench(20, { render: plain })
})
afterAll(async () => {
  await bench.close()
  bench.clock.close()
  await rm(folder, { recursive: true, force: true })
})

describeApplicationContract('testkit/cluster', () => ({
  client: kubeClient({ url: bench.cluster.url, token: bench.cluster.token }),
  namespace: 'delivery',
  argocdNamespace: 'argocd',
  gitDir: folder,
  repoUrl: `file://${folder}`,
}))

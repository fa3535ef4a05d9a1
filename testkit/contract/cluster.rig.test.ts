import { afterAll, beforeAll, inject } from 'vitest'
import { attachRig } from '../../rig/index.ts'
import { describeApiContract } from './api-contract.ts'
import { kubeClient } from './kube-client.ts'
import { describeRolloutContract } from './rollout-contract.ts'

const rig = attachRig(inject('rig'))
const [api, rollouts] = ['contract-api', 'contract-rollouts']
const client = kubeClient({ url: rig.apiServer, token: rig.adminToken, ca: rig.ca })

beforeAll(async () => {
  for (const name of [api, rollouts])
    await rig.kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
})
afterAll(async () => {
  // A Rollout that is deleted while its controller works on it is reconciled for ever (argo-rollouts 1.9).
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  for (const name of [api, rollouts]) await rig.kube.delete(`/api/v1/namespaces/${name}`)
})

describeApiContract('Kubernetes', () => ({ client, namespace: api }))
describeRolloutContract('Argo Rollouts and Kubernetes', () => ({ client, namespace: rollouts }))

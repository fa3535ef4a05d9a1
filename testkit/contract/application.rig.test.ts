import { afterAll, beforeAll, inject } from 'vitest'
import { attachRig, type GitRemote } from '../../rig/index.ts'
import { describeApplicationContract } from './application-contract.ts'
import { kubeClient } from './kube-client.ts'

const rig = attachRig(inject('rig'))
const namespace = 'contract-application'
let remote: GitRemote
beforeAll(async () => {
  remote = await rig.gitRemote('contract/gitops')
  await rig.kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
})
afterAll(async () => {
  await rig.kube.delete(
    `/apis/argoproj.io/v1alpha1/namespaces/${rig.argocdNamespace}/applications/contract-delivery`,
  )
  // A Rollout that is deleted while its controller works on it is reconciled for ever (argo-rollouts 1.9).
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  await rig.kube.delete(`/api/v1/namespaces/${namespace}`)
})

describeApplicationContract('Argo CD', () => ({
  client: kubeClient({ url: rig.apiServer, token: rig.adminToken, ca: rig.ca }),
  namespace,
  argocdNamespace: rig.argocdNamespace,
  gitDir: remote.path,
  repoUrl: remote.fileUrl,
}))

import fs from 'node:fs'
import path from 'node:path'
import { parseManifest } from './kube.ts'
import { writeKubeconfig } from './parts/plane.ts'
import { repositoryDir } from './paths.ts'
import type { Kube, KubeObject, RigConnections } from './types.ts'

const HOME = 'tuesday'
const TOKEN_SECONDS = 86_400

/**
 * A service account that holds exactly the Roles that the docs publish, and a kubeconfig as it. The file itself is
 * read, so that a right missing there fails the tests here.
 */
export async function serviceAccountKubeconfig(
  rig: RigConnections,
  kube: Kube,
  account: string,
): Promise<string> {
  const published = parseManifest(
    fs.readFileSync(path.join(repositoryDir, 'docs', 'kubernetes-rbac.yaml'), 'utf8'),
  )
  const namespacesOf = (object: KubeObject): readonly string[] =>
    object.metadata.namespace === rig.argocdNamespace
      ? [rig.argocdNamespace]
      : rig.environments.map(({ namespace }) => namespace)
  await kube.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: HOME } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace: HOME } },
  )
  for (const object of published.filter(({ kind }) => kind !== 'ServiceAccount')) {
    for (const namespace of namespacesOf(object)) {
      await kube.apply(
        object.kind === 'RoleBinding'
          ? {
              ...object,
              metadata: { name: `${object.metadata.name}-${account}`, namespace },
              subjects: [{ kind: 'ServiceAccount', name: account, namespace: HOME }],
            }
          : { ...object, metadata: { name: object.metadata.name, namespace } },
      )
    }
  }
  const answer = (await kube.request('POST', `/api/v1/namespaces/${HOME}/serviceaccounts/${account}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: TOKEN_SECONDS },
  })) as { status: { token: string } }
  const file = path.join(rig.stateDir, `kubeconfig-${account}`)
  const contexts = Object.fromEntries(rig.environments.map(({ name, namespace }) => [name, namespace]))
  writeKubeconfig(file, { apiServer: rig.apiServer, ca: rig.ca, token: answer.status.token }, contexts)
  return file
}

/** One wrapper module under rig/modules: a list of versions, and main packages of its dependencies or its own. */
export interface GoModule {
  readonly name: string
  /** Built only where it is asked for: few tests need it. */
  readonly optional?: boolean
  /** Package by the name of the binary. */
  readonly binaries: Readonly<Record<string, string>>
  readonly ldflags?: string
  /** Files of dependencies that the rig applies to the cluster, taken from the Go module cache. */
  readonly manifests?: readonly { readonly module: string; readonly path: string; readonly as: string }[]
}

const rollouts = 'github.com/argoproj/argo-rollouts'
const flagger = 'github.com/fluxcd/flagger'
const argocd = 'github.com/argoproj/argo-cd/v3'
const component = 'k8s.io/component-base/version'

export const KUBERNETES_VERSION = 'v1.34.9'

/** The small ones first: an error of the tool chain shows within seconds. */
export const goModules: readonly GoModule[] = [
  { name: 'registry', binaries: { registry: '.' } },
  { name: 'cosign', binaries: { cosign: 'github.com/sigstore/cosign/v2/cmd/cosign' } },
  { name: 'kwok', binaries: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' } },
  {
    name: 'plane',
    binaries: {
      etcd: 'go.etcd.io/etcd/server/v3',
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
      'rollouts-controller': `${rollouts}/cmd/rollouts-controller`,
      'kubectl-argo-rollouts': './kubectl-argo-rollouts',
    },
    // Without it the API server calls itself v0.0.0-master, and charts that ask for a version refuse it.
    ldflags: `-X ${component}.gitVersion=${KUBERNETES_VERSION} -X ${component}.gitMajor=1 -X ${component}.gitMinor=34`,
    manifests: [
      { module: rollouts, path: 'manifests/crds', as: 'rollouts' },
      { module: rollouts, path: 'test/e2e/crds/istio.yaml', as: 'istio.yaml' },
    ],
  },
  {
    name: 'argocd',
    binaries: { 'argocd-rig': '.' },
    manifests: [{ module: argocd, path: 'manifests/crds', as: 'argocd' }],
  },
  {
    name: 'flagger',
    optional: true,
    binaries: { flagger: `${flagger}/cmd/flagger`, 'flagger-loadtester': `${flagger}/cmd/loadtester` },
    manifests: [{ module: flagger, path: 'artifacts/flagger/crd.yaml', as: 'flagger.yaml' }],
  },
]

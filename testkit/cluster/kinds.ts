/** What the stand-in stores. Every other kind answers 404, as on a server without its definition. */
export interface Kind {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  /** Written through `/status` only; the Application has none (argo-cd, application-crd.yaml). */
  readonly statusSubresource: boolean
  /** Objects of a custom resource carry apiVersion and kind in lists too, those of built-in kinds do not. */
  readonly custom: boolean
}

const builtIn = (group: string, plural: string, kind: string, options: Partial<Kind> = {}): Kind => ({
  group,
  version: 'v1',
  plural,
  kind,
  namespaced: true,
  statusSubresource: true,
  custom: false,
  ...options,
})

export const kinds: readonly Kind[] = [
  builtIn('', 'namespaces', 'Namespace', { namespaced: false }),
  builtIn('', 'pods', 'Pod'),
  builtIn('', 'services', 'Service'),
  builtIn('', 'events', 'Event', { statusSubresource: false }),
  builtIn('apps', 'deployments', 'Deployment'),
  builtIn('apps', 'replicasets', 'ReplicaSet'),
  builtIn('autoscaling', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', { version: 'v2' }),
  builtIn('argoproj.io', 'rollouts', 'Rollout', { version: 'v1alpha1', custom: true }),
  builtIn('argoproj.io', 'applications', 'Application', {
    version: 'v1alpha1',
    custom: true,
    statusSubresource: false,
  }),
  builtIn('networking.istio.io', 'virtualservices', 'VirtualService', { custom: true }),
]

export const apiVersionOf = (kind: Kind): string =>
  kind.group === '' ? kind.version : `${kind.group}/${kind.version}`

/** `pods`, `rollouts.argoproj.io`: how messages and rules name a resource. */
export const qualified = (kind: Kind): string =>
  kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`

export function findKind(group: string, version: string, plural: string): Kind | undefined {
  return kinds.find((kind) => kind.group === group && kind.plural === plural && servesVersion(kind, version))
}

export function kindOf(object: { readonly apiVersion: string; readonly kind: string }): Kind | undefined {
  const [version = '', group = ''] = object.apiVersion.split('/').reverse()
  return kinds.find(
    (kind) => kind.kind === object.kind && kind.group === group && servesVersion(kind, version),
  )
}

/** Istio serves its kinds under three versions; charts still write the middle one. */
function servesVersion(kind: Kind, version: string): boolean {
  if (kind.group === 'networking.istio.io') return ['v1', 'v1beta1', 'v1alpha3'].includes(version)
  return kind.version === version
}

export function requireKind(name: string): Kind {
  const kind = kinds.find((candidate) => candidate.kind === name)
  if (kind === undefined) throw new Error(`the stand-in has no kind ${name}`)
  return kind
}

import type { KubeObject } from './kube.ts'

// Only the fields that are read. The API server validates types against the CRDs' schemas; what is optional
// there is optional here.

export interface Container {
  readonly name: string
  readonly image?: string
}

export interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> }
  readonly spec?: { readonly containers?: readonly Container[] }
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
  readonly lastUpdateTime?: string
}

export interface CanaryStep {
  readonly setWeight?: number
  /** Pods of the canary apart from its weight: with `weight: 100` it stands at full capacity before any traffic. */
  readonly setCanaryScale?: {
    readonly weight?: number
    readonly replicas?: number
    readonly matchTrafficWeight?: boolean
  }
  /** `pause: {}` waits for a person or a gate; with a duration it goes on by itself. */
  readonly pause?: { readonly duration?: number | string }
}

export interface IstioVirtualService {
  readonly name: string
  readonly routes?: readonly string[]
}

export interface CanaryStrategy {
  readonly stableService?: string
  readonly canaryService?: string
  readonly steps?: readonly CanaryStep[]
  readonly scaleDownDelaySeconds?: number
  readonly abortScaleDownDelaySeconds?: number
  /** The stable pods shrink while the canary grows: the way back has to start them again. */
  readonly dynamicStableScale?: boolean
  readonly maxUnavailable?: number | string
  readonly maxSurge?: number | string
  readonly trafficRouting?: Readonly<Record<string, unknown>> & {
    readonly istio?: {
      readonly virtualService?: IstioVirtualService
      readonly virtualServices?: readonly IstioVirtualService[]
    }
  }
}

export interface BlueGreenStrategy {
  readonly activeService?: string
  readonly previewService?: string
  /** Default true: the cut-over follows by itself as soon as the new pods are ready. */
  readonly autoPromotionEnabled?: boolean
  readonly autoPromotionSeconds?: number
  readonly scaleDownDelaySeconds?: number
}

/** A weight as the controller has told it to the router. */
export interface ReportedWeight {
  readonly weight?: number
  readonly podTemplateHash?: string
}

export interface PauseCondition {
  readonly reason: string
  readonly startTime: string
}

export interface RolloutStatus {
  /** A string, unlike in Deployments. */
  readonly observedGeneration?: string
  readonly phase?: string
  readonly message?: string
  readonly currentPodHash?: string
  readonly stableRS?: string
  readonly currentStepIndex?: number
  readonly pauseConditions?: readonly PauseCondition[]
  readonly controllerPause?: boolean
  readonly abort?: boolean
  readonly abortedAt?: string
  readonly promoteFull?: boolean
  readonly conditions?: readonly Condition[]
  /** Generation of the referenced workload that was observed, as a string; with `spec.workloadRef` only. */
  readonly workloadObservedGeneration?: string
  readonly canary?: {
    readonly weights?: {
      readonly canary?: ReportedWeight
      readonly stable?: ReportedWeight
      /** False while the load balancer has not confirmed the weight; only some routers tell. */
      readonly verified?: boolean
    }
  }
}

export interface Rollout extends KubeObject {
  readonly spec: {
    readonly replicas?: number
    readonly paused?: boolean
    readonly selector?: LabelSelector
    readonly template?: PodTemplate
    readonly revisionHistoryLimit?: number
    /** A template that was stable so few revisions ago skips the steps. */
    readonly rollbackWindow?: { readonly revisions?: number }
    readonly workloadRef?: { readonly apiVersion?: string; readonly kind?: string; readonly name?: string }
    readonly strategy?: {
      readonly canary?: CanaryStrategy
      readonly blueGreen?: BlueGreenStrategy
    }
  }
  readonly status?: RolloutStatus
}

/** The workload that `spec.workloadRef` names, whose template the Rollout runs. */
export interface ReferencedWorkload {
  readonly kind: 'Deployment' | 'ReplicaSet'
  readonly name: string
  readonly generation: number
  readonly resourceVersion: string
}

/** A Rollout whose spec carries template and selector, its own or those of the workload it refers to. */
export interface ResolvedRollout extends Rollout {
  readonly workload?: ReferencedWorkload
}

export interface Deployment extends KubeObject {
  readonly spec: {
    readonly replicas?: number
    readonly revisionHistoryLimit?: number
    readonly strategy?: {
      readonly type?: string
      readonly rollingUpdate?: {
        readonly maxUnavailable?: number | string
        readonly maxSurge?: number | string
      }
    }
    readonly paused?: boolean
    readonly selector?: LabelSelector
    readonly template?: PodTemplate
  }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly updatedReplicas?: number
    readonly availableReplicas?: number
    readonly conditions?: readonly Condition[]
  }
}

export interface ReplicaSet extends KubeObject {
  readonly spec: {
    readonly replicas?: number
    readonly selector?: LabelSelector
    readonly template?: PodTemplate
  }
  readonly status?: { readonly replicas?: number; readonly readyReplicas?: number }
}

export interface ContainerStatus {
  readonly name: string
  readonly restartCount?: number
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } }
}

export interface Pod extends KubeObject {
  readonly spec?: { readonly containers?: readonly Container[] }
  readonly status?: {
    readonly phase?: string
    readonly conditions?: readonly Condition[]
    readonly containerStatuses?: readonly ContainerStatus[]
  }
}

export interface Service extends KubeObject {
  readonly spec?: { readonly selector?: Readonly<Record<string, string>> }
}

export interface HttpRoute {
  readonly name?: string
  readonly route?: readonly {
    readonly destination?: { readonly host?: string; readonly subset?: string }
    readonly weight?: number
  }[]
}

export interface VirtualService extends KubeObject {
  readonly spec?: { readonly http?: readonly HttpRoute[] }
}

export interface Application extends KubeObject {
  readonly spec?: {
    readonly syncPolicy?: {
      readonly automated?: { readonly selfHeal?: boolean; readonly enabled?: boolean }
    }
  }
  readonly operation?: unknown
  readonly status?: {
    readonly sync?: {
      readonly status?: string
      readonly revision?: string
      readonly revisions?: readonly string[]
    }
    readonly health?: { readonly status?: string; readonly message?: string }
    readonly reconciledAt?: string
    readonly conditions?: readonly { readonly type: string; readonly message?: string }[]
    readonly operationState?: {
      readonly phase?: string
      readonly message?: string
      readonly startedAt?: string
      readonly finishedAt?: string
      readonly syncResult?: { readonly revision?: string; readonly revisions?: readonly string[] }
    }
  }
}

/** Label that Argo Rollouts puts on ReplicaSets, their pods and, while it steers traffic, Service selectors. */
export const POD_HASH_LABEL = 'rollouts-pod-template-hash'

/** The same, of Deployments. */
export const DEPLOYMENT_HASH_LABEL = 'pod-template-hash'

const namespaced = (group: string, namespace: string, plural: string) =>
  `${group}/namespaces/${encodeURIComponent(namespace)}/${plural}`
const named = (collection: string, name: string) => `${collection}/${encodeURIComponent(name)}`

export const paths = {
  rollouts: (ns: string) => namespaced('/apis/argoproj.io/v1alpha1', ns, 'rollouts'),
  rollout: (ns: string, name: string) => named(paths.rollouts(ns), name),
  rolloutStatus: (ns: string, name: string) => `${paths.rollout(ns, name)}/status`,
  applications: (ns: string) => namespaced('/apis/argoproj.io/v1alpha1', ns, 'applications'),
  application: (ns: string, name: string) => named(paths.applications(ns), name),
  deployments: (ns: string) => namespaced('/apis/apps/v1', ns, 'deployments'),
  deployment: (ns: string, name: string) => named(paths.deployments(ns), name),
  replicaSet: (ns: string, name: string) => named(paths.replicaSets(ns), name),
  replicaSets: (ns: string) => namespaced('/apis/apps/v1', ns, 'replicasets'),
  flaggerCanary: (ns: string, name: string) =>
    named(namespaced('/apis/flagger.app/v1beta1', ns, 'canaries'), name),
  pods: (ns: string) => namespaced('/api/v1', ns, 'pods'),
  service: (ns: string, name: string) => named(namespaced('/api/v1', ns, 'services'), name),
  virtualService: (ns: string, name: string, version: string) =>
    named(namespaced(`/apis/networking.istio.io/${version}`, ns, 'virtualservices'), name),
}

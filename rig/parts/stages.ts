import type { KubeObject } from '../types.ts'

/** Annotation of a pod: how long it stays unready, e.g. `3s`. */
export const READY_AFTER = 'rig/ready-after'
/** Annotation of a pod: `crash` = CrashLoopBackOff, `never` = stays Pending. Without it the pod gets ready. */
export const BEHAVIOUR = 'rig/behaviour'

interface Expression {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  readonly values?: readonly string[]
}

/**
 * The life of nodes and pods as KWOK plays it (kwok.x-k8s.io Stage). Images are named by digest, so what a pod
 * does is told by annotations. Like a kubelet, and unlike KWOK's own stages, the status carries `imageID`.
 */
export function stages(): readonly KubeObject[] {
  const behaviour = `.metadata.annotations["${BEHAVIOUR}"]`
  const pending: readonly Expression[] = [
    { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' },
    { key: '.status.phase', operator: 'In', values: ['Pending'] },
  ]
  return [
    stage('node-ready', 'Node', [{ key: ready, operator: 'NotIn', values: ['True'] }], {
      statusTemplate: NODE_STATUS,
    }),
    stage(
      'pod-ready',
      'Pod',
      [...pending, { key: behaviour, operator: 'NotIn', values: ['crash', 'never'] }],
      { statusTemplate: podStatus(true) },
      {
        durationMilliseconds: 0,
        durationFrom: { expressionFrom: `.metadata.annotations["${READY_AFTER}"]` },
      },
    ),
    stage('pod-crash', 'Pod', [...pending, { key: behaviour, operator: 'In', values: ['crash'] }], {
      statusTemplate: podStatus(false),
    }),
    stage('pod-delete', 'Pod', [{ key: '.metadata.deletionTimestamp', operator: 'Exists' }], {
      delete: true,
    }),
  ]
}

const ready = '.status.conditions.[] | select( .type == "Ready" ) | .status'

function stage(
  name: string,
  kind: 'Node' | 'Pod',
  matchExpressions: readonly Expression[],
  next: { readonly statusTemplate: string } | { readonly delete: true },
  delay?: object,
): KubeObject {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: 'v1', kind },
      selector: { matchExpressions },
      ...(delay === undefined ? {} : { delay }),
      next,
    },
  }
}

const NODE_STATUS = `
{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
addresses:
- type: InternalIP
  address: {{ NodeIP | Quote }}
- type: Hostname
  address: {{ NodeName | Quote }}
allocatable: {cpu: 1k, memory: 1Ti, pods: 1M}
capacity: {cpu: 1k, memory: 1Ti, pods: 1M}
phase: Running
`

const RUNNING = `state:
    running:
      startedAt: {{ $now | Quote }}`

const CRASHED = `lastState:
    terminated:
      exitCode: 1
      reason: Error
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
  state:
    waiting:
      reason: CrashLoopBackOff
      message: back-off 40s restarting failed container`

function podStatus(good: boolean): string {
  const status = good ? 'True' : 'False'
  return `
{{ $now := Now }}
conditions:
- {type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: PodScheduled, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: Ready, status: "${status}", lastTransitionTime: {{ $now | Quote }}}
- {type: ContainersReady, status: "${status}", lastTransitionTime: {{ $now | Quote }}}
{{ range .spec.readinessGates }}
- {type: {{ .conditionType | Quote }}, status: "True", lastTransitionTime: {{ $now | Quote }}}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: {{ .image | Quote }}
  ready: ${good}
  started: ${good}
  restartCount: ${good ? 0 : 3}
  ${good ? RUNNING : CRASHED}
{{ end }}
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: {{ .image | Quote }}
  ready: true
  restartCount: 0
  {{ if eq .restartPolicy "Always" }}
  started: true
  ${RUNNING}
  {{ else }}
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
  {{ end }}
{{ end }}
{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
{{ end }}
{{ with PodIPsWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
phase: Running
startTime: {{ $now | Quote }}
`
}

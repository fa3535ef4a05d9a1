import { type ApplicationFacts, ok, parseCommitSha } from '../release/index.ts'
import type { Kube, KubeResult } from './kube.ts'
import { type Application, paths } from './objects.ts'

export interface ApplicationRef {
  readonly namespace: string
  readonly application: string
}

export async function readApplication(
  kube: Kube,
  at: ApplicationRef,
  signal: AbortSignal,
): Promise<KubeResult<ApplicationFacts>> {
  const answer = await kube.get<Application>(paths.application(at.namespace, at.application), signal)
  return answer.ok ? ok(applicationFacts(answer.value)) : answer
}

/** Whether a write past Git is taken back at once (0.4 s to 3.1 s), because Argo CD heals this Application. */
export async function readSelfHeal(
  kube: Kube,
  at: ApplicationRef,
  signal: AbortSignal,
): Promise<KubeResult<boolean>> {
  const answer = await kube.get<Application>(paths.application(at.namespace, at.application), signal)
  return answer.ok ? ok(healsItself(answer.value)) : answer
}

export function healsItself({ spec }: Application): boolean {
  const automated = spec?.syncPolicy?.automated
  return automated?.selfHeal === true && automated.enabled !== false
}

export function applicationFacts(application: Application): ApplicationFacts {
  const status = application.status ?? {}
  const operation = status.operationState
  const revision = parseCommitSha(status.sync?.revision ?? status.sync?.revisions?.[0] ?? '')
  const problem = status.conditions?.find((each) => /Error$/.test(each.type))
  const synced = status.sync?.status === 'Synced'
  return {
    synced,
    operation: operationOf(application.operation !== undefined, operation?.phase),
    fresh: isFresh(status.reconciledAt, operation?.finishedAt),
    why: whyOf(status.sync?.status, operation?.phase, operation?.message, problem?.message),
    ...(revision === undefined ? {} : { revision }),
  }
}

/** A requested operation stands at the top of the object until it has begun; the old result is not its own. */
function operationOf(requested: boolean, phase: string | undefined): ApplicationFacts['operation'] {
  if (requested || phase === 'Running' || phase === 'Terminating') return 'running'
  if (phase === 'Succeeded') return 'succeeded'
  return phase === 'Failed' || phase === 'Error' ? 'failed' : 'none'
}

/** Health and sync status are those of before the operation until the comparison is newer than its end. */
function isFresh(reconciledAt: string | undefined, finishedAt: string | undefined): boolean {
  const reconciled = Date.parse(reconciledAt ?? '')
  if (Number.isNaN(reconciled)) return false
  const finished = Date.parse(finishedAt ?? '')
  return Number.isNaN(finished) || reconciled >= finished
}

function whyOf(sync = 'Unknown', phase?: string, message?: string, problem?: string): string {
  if (problem !== undefined) return problem
  if (phase === undefined) return `sync status ${sync}`
  return `sync status ${sync}, last operation ${phase}${message === undefined ? '' : `: ${message}`}`
}

/** Asks Argo CD to look at Git now instead of at its next poll (120 s and up to 60 s of jitter by default). */
export async function refreshApplication(
  kube: Kube,
  at: ApplicationRef,
  signal: AbortSignal,
): Promise<KubeResult<Application>> {
  return kube.patch<Application>(
    paths.application(at.namespace, at.application),
    { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } },
    { type: 'merge' },
    signal,
  )
}

import type { KubeFault } from './kube.ts'

const CANNOT = /cannot (\w+) resource "([^"]+)" in API group "([^"]*)"/

interface StatusBody {
  readonly message?: string
  readonly reason?: string
}

function statusOf(text: string): StatusBody {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as StatusBody
  } catch {
    // A proxy in between answers HTML or plain text.
  }
  return { message: text.slice(0, 300) }
}

/** What an answer other than 2xx means, by status and by the API server's own sentence. */
export function refusal(server: string, request: string, status: number, text: string): KubeFault {
  const { message = '' } = statusOf(text)
  const said = message === '' ? '' : `: ${message.replace(/\s+/g, ' ').trim()}`
  if (status === 401) {
    return {
      blame: 'world',
      reason: 'credentials-expired',
      status,
      cause: `${server} refused the credentials for ${request} (401), also after they were read again.`,
      likely: 'The token of the kubeconfig has run out or belongs to another cluster.',
      next: 'Give the job fresh credentials (the step that writes the kubeconfig) and run it again.',
    }
  }
  if (status === 403) {
    const [, verb, resource, group] = CANNOT.exec(message) ?? []
    const missing =
      verb === undefined ? request : `${verb} ${resource}${group === '' ? '' : ` in API group ${group}`}`
    return {
      blame: 'user',
      reason: 'permission-denied',
      status,
      cause: `The account may not ${missing} on ${server}${said}.`,
      likely: 'The Role of the account was made for fewer actions than this one.',
      next: `Add the verb to the Role of the account; docs/kubernetes-rbac.yaml holds the whole Role: ${missing}.`,
    }
  }
  if (status === 404) {
    return {
      blame: 'user',
      reason: 'cluster-object-missing',
      status,
      cause: `${server} has no such object: ${request}${said}.`,
      likely:
        'tuesday.yaml names another namespace or workload, or the first deployment has not happened yet.',
      next: 'Compare namespace and workloads of the environment in tuesday.yaml with the cluster.',
    }
  }
  if (status === 409) {
    return {
      blame: 'world',
      reason: 'cluster-conflict',
      status,
      cause: `The object was changed between reading and writing it: ${request}${said}.`,
      next: 'Run the job again: it reads the object anew.',
    }
  }
  if (status === 429 || status >= 500) {
    return {
      blame: 'world',
      reason: 'cluster-unreachable',
      status,
      cause: `${server} answered ${status} to ${request}${said}.`,
      likely: 'The API server is starting, overloaded, or a proxy in front of it has no back end.',
      next: 'Run the job again when the API server answers.',
    }
  }
  return {
    blame: 'user',
    reason: 'cluster-refused',
    status,
    cause: `${server} refused ${request} with ${status}${said}.`,
    next: 'Read the sentence of the API server; admission policies and CRD schemas answer like this.',
  }
}

export function unreachable(server: string, request: string, error: unknown): KubeFault {
  const text = error instanceof Error ? describe(error) : String(error)
  return {
    blame: 'world',
    reason: 'cluster-unreachable',
    cause: `${server} did not answer ${request}: ${text}.`,
    likely: 'The runner has no route to the cluster, or the API server is down.',
    next: 'Check that this runner reaches the API server, then run the job again; nothing was assumed meanwhile.',
  }
}

/** Node puts the errno of a failed connection into `cause` or into the members of an AggregateError. */
function describe(error: Error): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return describe(error.errors[0])
  if (error.cause instanceof Error) return describe(error.cause)
  return error.message === '' ? error.name : error.message
}

export function unreadable(server: string, request: string, why: string): KubeFault {
  return {
    blame: 'world',
    reason: 'cluster-answer-unreadable',
    cause: `${server} answered ${request} with something that is no Kubernetes object: ${why}.`,
    likely: 'The address is that of a proxy or a login page, not of an API server.',
    next: 'Check the server of the kubeconfig context.',
  }
}

import { type Kind, qualified } from './kinds.ts'

/** A Status object of the API server, thrown where an operation is refused. */
export class StatusError extends Error {
  readonly code: number
  readonly reason: string
  readonly details: Readonly<Record<string, unknown>> | undefined
  constructor(code: number, reason: string, message: string, details?: Readonly<Record<string, unknown>>) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
  }
}

const details = (kind: Kind, name?: string): Record<string, unknown> => ({
  ...(name === undefined ? {} : { name }),
  ...(kind.group === '' ? {} : { group: kind.group }),
  kind: kind.plural,
})

export const notFound = (kind: Kind, name: string) =>
  new StatusError(404, 'NotFound', `${qualified(kind)} "${name}" not found`, details(kind, name))

export const alreadyExists = (kind: Kind, name: string) =>
  new StatusError(409, 'AlreadyExists', `${qualified(kind)} "${name}" already exists`, details(kind, name))

export const conflict = (kind: Kind, name: string) =>
  new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(kind)} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    details(kind, name),
  )

export const badRequest = (message: string) => new StatusError(400, 'BadRequest', message)

export const invalid = (kind: Kind, name: string, message: string) =>
  new StatusError(
    422,
    'Invalid',
    `${kind.kind}.${kind.group} "${name}" is invalid: ${message}`,
    details(kind, name),
  )

export const unauthorized = () => new StatusError(401, 'Unauthorized', 'Unauthorized')

/** Not an answer of a real server: the stand-in does not know this, and says so. */
export const unsupported = (what: string) =>
  new StatusError(501, 'NotImplemented', `testkit/cluster does not know ${what}`)

export interface Attempt {
  readonly user: string
  readonly verb: string
  readonly kind: Kind
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
}

export function forbidden(attempt: Attempt): StatusError {
  const { kind, name, namespace } = attempt
  const resource = attempt.subresource === undefined ? kind.plural : `${kind.plural}/${attempt.subresource}`
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const what = name === undefined ? qualified(kind) : `${qualified(kind)} "${name}"`
  return new StatusError(
    403,
    'Forbidden',
    `${what} is forbidden: User "${attempt.user}" cannot ${attempt.verb} resource "${resource}" in API group "${kind.group}" ${where}`,
    details(kind, name),
  )
}

export function statusBody(error: StatusError): Record<string, unknown> {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: error.message,
    reason: error.reason,
    ...(error.details === undefined ? {} : { details: error.details }),
    code: error.code,
  }
}

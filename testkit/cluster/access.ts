import type { HttpRequest } from '../http/index.ts'
import { type Attempt, forbidden, unauthorized } from './faults.ts'

/** One rule of a Role; `*` stands for all. Subresources are resources of their own: `rollouts/status`. */
export interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  /** Namespaces in which it holds; all when absent (a ClusterRole). */
  readonly namespaces?: readonly string[]
  readonly resourceNames?: readonly string[]
}

export interface Account {
  readonly name: string
  readonly rules: 'admin' | readonly Rule[]
}

export type Accounts = Readonly<Record<string, Account>>

const anonymous: Account = { name: 'system:anonymous', rules: [] }

/** A token that nobody has is refused; no token at all is the anonymous user, who may do nothing. */
export function accountOf(request: HttpRequest, accounts: Accounts): Account {
  const header = request.headers.authorization
  if (header === undefined) return anonymous
  const account = accounts[header.replace(/^Bearer /i, '')]
  if (account === undefined) throw unauthorized()
  return account
}

export function authorise(account: Account, attempt: Omit<Attempt, 'user'>): void {
  if (account.rules === 'admin') return
  const resource =
    attempt.subresource === undefined ? attempt.kind.plural : `${attempt.kind.plural}/${attempt.subresource}`
  const covers = (list: readonly string[], value: string) => list.includes('*') || list.includes(value)
  const allowed = account.rules.some(
    (rule) =>
      covers(rule.apiGroups, attempt.kind.group) &&
      covers(rule.resources, resource) &&
      covers(rule.verbs, attempt.verb) &&
      (rule.namespaces === undefined ||
        (attempt.namespace !== undefined && rule.namespaces.includes(attempt.namespace))) &&
      (rule.resourceNames === undefined ||
        (attempt.name !== undefined && rule.resourceNames.includes(attempt.name))),
  )
  if (!allowed) throw forbidden({ ...attempt, user: account.name })
}

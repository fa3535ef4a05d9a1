import { type Answer, isGood, type Reply } from '../client/answer.ts'
import type { CaseVerdict } from '../types.ts'
import { canonical, isEmpty, shapeOf } from './flat.ts'
import { findSecret, type Secrets } from './secrets.ts'

export interface Judgement {
  readonly verdict: CaseVerdict
  readonly why: string
  readonly status?: number
  readonly found?: string
  readonly warning?: string
}

export interface Question {
  readonly reply: Reply
  readonly sent: readonly string[]
  /** Of the tenant whose data must not be seen. */
  readonly secrets: Secrets
  /** Statuses that refuse. */
  readonly deny: readonly number[]
  /** What the owner gets for the same address, where there is such an answer. */
  readonly owners?: Answer
  /**
   * `object` = nothing of the other tenant may be there at all; `own` = the caller's own data is expected;
   * `write` = what it did is read back afterwards, so a 2xx alone says nothing.
   */
  readonly expects: 'object' | 'own' | 'write'
}

/** The order is the rule: what was seen counts before what was said. */
export function judge({ reply, sent, secrets, deny, owners, expects }: Question): Judgement {
  if (!reply.ok) return { verdict: 'inconclusive', why: reply.why }
  const { status } = reply
  const found = findSecret(reply, sent, secrets)
  if (found !== undefined)
    return {
      verdict: 'leak',
      why: `the answer holds ${found.secret}, which only the other tenant has`,
      status,
      found: found.around,
    }
  if (reply.binary)
    return { verdict: 'inconclusive', why: 'the answer is binary: nothing can be looked for in it', status }
  if (
    expects === 'object' &&
    isGood(reply) &&
    owners !== undefined &&
    isGood(owners) &&
    sameView(reply, owners)
  )
    return {
      verdict: 'leak',
      why: "the answer is the owner's own view of the object",
      status,
      found: reply.text.slice(0, 100),
    }
  if (status === 429)
    return { verdict: 'inconclusive', why: 'the service limits the rate of requests', status }
  if (status >= 500) return { verdict: 'inconclusive', why: `the service failed with ${status}`, status }
  if (isGood(reply)) return judgeGood(reply, expects)
  if (deny.includes(status)) return { verdict: 'pass', why: `refused with ${status}`, status }
  if ([401, 403, 404, 410].includes(status))
    return {
      verdict: 'leak',
      why: `refused with ${status}, which the policy does not allow: it tells what exists`,
      status,
    }
  return { verdict: 'inconclusive', why: `${status} may be about the form of the request`, status }
}

function judgeGood(answer: Answer, expects: Question['expects']): Judgement {
  const { status } = answer
  if (expects === 'own') return { verdict: 'pass', why: 'nothing of the other tenant in it', status }
  if (expects === 'write')
    return { verdict: 'pass', why: `answered ${status} without anything of the other tenant`, status }
  if (answer.text.trim() === '' || (answer.json !== undefined && isEmpty(answer.json)))
    return { verdict: 'pass', why: 'answered with nothing', status }
  return {
    verdict: 'inconclusive',
    why: `answered ${status} with something that cannot be told to be foreign`,
    status,
  }
}

function sameView(one: Answer, owners: Answer): boolean {
  if (one.json !== undefined && owners.json !== undefined)
    return !isEmpty(one.json) && canonical(one.json) === canonical(owners.json)
  return one.text.trim() !== '' && one.text === owners.text
}

/** Whether refusals tell what exists: another status or another form for an id that nobody has. */
export function tellsExistence(foreign: Reply, nobodys: Reply): string | undefined {
  if (!foreign.ok || !nobodys.ok || isGood(foreign) || isGood(nobodys)) return undefined
  if (
    [429].includes(foreign.status) ||
    foreign.status >= 500 ||
    nobodys.status === 429 ||
    nobodys.status >= 500
  )
    return undefined
  if (foreign.status !== nobodys.status)
    return `a foreign id gets ${foreign.status} and one that nobody has ${nobodys.status}`
  if (shapeOf(foreign.json) !== shapeOf(nobodys.json))
    return 'the refusals of a foreign id and of one that nobody has differ in form'
  return undefined
}

const order: readonly CaseVerdict[] = ['leak', 'inconclusive', 'untested', 'pass', 'exempt']

/** The judgement that weighs most. */
export function worst<J extends { readonly verdict: CaseVerdict }>(judgements: readonly J[]): J | undefined {
  return [...judgements].sort((left, right) => order.indexOf(left.verdict) - order.indexOf(right.verdict))[0]
}

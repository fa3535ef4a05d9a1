import { err, type Fault, type Fetch, ok, type ReasonCode, type Result } from '../../release/index.ts'

export interface Ask {
  readonly fetch: Fetch
  readonly signal: AbortSignal
}

export interface Question {
  /** Whom the fault names. */
  readonly receiver: string
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
}

/** Longest that one answer is waited for: a train is not slower for those who are told (issue: operations). */
export const answerMs = 1_000
const largestAnswer = 256 * 1024

/**
 * One request. An address that points elsewhere is not followed: the token would go with it. Nothing of the answer
 * but its status is told on, and of the address only the host: a webhook's path is its secret.
 */
export async function ask({ fetch, signal }: Ask, question: Question): Promise<Result<unknown>> {
  const { receiver, url, method, headers, json } = question
  const host = new URL(url).host
  try {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
      headers: { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    })
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel()
      return err(fault('receiver-redirects', receiver, `${host} points elsewhere (${response.status})`))
    }
    const text = await bounded(response)
    if (!response.ok) return err(fault('receiver-refused', receiver, `${host} answered ${response.status}`))
    if (text === undefined)
      return err(fault('receiver-refused', receiver, `the answer of ${host} is too large`))
    return ok(parsed(text))
  } catch (error) {
    signal.throwIfAborted()
    const late = error instanceof Error && error.name === 'TimeoutError'
    const what = late ? `${host} did not answer within ${answerMs} ms` : `${host} cannot be reached`
    return err(fault('receiver-unreachable', receiver, what))
  }
}

/** The text of an answer, or undefined when it does not end. */
async function bounded(response: Response): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > largestAnswer) return undefined
  }
  return text
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const nexts: Partial<Record<ReasonCode, string>> = {
  'receiver-refused': 'Check its token and its rights; docs/messages.md lists them.',
  'receiver-redirects': 'Write the address that it points to into tuesday.yaml, if it is yours.',
}

export function fault(reason: ReasonCode, receiver: string, cause: string): Fault {
  return {
    blame: 'world',
    reason,
    cause: `The receiver ${receiver} was not told: ${cause}.`,
    next: nexts[reason] ?? 'Nothing: the next run tells it again.',
  }
}

import { type Clock, err, type Fetch, ok, type Result } from '../../release/index.ts'
import { user, world } from '../faults.ts'
import type { Repository } from '../repository.ts'
import { answerChallenge, type FindCredentials, parseChallenge } from './auth.ts'

export interface RegistryPorts {
  readonly fetch: Fetch
  readonly clock: Clock
  readonly credentials: FindCredentials
}

export interface Ask {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH'
  /** Path below the registry, or an absolute address that the registry gave. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer>
  /** Safe to send again after a lost answer. The answer to a GET is then read whole, or asked for again. */
  readonly repeatable: boolean
}

export type Send = (repository: Repository, ask: Ask, signal: AbortSignal) => Promise<Result<Response>>

const attempts = 4
/** A pause that the server asks for is waited up to this. */
const longestPauseMs = 30_000

/** Requests with login and a bounded number of repeats. Answers any status but 401, 429 and 5xx as a value. */
export function transport({ fetch, clock, credentials }: RegistryPorts): Send {
  /** Authorization per origin and repository: a token is good for one scope. */
  const logins = new Map<string, string>()

  async function once(repository: Repository, ask: Ask, signal: AbortSignal): Promise<Response> {
    const url = new URL(ask.path, repository.origin)
    // An upload may be sent elsewhere (object storage); our login is not for there.
    const own = url.origin === repository.origin
    const key = `${repository.origin} ${repository.name} ${ask.method === 'GET' || ask.method === 'HEAD' ? 'pull' : 'push'}`
    const send = (authorization: string | undefined) =>
      fetch(url, {
        method: ask.method,
        headers: { ...ask.headers, ...(authorization === undefined ? {} : { authorization }) },
        ...(ask.body === undefined ? {} : { body: ask.body }),
        signal,
      })
    const response = await send(own ? logins.get(key) : undefined)
    if (response.status !== 401 || !own) return response
    const challenge = parseChallenge(response.headers.get('www-authenticate'))
    if (challenge === undefined) return response
    const login = await answerChallenge(challenge, await credentials(repository.host, signal), {
      fetch,
      origin: repository.origin,
      signal,
    })
    if (login === undefined) return response
    await response.body?.cancel()
    logins.set(key, login)
    return send(login)
  }

  return async (repository, ask, signal) => {
    for (let attempt = 1; ; attempt += 1) {
      const last = attempt === attempts || !ask.repeatable
      let pause = 250 * 2 ** attempt
      try {
        const response = await once(repository, ask, signal)
        if (response.status === 401 || response.status === 403) return err(await denied(repository, response))
        const busy = response.status === 429 || response.status >= 500
        if (!busy) return ok(ask.method === 'GET' && ask.repeatable ? await whole(response) : response)
        if (last) return err(await refused(repository, ask, response))
        const asked = Number(response.headers.get('retry-after')) * 1_000
        if (asked > 0) pause = Math.min(asked, longestPauseMs)
        await response.body?.cancel()
      } catch (error) {
        signal.throwIfAborted()
        if (last) return err(unreachable(repository, error))
      }
      await clock.sleep(pause, signal)
    }
  }
}

/** With its body read: a connection that breaks in the middle of it is a lost answer like any other. */
async function whole(response: Response): Promise<Response> {
  const { status, headers } = response
  return new Response(await response.arrayBuffer(), { status, headers })
}

async function denied({ host, text }: Repository, response: Response) {
  const said = await wordsOf(response)
  return user(
    'registry-login',
    `The registry ${host} refused access to ${text} (${response.status}${said}).`,
    {
      likely:
        'No login ran before this step, it has expired, or the account may not push to this repository.',
      next: `Log in to ${host} before this step, with the right to push.`,
    },
  )
}

/** A status that the caller cannot use. */
export async function refused({ host, name }: Repository, { method }: Ask, response: Response) {
  const said = await wordsOf(response)
  const cause = `The registry ${host} answered ${response.status} to ${method} for ${name}${said}.`
  return response.status === 429 || response.status >= 500
    ? world('registry-refused', cause, {
        likely: 'It is overloaded or has a fault.',
        next: 'Run again later.',
      })
    : user('registry-refused', cause, { next: 'Do what the registry asks for, then run again.' })
}

function unreachable({ host }: Repository, error: unknown) {
  const why = error instanceof Error ? error.message : String(error)
  return world('registry-unreachable', `The registry ${host} did not answer: ${why}.`, {
    likely: 'It is down, its name is wrong, or this runner has no way to it.',
    next: 'Check image.repository in tuesday.yaml and the network, then run again.',
  })
}

/** `, CODE: message` of the first error in the body (OCI distribution specification 1.1, "Error codes"). */
async function wordsOf(response: Response): Promise<string> {
  try {
    const body = JSON.parse((await response.text()).slice(0, 65_536)) as {
      readonly errors?: readonly unknown[]
    }
    const { code, message } = (body.errors?.[0] ?? {}) as {
      readonly code?: string
      readonly message?: string
    }
    return code === undefined ? '' : `, ${code}${message === undefined ? '' : `: ${message}`}`
  } catch {
    return ''
  }
}

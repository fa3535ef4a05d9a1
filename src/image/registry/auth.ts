import type { Fetch } from '../../release/index.ts'

/** What a login left behind for one registry. */
export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** A refresh token of the registry's own login (`identitytoken` of Docker's configuration). */
  | { readonly kind: 'identity'; readonly token: string }

/** Undefined when there are none: public images need none. */
export type FindCredentials = (host: string, signal: AbortSignal) => Promise<Credentials | undefined>

/** What a registry asks for with 401 (RFC 9110 §11.6.1, distribution token specification). */
export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service?: string; readonly scope?: string }

export function parseChallenge(header: string | null): Challenge | undefined {
  if (header === null) return undefined
  if (/^basic\b/i.test(header)) return { scheme: 'basic' }
  if (!/^bearer\s/i.test(header)) return undefined
  const found = new Map<string, string>()
  for (const [, key = '', quoted, bare] of header.matchAll(
    /([A-Za-z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g,
  )) {
    found.set(key.toLowerCase(), (quoted ?? bare ?? '').replaceAll(/\\(.)/g, '$1'))
  }
  const realm = found.get('realm')
  if (realm === undefined || !URL.canParse(realm)) return undefined
  const service = found.get('service')
  const scope = found.get('scope')
  return {
    scheme: 'bearer',
    realm,
    ...(service === undefined ? {} : { service }),
    ...(scope === undefined ? {} : { scope }),
  }
}

/** The value of `Authorization` that answers a challenge; undefined when there is nothing to answer with. */
export async function answerChallenge(
  challenge: Challenge,
  credentials: Credentials | undefined,
  { fetch, origin, signal }: { readonly fetch: Fetch; readonly origin: string; readonly signal: AbortSignal },
): Promise<string | undefined> {
  if (challenge.scheme === 'basic') return credentials?.kind === 'password' ? basic(credentials) : undefined
  const realm = new URL(challenge.realm)
  // A registry must not be able to have a password sent in the clear to somewhere else.
  if (realm.protocol !== 'https:' && realm.origin !== origin && !isLoopback(realm)) return undefined
  const response = await askForToken(realm, challenge, credentials, fetch, signal)
  if (!response.ok) {
    await response.body?.cancel()
    return undefined
  }
  const answer = (await response.json()) as Readonly<Record<string, unknown>>
  const token = answer.token ?? answer.access_token
  return typeof token === 'string' && token !== '' ? `Bearer ${token}` : undefined
}

function askForToken(
  realm: URL,
  { service, scope }: Extract<Challenge, { scheme: 'bearer' }>,
  credentials: Credentials | undefined,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<Response> {
  const asked = { ...(service === undefined ? {} : { service }), ...(scope === undefined ? {} : { scope }) }
  if (credentials?.kind === 'identity') {
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: credentials.token,
      client_id: 'tuesday',
      ...asked,
    })
    return fetch(realm, { method: 'POST', body, signal })
  }
  for (const [key, value] of Object.entries(asked)) realm.searchParams.set(key, value)
  const headers = credentials === undefined ? {} : { authorization: basic(credentials) }
  return fetch(realm, { headers, signal })
}

function basic({ username, password }: Extract<Credentials, { kind: 'password' }>): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}

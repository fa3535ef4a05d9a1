import { createLocalJWKSet, createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'

export interface Caller {
  readonly tenant: string
  readonly scopes: ReadonlySet<string>
}

export type VerifyToken = (token: string) => Promise<Caller | undefined>

/** A tenant is an opaque id: it becomes part of cache keys and event subjects. */
const claims = z.object({
  tenant: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  scope: z.string().default(''),
})

interface TokenSettings {
  readonly TOKEN_JWKS_URL?: string | undefined
  readonly TOKEN_JWKS?: string | undefined
  readonly TOKEN_ISSUER: string
  readonly TOKEN_AUDIENCE: string
}

/** Only asymmetric algorithms: the service holds no key that could sign a token for another tenant. */
const ALGORITHMS = ['ES256', 'EdDSA', 'RS256']

export function tokenVerifier(settings: TokenSettings): VerifyToken {
  const keys = keySet(settings)
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: settings.TOKEN_ISSUER,
        audience: settings.TOKEN_AUDIENCE,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp'],
      })
      const { tenant, scope } = claims.parse(payload)
      return { tenant, scopes: new Set(scope.split(' ').filter((part) => part !== '')) }
    } catch {
      // Why a token was refused helps only the one who forges it.
      return undefined
    }
  }
}

function keySet({ TOKEN_JWKS_URL, TOKEN_JWKS }: TokenSettings): JWTVerifyGetKey {
  if (TOKEN_JWKS !== undefined) return createLocalJWKSet(JSON.parse(TOKEN_JWKS))
  if (TOKEN_JWKS_URL !== undefined)
    return createRemoteJWKSet(new URL(TOKEN_JWKS_URL), { timeoutDuration: 2_000 })
  throw new Error('one of TOKEN_JWKS_URL and TOKEN_JWKS is needed')
}

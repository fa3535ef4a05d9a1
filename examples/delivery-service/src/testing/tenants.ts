import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { tokenVerifier, type VerifyToken } from '../platform/tokens.js'

export interface Issuer {
  readonly verify: VerifyToken
  readonly jwks: string
  token(
    tenant: string,
    more?: { scope?: string; issuer?: string; audience?: string; expires?: string },
  ): Promise<string>
}

/** Signs tokens the way an identity provider would, with a key of its own. */
export async function issuer(): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwks = JSON.stringify({
    keys: [{ ...(await exportJWK(publicKey)), kid: 'test', alg: 'ES256', use: 'sig' }],
  })
  return {
    jwks,
    verify: tokenVerifier({
      TOKEN_JWKS: jwks,
      TOKEN_ISSUER: 'https://id.example',
      TOKEN_AUDIENCE: 'delivery-service',
    }),
    token: (tenant, more = {}) =>
      new SignJWT({ tenant, scope: more.scope ?? 'deliveries:read deliveries:write' })
        .setProtectedHeader({ alg: 'ES256', kid: 'test' })
        .setIssuer(more.issuer ?? 'https://id.example')
        .setAudience(more.audience ?? 'delivery-service')
        .setExpirationTime(more.expires ?? '5m')
        .sign(privateKey),
  }
}

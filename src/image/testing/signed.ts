import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Statement } from '../evidence/statement.ts'

/** A key pair as cosign makes them. */
export function keyPair() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { privateKey, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() }
}

const payloadType = 'application/vnd.in-toto+json'

/** A bundle with a key, as `cosign attest-blob --new-bundle-format --tlog-upload=false` writes it; the rig compares. */
export function signedBundle(statement: Statement, key: KeyObject): Uint8Array<ArrayBuffer> {
  const payload = Buffer.from(JSON.stringify(statement))
  const signature = sign('sha256', preAuthentication(payload), key)
  return bundleOf(payload, signature, { publicKey: { hint: 'a hint that nobody looks at' } })
}

export function bundleOf(
  payload: Buffer,
  signature: Buffer,
  verificationMaterial: object,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    Buffer.from(
      JSON.stringify({
        mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        verificationMaterial,
        dsseEnvelope: {
          payload: payload.toString('base64'),
          payloadType,
          signatures: [{ sig: signature.toString('base64') }],
        },
      }),
    ),
  )
}

/** DSSE 1.0, "Signature Definition". */
export function preAuthentication(payload: Buffer): Buffer {
  const head = `DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `
  return Buffer.concat([Buffer.from(head), payload])
}

import { createPublicKey } from 'node:crypto'
import { type Bundle, bundleFromJSON, isBundleWithDsseEnvelope } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { PolicyError, toSignedEntity, toTrustMaterial, VerificationError, Verifier } from '@sigstore/verify'
import type { CheckedBundle, Trust } from './bundle.ts'

/**
 * Sigstore's own verification, in this process: no program to fetch in each region, and no network. With a key there
 * is no log to ask; a keyless signature has to be in the logs that the trusted root names, at a time at which its
 * certificate held.
 */
export function checkBundle(json: unknown, trust: Trust): CheckedBundle {
  let bundle: Bundle
  try {
    bundle = bundleFromJSON(json)
  } catch (error) {
    return { ok: false, why: `it is no Sigstore bundle: ${text(error)}` }
  }
  if (!isBundleWithDsseEnvelope(bundle)) return { ok: false, why: 'it signs no in-toto statement' }
  try {
    const signer = verifierOf(trust).verify(toSignedEntity(bundle))
    const payload = bundle.content.dsseEnvelope.payload.toString('utf8')
    const { subjectAlternativeName: workflow, extensions } = signer.identity ?? {}
    return {
      ok: true,
      statement: JSON.parse(payload) as unknown,
      ...(workflow === undefined ? {} : { workflow }),
      ...(extensions?.issuer === undefined ? {} : { issuer: extensions.issuer }),
    }
  } catch (error) {
    // Anything else that is thrown on bytes of strangers is a refusal, too.
    const known = error instanceof VerificationError || error instanceof PolicyError
    return { ok: false, why: known ? error.message : `it cannot be checked: ${text(error)}` }
  }
}

function verifierOf(trust: Trust): Verifier {
  if (trust.kind === 'keyless') {
    const root = toTrustMaterial(TrustedRoot.fromJSON(trust.root))
    return new Verifier(root, { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 })
  }
  const publicKey = createPublicKey(trust.pem)
  const none = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] }
  return new Verifier(
    { ...none, publicKey: () => ({ publicKey, validFor: () => true }) },
    { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 },
  )
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

import { createPublicKey } from 'node:crypto'
import { err, ok, type Result } from '../../release/index.ts'
import { user } from '../faults.ts'

/** Whose signatures count. */
export type Trust =
  | { readonly kind: 'key'; readonly pem: string }
  /** The trusted root of a Sigstore instance, and who has to have vouched for the workflow. */
  | { readonly kind: 'keyless'; readonly root: unknown; readonly issuer: string }

export type CheckedBundle =
  | {
      readonly ok: true
      readonly statement: unknown
      /** Of the certificate; a key has no name. */
      readonly workflow?: string
      readonly issuer?: string
    }
  | { readonly ok: false; readonly why: string }

/** From the text of the file that the policy names. */
export function readTrust(kind: Trust['kind'], file: string, text: string, issuer: string): Result<Trust> {
  try {
    if (kind === 'keyless') {
      const root = JSON.parse(text) as { readonly certificateAuthorities?: unknown }
      return Array.isArray(root.certificateAuthorities)
        ? ok({ kind, root, issuer })
        : err(unreadable(file, 'it names no certificate authority'))
    }
    createPublicKey(text)
    return ok({ kind, pem: text })
  } catch (error) {
    return err(unreadable(file, error instanceof Error ? error.message : String(error)))
  }
}

function unreadable(file: string, why: string) {
  return user('image-trust-unreadable', `${file} holds nothing to check signatures with: ${why}.`, {
    likely: 'The file holds a private key, or is not what `cosign` wrote.',
    next: 'Write the public key with `cosign public-key`, or the trusted root with `cosign trusted-root create`, and commit it.',
  })
}

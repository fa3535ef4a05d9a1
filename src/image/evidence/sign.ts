import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { err, ok, type Result } from '../../release/index.ts'
import { user } from '../faults.ts'
import { ask, type Programs } from '../programs.ts'
import type { Statement } from './statement.ts'

/** Who signs: a key that cosign reads (`env://NAME`, a file, a KMS address), or the workflow itself by its OIDC token. */
export type Signing = { readonly kind: 'key'; readonly key: string } | { readonly kind: 'keyless' }

export const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json'

const boundMs = 2 * 60_000

/**
 * A Sigstore bundle of a statement. cosign signs and talks to nobody's registry: the bundle is pushed by our own
 * client, with the login, the retries and the tag scheme that all else has.
 */
export async function signStatement(
  programs: Programs,
  cosign: string,
  signing: Signing,
  statement: Statement,
  dir: string,
): Promise<Result<Uint8Array<ArrayBuffer>>> {
  const name = statement.predicateType.replaceAll(/[^a-z0-9]+/gi, '-')
  const [file, bundle] = [path.join(dir, `${name}.json`), path.join(dir, `${name}.bundle.json`)]
  await writeFile(file, JSON.stringify(statement))
  const signed = await ask(programs, cosign, signArguments(signing, file, bundle), { timeoutMs: boundMs })
  if (signed?.code !== 0) return err(failed(signing, signed?.stderr))
  return ok(new Uint8Array(await readFile(bundle)))
}

export function signArguments(signing: Signing, statement: string, bundle: string): readonly string[] {
  return [
    ...['attest-blob', '--yes', '--statement', statement],
    ...['--new-bundle-format', '--bundle', bundle],
    // A key needs no log to be believed, and a private repository must not be named in a public one.
    ...(signing.kind === 'key' ? ['--key', signing.key, '--tlog-upload=false'] : []),
  ]
}

function failed(signing: Signing, said: string | undefined) {
  const last = said?.trim().split('\n').slice(-5).join('\n') ?? 'it could not be started or took too long'
  return user('signing-failed', `cosign did not sign: ${last}.`, {
    likely:
      signing.kind === 'key'
        ? 'The key or its password is not there: cosign reads COSIGN_PRIVATE_KEY and COSIGN_PASSWORD.'
        : 'The job has no `id-token: write`, or the runner has no way to Fulcio and Rekor.',
    next:
      signing.kind === 'key'
        ? 'Give the step COSIGN_PRIVATE_KEY and COSIGN_PASSWORD under `env`, or name the key in `signing-key`; the tag was not set.'
        : 'Give the job `permissions: id-token: write`; the tag was not set.',
  })
}

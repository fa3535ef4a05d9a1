import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Config } from '../../config/index.ts'
import { type CommitSha, type Digest, err, ok, type Result } from '../../release/index.ts'
import { user } from '../faults.ts'
import type { Registry } from '../registry/client.ts'
import { parseRepository } from '../repository.ts'
import { readTrust } from './bundle.ts'
import { verifyImage } from './verify.ts'

/** Whether an image may be pinned: a release says which commit it was built from. */
export type ImageGate = (digest: Digest, commit: CommitSha, signal: AbortSignal) => Promise<Result<void>>

/**
 * The gate that `image.verify` of tuesday.yaml asks for; undefined when it asks for none. `checkout` is the service's
 * own repository, where the key or the trusted root lies.
 */
export async function imageGate(
  { image }: Pick<Config, 'image'>,
  checkout: string,
  registry: Registry,
): Promise<Result<ImageGate | undefined>> {
  const { verify } = image
  if (verify === undefined || verify === 'off') return ok(undefined)
  const repository = parseRepository(image.repository)
  if (!repository.ok) return repository
  const { kind, file } = verify.trust
  const text = await readFile(path.resolve(checkout, file), 'utf8').catch(() => undefined)
  if (text === undefined) return err(noFile(file))
  const trust = readTrust(kind, file, text, verify.issuer)
  if (!trust.ok) return trust
  const { workflow, source } = verify
  return ok(async (digest, commit, signal) => {
    const common = { registry, repository: repository.value, trust: trust.value, workflow, source }
    const verified = await verifyImage({ ...common, digest, commit, signal })
    return verified.ok ? ok(undefined) : verified
  })
}

function noFile(file: string) {
  return user('image-trust-unreadable', `There is no file ${file}, with which signatures are checked.`, {
    likely: 'It is not committed, or the repository of the service was not checked out before this step.',
    next: 'Commit the file that `image.verify` names, and check the repository out before this step.',
  })
}

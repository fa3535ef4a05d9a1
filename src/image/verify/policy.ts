import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Config } from '../../config/index.ts'
import { type CommitSha, type Digest, err, ok, type Result } from '../../release/index.ts'
import { user } from '../faults.ts'
import type { Registry } from '../registry/client.ts'
import { parseRepository, type Repository } from '../repository.ts'
import { readTrust } from './bundle.ts'
import { checkServed } from './served.ts'
import { verifyImage } from './verify.ts'

/** Whether an image may be pinned in an environment: a release says which commit it was built from. */
export type ImageGate = (
  image: { readonly digest: Digest; readonly commit: CommitSha; readonly environment: string },
  signal: AbortSignal,
) => Promise<Result<void>>

/**
 * The gate that tuesday.yaml asks for; undefined when it asks for none. `checkout` is the service's own repository,
 * where the key or the trusted root lies.
 */
export async function imageGate(
  { image, environments }: Pick<Config, 'image' | 'environments'>,
  checkout: string,
  registry: Registry,
): Promise<Result<ImageGate | undefined>> {
  const repository = parseRepository(image.repository)
  if (!repository.ok) return repository
  const evidence = await evidenceGate(image, repository.value, checkout, registry)
  if (!evidence.ok) return evidence
  const mirrors = new Map<string, Repository>()
  for (const { name, mirror } of Object.values(environments)) {
    if (mirror === undefined) continue
    const parsed = parseRepository(mirror)
    if (!parsed.ok) return parsed
    mirrors.set(name, parsed.value)
  }
  if (evidence.value === undefined && mirrors.size === 0) return ok(undefined)
  return ok(async (wanted, signal) => {
    const proven = await evidence.value?.(wanted, signal)
    if (proven?.ok === false) return proven
    const mirror = mirrors.get(wanted.environment)
    return mirror === undefined ? ok(undefined) : checkMirror(registry, mirror, wanted, signal)
  })
}

async function evidenceGate(
  { verify }: Config['image'],
  repository: Repository,
  checkout: string,
  registry: Registry,
): Promise<Result<ImageGate | undefined>> {
  if (verify === undefined || verify === 'off') return ok(undefined)
  const { kind, file } = verify.trust
  const text = await readFile(path.resolve(checkout, file), 'utf8').catch(() => undefined)
  if (text === undefined) return err(noFile(file))
  const trust = readTrust(kind, file, text, verify.issuer)
  if (!trust.ok) return trust
  const { workflow, source } = verify
  return ok(async ({ digest, commit }, signal) => {
    const common = { registry, repository, trust: trust.value, workflow, source }
    const verified = await verifyImage({ ...common, digest, commit, signal })
    return verified.ok ? ok(undefined) : verified
  })
}

/** A mirror is asked for the same digest: what is proven of the image holds for the same bytes wherever they lie. */
async function checkMirror(
  registry: Registry,
  mirror: Repository,
  { digest, environment }: Parameters<ImageGate>[0],
  signal: AbortSignal,
): Promise<Result<void>> {
  const served = await checkServed(registry, mirror, digest, signal)
  if (served.ok || served.fault.blame === 'world') return served
  return err(
    user('image-not-mirrored', `${environment} pulls from a mirror, and there: ${served.fault.cause}`, {
      likely: 'The replication of the registry is late, or leaves this repository out.',
      next: `Copy ${digest} to ${mirror.text} with its referrers, or wait for the replication; then run again.`,
    }),
  )
}

function noFile(file: string) {
  return user('image-trust-unreadable', `There is no file ${file}, with which signatures are checked.`, {
    likely: 'It is not committed, or the repository of the service was not checked out before this step.',
    next: 'Commit the file that `image.verify` names, and check the repository out before this step.',
  })
}

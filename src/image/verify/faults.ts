import type { Digest } from '../../release/index.ts'
import { user } from '../faults.ts'
import type { Repository } from '../repository.ts'

export function notServed({ text }: Repository, digest: Digest) {
  return user('image-not-served', `${text} serves no ${digest}.`, {
    likely: 'It was never pushed there, a clean-up removed it, or the mirror has not copied it yet.',
    next: 'Push or copy the image by its digest; exclude what is live from the clean-up of the registry.',
  })
}

export function notWhole({ text }: Repository, digest: Digest, part: Digest) {
  return user('image-not-whole', `${text} serves ${digest} without ${part}, which is a part of it.`, {
    likely: 'A clean-up removed a part, or a copy was broken off.',
    next: 'Build and push the commit again, or copy the image again.',
  })
}

export function noSignature({ text }: Repository, digest: Digest) {
  return user('image-signature-missing', `Nothing that ${text} holds is a signature of ${digest}.`, {
    likely:
      'The image was built before signing was asked for, was pushed by hand, or its signature was removed.',
    next: 'Run build-image for this commit again: the same image is signed, another one is refused.',
  })
}

export function badSignature({ text }: Repository, digest: Digest, refusals: readonly string[]) {
  const why = [...new Set(refusals)].join('; ')
  return user('image-signature-invalid', `No signature of ${digest} in ${text} holds: ${why}.`, {
    likely: 'It was made with another key, or image and signature were changed after signing.',
    next: 'Do not release this image; find out who pushed it. If the key was renewed, commit its public half.',
  })
}

export function otherSigner({ text }: Repository, digest: Digest, wanted: string, found: readonly string[]) {
  return user(
    'image-signer-unexpected',
    `${digest} in ${text} was signed by ${[...new Set(found)].join(', ')}, not by ${wanted}.`,
    {
      likely: 'Another workflow or branch built it, or the workflow was renamed.',
      next: 'Release what the workflow of `image.verify.workflow` built; change that key only in a reviewed commit.',
    },
  )
}

export function noProvenance({ text }: Repository, digest: Digest) {
  return user(
    'image-provenance-missing',
    `${text} holds a signature of ${digest}, but not where it came from.`,
    {
      likely: 'The provenance was removed, or a copy left it behind.',
      next: 'Run build-image for this commit again, or copy the image with its referrers (`oras cp -r`).',
    },
  )
}

export function otherSource(
  { text }: Repository,
  digest: Digest,
  wanted: { readonly source: string; readonly commit: string },
  found: { readonly source: string; readonly commit: string },
) {
  return user(
    'image-provenance-differs',
    `${digest} in ${text} was built from ${found.source} at ${found.commit}; the release says ${wanted.source} at ${wanted.commit}.`,
    {
      likely: 'The release was staged with a digest of another commit.',
      next: 'Stage the digest that build-image answered for this commit.',
    },
  )
}

export function noSbom({ text }: Repository, digest: Digest, names: readonly string[]) {
  const what =
    names.length === 0 ? 'names no list of its contents' : `names ${names.join(', ')}, and it is gone`
  return user('image-sbom-missing', `The provenance of ${digest} in ${text} ${what}.`, {
    likely: 'The SBOM was removed, or a copy left it behind.',
    next: 'Run build-image for this commit again, or copy the image with its referrers (`oras cp -r`).',
  })
}

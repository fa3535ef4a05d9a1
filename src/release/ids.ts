/** Content digest of an image: `sha256:` and 64 lower-case hex digits (OCI image spec, descriptor). */
export type Digest = string & { readonly __brand: 'Digest' }

/** Full commit id: 40 lower-case hex digits. Short forms are refused: YAML reads many of them as numbers. */
export type CommitSha = string & { readonly __brand: 'CommitSha' }

/** Name of an environment of tuesday.yaml that serves production traffic, e.g. `prod-us`. */
export type Region = string & { readonly __brand: 'Region' }

export function parseDigest(text: string): Digest | undefined {
  return /^sha256:[0-9a-f]{64}$/.test(text) ? (text as Digest) : undefined
}

export function parseCommitSha(text: string): CommitSha | undefined {
  return /^[0-9a-f]{40}$/.test(text) ? (text as CommitSha) : undefined
}

/** Twelve hex digits for people; never for machines. */
export function shortDigest(digest: Digest): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12)
}

/** The only form in which a cluster is told which image to run. */
export function imageReference(repository: string, digest: Digest): string {
  return `${repository}@${digest}`
}

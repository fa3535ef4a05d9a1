import type { CommitSha, Digest } from '../../release/index.ts'

/** in-toto Statement v1. */
export interface Statement {
  readonly _type: 'https://in-toto.io/Statement/v1'
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[]
  readonly predicateType: string
  readonly predicate: unknown
}

/** "This image is ours": the same claim that cosign makes, so that its own `verify` reads it. */
export const signatureType = 'https://sigstore.dev/cosign/sign/v1'
export const provenanceType = 'https://slsa.dev/provenance/v1'
/** Names the meaning of `externalParameters` below; a change of their meaning changes it. */
export const buildType = 'urn:tuesday:build-image:v1'

/** A file that was made beside the image. */
export interface Byproduct {
  readonly name: string
  readonly mediaType: string
  readonly digest: Digest
}

export interface BuildFacts {
  readonly repository: string
  readonly digest: Digest
  readonly commit: CommitSha
  /** `https://github.com/acme/delivery-service` */
  readonly source: string
  /** Identity of the workflow: `https://github.com/acme/x/.github/workflows/build.yml@refs/heads/main`. */
  readonly workflow: string
  readonly run: string
  readonly context: string
  readonly dockerfile: string
  readonly builder: string
  readonly platforms: readonly string[]
  /** Names alone: a value may be one that should not be told on. */
  readonly buildArgs: readonly string[]
  readonly started: Date
  readonly finished: Date
  readonly byproducts: readonly Byproduct[]
}

export function signatureStatement(facts: Pick<BuildFacts, 'repository' | 'digest'>): Statement {
  return statement(facts, signatureType, {})
}

/** SLSA provenance v1: what was built from which commit, by whom, and what came out beside the image. */
export function provenanceStatement(facts: BuildFacts): Statement {
  const { commit, source, workflow, run, context, dockerfile, builder, platforms, started, finished } = facts
  const from = { uri: `git+${source}`, digest: { gitCommit: commit } }
  return statement(facts, provenanceType, {
    buildDefinition: {
      buildType,
      externalParameters: { source: from, context, dockerfile, platforms, buildArgs: facts.buildArgs },
      internalParameters: { builder },
      resolvedDependencies: [from],
    },
    runDetails: {
      builder: { id: workflow },
      metadata: {
        invocationId: run,
        startedOn: started.toISOString(),
        finishedOn: finished.toISOString(),
      },
      byproducts: facts.byproducts.map(({ name, mediaType, digest }) => ({
        name,
        mediaType,
        digest: { sha256: hex(digest) },
      })),
    },
  })
}

function statement(
  { repository, digest }: Pick<BuildFacts, 'repository' | 'digest'>,
  predicateType: string,
  predicate: unknown,
): Statement {
  const subject = [{ name: repository, digest: { sha256: hex(digest) } }]
  return { _type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate }
}

function hex(digest: Digest): string {
  return digest.slice('sha256:'.length)
}

import { mkdir } from 'node:fs/promises'
import { type Clock, type CommitSha, type Digest, type Logger, ok, type Result } from '../../release/index.ts'
import { inspectLayout } from '../inspect.ts'
import type { Programs } from '../programs.ts'
import type { LayoutImage } from '../read-layout.ts'
import { readArtifacts } from '../registry/artifact.ts'
import type { Registry } from '../registry/client.ts'
import { attachReferrer } from '../registry/referrers.ts'
import type { Repository } from '../repository.ts'
import { findTool, type Tools } from '../tools/find.ts'
import { cyclonedxType, makeSboms, type Sbom, spdxType } from './sbom.ts'
import { bundleType, type Signing, signStatement } from './sign.ts'
import {
  type BuildFacts,
  provenanceStatement,
  provenanceType,
  type Statement,
  signatureStatement,
  signatureType,
} from './statement.ts'

/** What is known of the run that builds, and who signs for it. */
export interface EvidenceOrder {
  readonly signing: Signing
  readonly tools: Tools
  readonly source: string
  readonly workflow: string
  readonly run: string
}

export interface EvidenceRequest extends EvidenceOrder {
  readonly registry: Registry
  readonly repository: Repository
  readonly programs: Programs
  readonly clock: Clock
  readonly logger: Logger
  /** An empty folder of its own; the SBOM files stay in it. */
  readonly dir: string
  readonly layoutDir: string
  readonly image: LayoutImage
  readonly commit: CommitSha
  /** Time of the commit: what is attached carries it, so that it does not differ from run to run. */
  readonly created: Date
  readonly build: Pick<
    BuildFacts,
    'context' | 'dockerfile' | 'builder' | 'platforms' | 'buildArgs' | 'started'
  >
}

/** Makes what proves an image and attaches it; the tag is set only after all of it is there. */
export async function makeEvidence(request: EvidenceRequest): Promise<Result<readonly Sbom[]>> {
  const { programs, tools, logger, dir, layoutDir, image, repository, clock, commit } = request
  await mkdir(dir, { recursive: true })
  const syft = await findTool('syft', programs, tools, logger)
  if (!syft.ok) return syft
  const cosign = await findTool('cosign', programs, tools, logger)
  if (!cosign.ok) return cosign
  const sboms = await makeSboms(programs, syft.value, layoutDir, await inspectLayout(image), dir)
  if (!sboms.ok) return sboms
  const facts: BuildFacts = {
    ...request.build,
    repository: repository.text,
    digest: image.digest,
    commit,
    source: request.source,
    workflow: request.workflow,
    run: request.run,
    finished: clock.now(),
    byproducts: sboms.value,
  }
  const statements = [signatureStatement(facts), provenanceStatement(facts)]
  const bundles: Signed[] = []
  for (const statement of statements) {
    const bytes = await signStatement(programs, cosign.value, request.signing, statement, dir)
    if (!bytes.ok) return bytes
    bundles.push({ statement, bytes: bytes.value })
  }
  const attached = await attachAll(request, sboms.value, bundles)
  return attached.ok ? sboms : attached
}

interface Signed {
  readonly statement: Statement
  readonly bytes: Uint8Array<ArrayBuffer>
}

async function attachAll(
  { registry, repository, clock, image, created, programs }: EvidenceRequest,
  sboms: readonly Sbom[],
  bundles: readonly Signed[],
): Promise<Result<void>> {
  const root = image.manifests.at(-1)
  if (root === undefined) return ok(undefined)
  const subject = { mediaType: root.mediaType, digest: root.digest, size: root.bytes.length }
  const time = { 'org.opencontainers.image.created': created.toISOString() }
  const artifacts = [
    ...sboms.map(({ mediaType, name, bytes }) => ({
      artifactType: mediaType,
      annotations: { ...time, 'org.opencontainers.image.title': name },
      content: bytes,
    })),
    ...bundles.map(({ statement, bytes }) => ({
      artifactType: bundleType,
      // As cosign writes and looks for them.
      annotations: {
        ...time,
        'dev.sigstore.bundle.content': 'dsse-envelope',
        'dev.sigstore.bundle.predicateType': statement.predicateType,
      },
      content: bytes,
    })),
  ]
  for (const artifact of artifacts) {
    const attached = await attachReferrer(
      registry,
      clock,
      repository,
      { subject, ...artifact },
      programs.signal,
    )
    if (!attached.ok) return attached
  }
  return ok(undefined)
}

/** Whether all that `makeEvidence` attaches is there. Who signed it is the question of `verifyImage`. */
export async function hasEvidence(
  registry: Registry,
  repository: Repository,
  digest: Digest,
  signal: AbortSignal,
): Promise<Result<boolean>> {
  const artifacts = await readArtifacts(registry, repository, digest, signal)
  if (!artifacts.ok) return artifacts
  const kinds = new Set(
    artifacts.value.map(({ artifactType, annotations }) =>
      artifactType === bundleType ? annotations['dev.sigstore.bundle.predicateType'] : artifactType,
    ),
  )
  return ok([spdxType, cyclonedxType, signatureType, provenanceType].every((kind) => kinds.has(kind)))
}

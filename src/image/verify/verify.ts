import { type CommitSha, type Digest, err, type Fault, ok, type Result } from '../../release/index.ts'
import { bundleType } from '../evidence/sign.ts'
import { provenanceType, signatureType } from '../evidence/statement.ts'
import { type ReadArtifact, readArtifacts } from '../registry/artifact.ts'
import type { Registry } from '../registry/client.ts'
import type { Repository } from '../repository.ts'
import type { CheckedBundle, Trust } from './bundle.ts'
import * as says from './faults.ts'
import { checkServed } from './served.ts'

export interface VerifyRequest {
  readonly registry: Registry
  readonly repository: Repository
  readonly digest: Digest
  /** The commit that the release says it was built from. */
  readonly commit: CommitSha
  readonly trust: Trust
  /** The one workflow that may build: `https://github.com/acme/x/.github/workflows/build.yml@refs/heads/main`. */
  readonly workflow: string
  /** The one repository that may be built: `https://github.com/acme/x`. */
  readonly source: string
  readonly signal: AbortSignal
}

export interface Verified {
  readonly workflow: string
  readonly sboms: number
}

/** A statement about this very image, and whom its signature names. */
export interface Claim {
  readonly type: string
  readonly predicate: Readonly<Record<string, unknown>>
  readonly workflow?: string
  readonly issuer?: string
}

/**
 * Whether an image is the one that our workflow built of this commit: served whole, signed, and with provenance that
 * names the commit and lists of its contents that are still there. Several runs may have left evidence: one that
 * holds in all points is enough, and what does not hold is told by the one that came nearest.
 */
export async function verifyImage(request: VerifyRequest): Promise<Result<Verified>> {
  const { registry, repository, digest, signal } = request
  const served = await checkServed(registry, repository, digest, signal)
  if (!served.ok) return served
  const artifacts = await readArtifacts(registry, repository, digest, signal)
  if (!artifacts.ok) return artifacts
  const bundles = artifacts.value.filter(({ artifactType }) => artifactType === bundleType)
  if (bundles.length === 0) return err(says.noSignature(repository, digest))
  const claims: Claim[] = []
  const refusals: string[] = []
  for (const bundle of bundles) {
    const checked = await readClaim(request, bundle)
    if (!checked.ok) return checked
    if (typeof checked.value === 'string') refusals.push(checked.value)
    else claims.push(checked.value)
  }
  return judge(request, artifacts.value, claims, refusals)
}

/** The claim of a bundle, or why it counts for nothing. */
async function readClaim(
  { registry, repository, digest, trust, signal }: VerifyRequest,
  { layers }: ReadArtifact,
): Promise<Result<Claim | string>> {
  const [layer] = layers
  if (layer === undefined) return ok('it is empty')
  const bytes = await registry.blob(repository, layer.digest, signal)
  if (!bytes.ok) return bytes
  const { checkBundle } = await import('./sigstore.heavy.ts')
  const checked = checkBundle(parse(bytes.value), trust)
  return ok(checked.ok ? claimOf(checked, digest) : checked.why)
}

function claimOf(checked: Extract<CheckedBundle, { ok: true }>, digest: Digest): Claim | string {
  const { subject, predicateType, predicate } = record(checked.statement)
  const about = (Array.isArray(subject) ? subject : []).map((one) => record(record(one).digest).sha256)
  if (!about.includes(digest.slice('sha256:'.length))) return 'it signs another image'
  return {
    type: String(predicateType),
    predicate: record(predicate),
    ...(checked.workflow === undefined ? {} : { workflow: checked.workflow }),
    ...(checked.issuer === undefined ? {} : { issuer: checked.issuer }),
  }
}

function judge(
  request: VerifyRequest,
  artifacts: readonly ReadArtifact[],
  claims: readonly Claim[],
  refusals: readonly string[],
): Result<Verified> {
  const { repository, digest, trust, workflow } = request
  if (claims.length === 0) return err(says.badSignature(repository, digest, refusals))
  const ours = claims.filter((claim) => signedBy(claim, trust, workflow))
  if (ours.length === 0) return err(says.otherSigner(repository, digest, workflow, claims.map(nameOf)))
  if (!ours.some(({ type }) => type === signatureType)) return err(says.noSignature(repository, digest))
  const provenances = ours.filter(({ type }) => type === provenanceType)
  if (provenances.length === 0) {
    const others = claims.filter(({ type }) => type === provenanceType).map(nameOf)
    return err(
      others.length === 0
        ? says.noProvenance(repository, digest)
        : says.otherSigner(repository, digest, workflow, others),
    )
  }
  const present = new Set(artifacts.flatMap(({ layers }) => layers.map((layer) => layer.digest as string)))
  const faults: Fault[] = []
  for (const { predicate } of provenances) {
    const fault = differs(request, predicate) ?? missingSbom(request, predicate, present)
    if (fault === undefined) return ok({ workflow, sboms: byproducts(predicate).length })
    faults.push(fault)
  }
  // An SBOM that is missing is the smaller fault: the rest of that provenance held.
  const nearest = faults.find(({ reason }) => reason === 'image-sbom-missing') ?? faults[0]
  return err(nearest ?? says.noProvenance(repository, digest))
}

/** A certificate names the workflow. A key does not: there the provenance that it signed has to. */
export function signedBy(claim: Claim, trust: Trust, workflow: string): boolean {
  if (trust.kind === 'key') return claim.type !== provenanceType || builderOf(claim.predicate) === workflow
  return claim.workflow === workflow && claim.issuer === trust.issuer
}

function nameOf(claim: Claim): string {
  if (claim.workflow !== undefined) return `${claim.workflow} (${claim.issuer ?? 'no issuer'})`
  return claim.type === provenanceType ? builderOf(claim.predicate) : 'a key'
}

function differs(request: VerifyRequest, predicate: Claim['predicate']): Fault | undefined {
  const { repository, digest, commit, source, workflow } = request
  const builder = builderOf(predicate)
  if (builder !== workflow) return says.otherSigner(repository, digest, workflow, [builder])
  const { externalParameters } = record(predicate.buildDefinition)
  const from = record(record(externalParameters).source)
  const wanted = { source: `git+${source}`, commit: commit as string }
  const found = { source: String(from.uri), commit: String(record(from.digest).gitCommit) }
  return wanted.source === found.source && wanted.commit === found.commit
    ? undefined
    : says.otherSource(repository, digest, wanted, found)
}

function missingSbom(
  { repository, digest }: VerifyRequest,
  predicate: Claim['predicate'],
  present: ReadonlySet<string>,
): Fault | undefined {
  const named = byproducts(predicate)
  const gone = named.filter(({ sha256 }) => !present.has(`sha256:${sha256}`))
  if (named.length > 0 && gone.length === 0) return undefined
  return says.noSbom(
    repository,
    digest,
    gone.map(({ name }) => name),
  )
}

function byproducts(predicate: Claim['predicate']) {
  const { byproducts: named } = record(predicate.runDetails)
  return (Array.isArray(named) ? named : []).map((one) => ({
    name: String(record(one).name),
    sha256: String(record(record(one).digest).sha256),
  }))
}

function builderOf(predicate: Claim['predicate']): string {
  return String(record(record(predicate.runDetails).builder).id)
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

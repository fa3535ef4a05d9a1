import { randomUUID } from 'node:crypto'
import { access, rm } from 'node:fs/promises'
import path from 'node:path'
import {
  type Clock,
  type Digest,
  err,
  type Fault,
  imageReference,
  type Logger,
  ok,
  type Result,
} from '../release/index.ts'
import type { BuilderName, SecretMount } from './builders/builder.ts'
import { chooseBuilder } from './builders/detect.ts'
import { type CacheHits, cacheHits } from './cache-hits.ts'
import type { ImageChange } from './compare.ts'
import type { ServedImage } from './describe.ts'
import { diskFull, isDiskFull } from './disk.ts'
import { type EvidenceOrder, hasEvidence, makeEvidence } from './evidence/evidence.ts'
import type { Sbom } from './evidence/sbom.ts'
import { buildFailed } from './failure.ts'
import { user } from './faults.ts'
import { looksGood, tell } from './look.ts'
import { parsePlatforms } from './platforms.ts'
import type { Programs } from './programs.ts'
import { pushLayout, resolveTag } from './push.ts'
import type { QualityRules } from './quality/quality.ts'
import type { LayoutImage } from './read-layout.ts'
import type { Registry } from './registry/client.ts'
import type { Repository } from './repository.ts'
import { belowTop, exportCommit, findSource, type Source } from './source.ts'
import { tagImage, versionTag } from './tag.ts'

export interface BuildRequest {
  readonly registry: Registry
  readonly repository: Repository
  /** The checkout, and the folder in it that is the build context. */
  readonly checkout: string
  readonly context: string
  /** Below the context. */
  readonly dockerfile: string
  readonly revision: string
  readonly builder: BuilderName | 'auto'
  /** A layout that another tool built of this commit: pushed as it is. */
  readonly layoutDir?: string
  readonly labels: Readonly<Record<string, string>>
  readonly buildArgs: readonly string[]
  readonly secrets?: readonly SecretMount[]
  /** The Git tag of a release, `v1.4.2`: the image is given `1.4.2` beside the commit. */
  readonly releaseTag?: string
  /** Repositories of the same registry whose layers are linked, not sent. */
  readonly mountFrom?: readonly Repository[]
  readonly platforms: readonly string[]
  /** What an image may not be; absent: nothing is looked at. */
  readonly quality?: Omit<QualityRules, 'liveBytes'>
  /** The image that is live: growth and changes are told against it. */
  readonly live?: Digest
  /** What proves the image is made and attached before the tag is set; absent: nothing but the image. */
  readonly evidence?: EvidenceOrder
  readonly tempDir: string
  readonly boundMs: number
  readonly programs: Programs
  readonly clock: Clock
  readonly logger: Logger
}

export interface BuiltImage {
  readonly digest: Digest
  /** `repository@digest`: the only form in which a cluster is told of it. */
  readonly reference: string
  readonly tag: string
  /** The commit, and the version of the release where one was asked for. */
  readonly tags: readonly string[]
  readonly builder: BuilderName | 'layout' | 'none'
  /** True when the registry had the image of this commit already. */
  readonly existed: boolean
  /** As it is served: platforms with their layers. */
  readonly image: ServedImage
  /** Absent when nothing was built here. */
  readonly cache?: CacheHits
  /** Absent when no live image was named, or it is gone from the registry. */
  readonly change?: ImageChange
  /** Lists of what is in the image; made by this run, or none. */
  readonly sboms: readonly string[]
  readonly ms: number
}

/** One image per commit, and the tag of its release once the image is there. */
export async function buildImage(request: BuildRequest): Promise<Result<BuiltImage>> {
  const { registry, repository, programs, releaseTag } = request
  if (releaseTag === undefined) return buildCommit(request)
  const source = await findSource(programs, request.checkout, request.revision)
  if (!source.ok) return source
  const version = await versionTag(programs, request.checkout, releaseTag, source.value.commit)
  if (!version.ok) return version
  const built = await buildCommit(request)
  if (!built.ok) return built
  const tagged = await tagImage(registry, repository, built.value.digest, version.value, programs.signal)
  return tagged.ok ? ok({ ...built.value, tags: [...built.value.tags, version.value] }) : tagged
}

/** Found under the commit's tag, or built from the commit and pushed under it. */
async function buildCommit(request: BuildRequest): Promise<Result<BuiltImage>> {
  const { registry, repository, programs, clock, logger } = request
  const began = clock.now().getTime()
  const platforms = parsePlatforms(request.platforms)
  if (!platforms.ok) return platforms
  const source = await findSource(programs, request.checkout, request.revision)
  if (!source.ok) return source
  const tag = source.value.commit
  const finish = async (
    digest: Digest,
    builder: BuiltImage['builder'],
    existed: boolean,
    made: Pick<BuiltImage, 'sboms' | 'cache'> = { sboms: [] },
  ): Promise<Result<BuiltImage>> => {
    const told = await tell(request, digest)
    if (!told.ok) return told
    return ok({
      digest,
      reference: imageReference(repository.text, digest),
      tag,
      tags: [tag],
      builder,
      existed,
      ...made,
      ...told.value,
      ms: clock.now().getTime() - began,
    })
  }

  if (request.layoutDir === undefined) {
    const present = await resolveTag(registry, repository, tag, programs.signal)
    if (!present.ok) return present
    const proven = await provenAlready(request, present.value)
    if (!proven.ok) return proven
    if (present.value !== undefined && proven.value) return finish(present.value, 'none', true)
    if (present.value !== undefined) {
      logger.notice(`${tag} was pushed without evidence: it is built again, and signed if it is the same.`)
    }
  }
  if (source.value.dirty) {
    logger.notice(`The work tree differs from ${tag}; what is built is the commit.`)
  }
  const temp = path.join(request.tempDir, `tuesday-build-${randomUUID()}`)
  try {
    const built =
      request.layoutDir === undefined
        ? await buildLayout({ ...request, platforms: platforms.value }, source.value, temp)
        : ok({ builder: 'layout' as const, dir: request.layoutDir, cache: undefined })
    if (!built.ok) return built
    const { builder, dir, cache } = built.value
    const good = await looksGood(request, dir)
    if (!good.ok) return good
    logger.info(`Pushing to ${repository.text}:${tag}`)
    const sboms: string[] = []
    const beforeTag = async (image: LayoutImage): Promise<Result<unknown>> => {
      const made = await prove(request, source.value, { builder, dir, image, temp, began })
      if (made.ok) sboms.push(...made.value.map(({ file }) => file))
      return made
    }
    const { signal } = programs
    const { mountFrom = [] } = request
    const target = { registry, repository, layoutDir: dir, tag, mountFrom, signal, beforeTag }
    const pushed = await pushLayout(target)
    if (!pushed.ok) return pushed
    const made = { sboms, ...(cache === undefined ? {} : { cache }) }
    return await finish(pushed.value.digest, builder, pushed.value.existed, made)
  } catch (error) {
    if (isDiskFull(error)) return err(diskFull(error instanceof Error ? error.message : String(error)))
    throw error
  } finally {
    for (const left of [temp, `${temp}.tar`, `${temp}-layout`, `${temp}-layout.id`])
      await rm(left, { recursive: true, force: true })
  }
}

/** True also where none is asked for: then the tag alone is enough. */
async function provenAlready(
  { evidence, registry, repository, programs }: BuildRequest,
  digest: Digest | undefined,
): Promise<Result<boolean>> {
  if (evidence === undefined || digest === undefined) return ok(true)
  return hasEvidence(registry, repository, digest, programs.signal)
}

interface Made {
  readonly builder: BuilderName | 'layout'
  readonly dir: string
  readonly image: LayoutImage
  readonly temp: string
  readonly began: number
}

async function prove(
  request: BuildRequest,
  { commit, committed }: Source,
  { builder, dir, image, temp, began }: Made,
): Promise<Result<readonly Sbom[]>> {
  const { evidence } = request
  if (evidence === undefined) return ok([])
  const proven = await provenAlready(request, image.digest)
  if (!proven.ok) return proven
  if (proven.value) return ok([])
  const { context, dockerfile, platforms } = request
  return makeEvidence({
    ...evidence,
    ...request,
    dir: `${temp}-evidence`,
    layoutDir: dir,
    image,
    commit,
    created: committed,
    build: {
      context,
      dockerfile,
      platforms,
      builder,
      buildArgs: request.buildArgs.map((argument) => argument.split('=')[0] ?? ''),
      started: new Date(began),
    },
  })
}

async function buildLayout(
  request: BuildRequest,
  source: Source,
  temp: string,
): Promise<Result<{ readonly builder: BuilderName; readonly dir: string; readonly cache: CacheHits }>> {
  const { programs, logger } = request
  const builder = await chooseBuilder(programs, request.builder, logger)
  if (!builder.ok) return builder
  const exported = await exportCommit(programs, source, temp)
  if (!exported.ok) return exported
  const context = path.join(temp, await belowTop(programs, request.checkout, request.context))
  const dockerfile = path.join(context, request.dockerfile)
  const there = await access(dockerfile).then(
    () => true,
    () => false,
  )
  if (!there) return err(noDockerfile(request, source))
  const { name } = builder.value
  const layoutDir = `${temp}-layout`
  const end = await builder.value.build(
    programs,
    {
      context,
      dockerfile,
      created: source.committed,
      labels: {
        ...request.labels,
        'org.opencontainers.image.revision': source.commit,
        'org.opencontainers.image.created': source.committed.toISOString(),
      },
      buildArgs: request.buildArgs,
      secrets: request.secrets ?? [],
      platforms: request.platforms,
      name: `localhost/tuesday/${path.basename(request.repository.name)}:${source.commit}`,
      layoutDir,
      boundMs: request.boundMs,
    },
    logger,
  )
  if (end.code === 0) return ok({ builder: name, dir: layoutDir, cache: cacheHits(end.lines) })
  return err(buildFailed(name, end, request.boundMs))
}

function noDockerfile({ context, dockerfile }: BuildRequest, { commit }: Source): Fault {
  return user('dockerfile-missing', `The commit ${commit} has no ${path.join(context, dockerfile)}.`, {
    likely: 'The file is not committed, or the service lies in another folder.',
    next: 'Commit the Dockerfile, or set `context` and `dockerfile`.',
  })
}

import { valid } from 'semver'
import { type CommitSha, type Digest, err, ok, type Result } from '../release/index.ts'
import { user, world } from './faults.ts'
import { ask, type Programs } from './programs.ts'
import type { Registry } from './registry/client.ts'
import type { Repository } from './repository.ts'

/**
 * The tag of a release: `v1.4.2` gives `1.4.2`, and nothing else. `1.4`, `1` and `latest` would have to move with the
 * next release, and a tag is never moved.
 */
export async function versionTag(
  programs: Programs,
  checkout: string,
  releaseTag: string,
  commit: CommitSha,
): Promise<Result<string>> {
  const version = valid(releaseTag)
  // A plus sign is legal in a version and in no tag of a registry.
  if (version === null || !/^v?\d/.test(releaseTag) || releaseTag.includes('+')) {
    return err(noVersion(releaseTag))
  }
  const arguments_ = ['-c', 'safe.directory=*', 'rev-parse', '--verify', '--quiet']
  const found = await ask(programs, 'git', [...arguments_, `refs/tags/${releaseTag}^{commit}`], {
    cwd: checkout,
  })
  const tagged = found?.stdout.trim() ?? ''
  return tagged === commit ? ok(version) : err(elsewhere(releaseTag, tagged, commit))
}

/** Gives an image that is there a further tag. One that points to another image stays where it is. */
export async function tagImage(
  registry: Registry,
  repository: Repository,
  digest: Digest,
  tag: string,
  signal: AbortSignal,
): Promise<Result<void>> {
  const image = await registry.manifest(repository, digest, signal)
  if (!image.ok) return image
  const before = await registry.manifest(repository, tag, signal)
  if (!before.ok) return before
  if (before.value !== undefined && before.value.digest !== digest) {
    return err(taken(repository, tag, before.value.digest, digest))
  }
  if (image.value !== undefined && before.value === undefined) {
    const put = await registry.putManifest(repository, tag, image.value, signal)
    if (!put.ok) return put
  }
  const served = await registry.manifest(repository, tag, signal)
  if (!served.ok) return served
  return served.value?.digest === digest ? ok(undefined) : err(notServed(repository, tag, digest))
}

function noVersion(tag: string) {
  return user('release-tag-invalid', `${JSON.stringify(tag)} is no version such as v1.4.2 or 1.4.2-rc.1.`, {
    likely:
      'Another kind of Git tag started this run, or the version has build metadata (+), which no image tag can carry.',
    next: 'Give `release-tag` a semantic version, or leave it out.',
  })
}

function elsewhere(tag: string, tagged: string, commit: CommitSha) {
  const where = tagged === '' ? 'is not in the local clone' : `points to ${tagged}`
  return user('release-tag-elsewhere', `The Git tag ${tag} ${where}; what is built is ${commit}.`, {
    likely: 'The tag was not fetched, or this run builds another commit than the one that was tagged.',
    next: 'Check the tag out with actions/checkout (`ref`, `fetch-tags: true`), or leave `release-tag` out.',
  })
}

function taken({ text }: Repository, tag: string, there: Digest, ours: Digest) {
  return user('image-tag-taken', `${text}:${tag} is ${there}, not ${ours}. The tag stays where it is.`, {
    likely: 'The Git tag was moved after its image was pushed, or two commits were given one version.',
    next: 'Release the next version; a version that was published keeps its image.',
  })
}

function notServed({ text }: Repository, tag: string, digest: Digest) {
  return world(
    'registry-digest-mismatch',
    `${text}:${tag} was set to ${digest}, and something else is served there.`,
    {
      likely: 'Another run set the same tag at this moment.',
      next: 'Run again; if it stays so, make tags immutable in the registry.',
    },
  )
}

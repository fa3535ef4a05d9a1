import { type Digest, parseDigest } from '../release/index.ts'
import type { Container, PodTemplate } from './objects.ts'

/** Digest of an image reference `repository[:tag]@sha256:…`; a tag alone names no image. */
export function digestOfImage(image: string | undefined): Digest | undefined {
  const at = image?.lastIndexOf('@') ?? -1
  return image === undefined || at < 0 ? undefined : parseDigest(image.slice(at + 1))
}

export function digestOfContainers(
  containers: readonly Container[] | undefined,
  name: string,
): Digest | undefined {
  return digestOfImage(containers?.find((each) => each.name === name)?.image)
}

export function digestOfTemplate(template: PodTemplate | undefined, container: string): Digest | undefined {
  return digestOfContainers(template?.spec?.containers, container)
}

import { type Document, isScalar } from 'yaml'
import {
  type Digest,
  err,
  type Fault,
  imageReference,
  ok,
  parseDigest,
  type Result,
} from '../release/index.ts'
import { locate } from './locate.ts'
import { parseYaml } from './prove.ts'
import type { FileChange } from './repo.ts'
import { spliceScalar } from './splice.ts'
import { formatYamlPath, parseYamlPath, type YamlPath } from './yaml-path.ts'

/** Where the image of a workload stands in a GitOps repository that was not laid out by Tuesday. */
export type ImagePlace =
  /** Helm values: the text at `path` is the digest. */
  | { readonly kind: 'helm'; readonly file: string; readonly path: string }
  /** kustomization.yaml: `images[name=…].digest`, by the name that the manifests use. */
  | { readonly kind: 'kustomize'; readonly file: string; readonly image: string }
  /** A manifest: the whole reference of one container, found by names and never by an index. */
  | {
      readonly kind: 'manifest'
      readonly file: string
      readonly object: { readonly kind: string; readonly name: string }
      readonly container: string
    }

export interface ImagePin {
  readonly place: ImagePlace
  /** Repository with its registry, for the kinds that hold the whole reference. */
  readonly repository: string
  readonly digest: Digest
}

/** The files of one commit with all pins in them: several files, several workloads in one file, each proved alone. */
export function writeImages(
  files: ReadonlyMap<string, string>,
  pins: readonly ImagePin[],
): Result<readonly FileChange[]> {
  const edited = new Map<string, string>()
  for (const { place, repository, digest } of pins) {
    const { file } = place
    const text = edited.get(file) ?? files.get(file)
    if (text === undefined) return err(missing(file))
    const before = readImage(text, place)
    if (!before.ok) return before
    if (place.kind === 'manifest' && before.value.repository !== repository) {
      return err(otherImage(file, `${before.value.repository}`, repository))
    }
    if (before.value.digest === digest) continue
    const value = place.kind === 'manifest' ? imageReference(repository, digest) : digest
    const spliced = spliceScalar(text, pathOf(place), value, optionsOf(place))
    if (!spliced.ok) return spliced
    edited.set(file, spliced.value.text)
  }
  return ok([...edited].map(([path, text]) => ({ path, text })))
}

export interface ImageRead {
  /** Absent: a tag stands there, or nothing: the first pin replaces it. */
  readonly digest?: Digest
  /** Of a manifest, which holds it. */
  readonly repository?: string
}

/** What a place says now. A tag is told as no digest; what cannot be read is a fault and never nothing. */
export function readImage(text: string, place: ImagePlace): Result<ImageRead> {
  const path = pathOf(place)
  const docs = parseYaml(text.replace(/^\ufeff/, ''), '1.2')
  const error = docs.flatMap((doc) => doc.errors)[0]
  if (error !== undefined) return err(unreadable(place.file, error.message.split('\n')[0] ?? error.code))
  const found = docs.filter((doc) => isObject(doc, place)).flatMap((doc) => textAt(doc, path))
  const [value, second] = found
  if (value === undefined || second !== undefined) {
    return err(unreadable(place.file, `${formatYamlPath(path)} stands there ${found.length} times`))
  }
  if (place.kind !== 'manifest') {
    const digest = parseDigest(value)
    return ok(digest === undefined ? {} : { digest })
  }
  const [name = '', after] = value.split('@')
  const digest = parseDigest(after ?? '')
  // `host:5000/name:tag`: only what follows the last slash can be a tag.
  const repository = name.replace(/:[^:/]*$/, '')
  return ok({ repository, ...(digest === undefined ? {} : { digest }) })
}

/** The value as a text; an empty one is a place, too, and a number is not what anyone meant. */
function textAt(doc: Document, path: YamlPath): readonly string[] {
  const located = locate(doc, path)
  if (!('found' in located) || !isScalar(located.found.node)) return []
  const { value } = located.found.node
  return typeof value === 'string' ? [value] : value === null ? [''] : []
}

function isObject(doc: Document, place: ImagePlace): boolean {
  if (place.kind !== 'manifest') return true
  try {
    return doc.get('kind') === place.object.kind && doc.getIn(['metadata', 'name']) === place.object.name
  } catch {
    return false
  }
}

function optionsOf(place: ImagePlace) {
  return { file: place.file, ...(place.kind === 'manifest' ? { document: place.object } : {}) }
}

function pathOf(place: ImagePlace): YamlPath {
  if (place.kind === 'helm') return parseYamlPath(place.path) ?? [place.path]
  if (place.kind === 'kustomize') return ['images', { key: 'name', value: place.image }, 'digest']
  const pod: YamlPath =
    place.object.kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'template'] : ['spec', 'template']
  return [...pod, 'spec', 'containers', { key: 'name', value: place.container }, 'image']
}

function missing(file: string): Fault {
  return {
    blame: 'user',
    reason: 'pins-missing',
    cause: `${file} is not in the GitOps repository.`,
    next: 'Correct the place of the image, or commit the file first; nothing was written.',
    at: { file },
  }
}

function unreadable(file: string, why: string): Fault {
  return {
    blame: 'user',
    reason: 'yaml-target-missing',
    cause: `The image cannot be read from ${file}: ${why}.`,
    likely: 'The file was laid out anew, or two objects have one name.',
    next: 'Correct the place of the image; nothing was written.',
    at: { file },
  }
}

function otherImage(file: string, found: string, wanted: string): Fault {
  return {
    blame: 'user',
    reason: 'yaml-target-refused',
    cause: `${file} runs ${found} there, and the release is ${wanted}.`,
    likely: 'The container of a sidecar was named.',
    next: 'Name the container that runs the image of the release; nothing was written.',
    at: { file },
  }
}

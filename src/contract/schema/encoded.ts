import type { Shape } from './shape.ts'

/** What a schema says of the form of a text. */
export interface Encoded {
  readonly formats: readonly string[]
  readonly contentEncoding: string | undefined
  readonly contentMediaType: string | undefined
}

/**
 * 3.0 writes as a format what 3.1 writes as a keyword (OpenAPI 3.1.1, working with binary data): both sides with the
 * spelling of one of them, so that moving on is no edit.
 */
export function sameSpelling(base: Shape, revision: Shape): readonly [Encoded, Encoded] {
  return [spelt(base, revision), spelt(revision, base)]
}

function spelt(shape: Shape, other: Shape): Encoded {
  let { formats, contentEncoding, contentMediaType } = shape
  const isOlder = (
    format: string,
    own: string | undefined,
    now: string | undefined,
    value: string,
  ): boolean =>
    formats.includes(format) &&
    !other.formats.includes(format) &&
    own === undefined &&
    now?.toLowerCase() === value
  if (isOlder('byte', contentEncoding, other.contentEncoding, 'base64')) {
    contentEncoding = other.contentEncoding
    formats = formats.filter((one) => one !== 'byte')
  }
  if (isOlder('binary', contentMediaType, other.contentMediaType, 'application/octet-stream')) {
    contentMediaType = other.contentMediaType
    formats = formats.filter((one) => one !== 'binary')
  }
  return { formats, contentEncoding, contentMediaType }
}

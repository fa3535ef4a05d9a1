import { lineHashes } from './line-hash.ts'

/** Text of a file of one version of the tree; undefined when it is not there, too large or leads out of the tree. */
export type SourceReader = (file: string) => string | undefined

/** One version of the tree, as far as findings point into it. */
export interface SourceView {
  /** Hash of the 100 characters from that line, without a counter. */
  hash(file: string, line: number): string | undefined
  /** The lines without any white space; undefined when they are not there. */
  code(file: string, line: number, endLine: number): string | undefined
}

interface KnownFile {
  readonly hashes: readonly string[]
  readonly lines: readonly string[]
}

/** Each file is read and hashed once, and only files that a finding names. */
export function viewOf(read: SourceReader): SourceView {
  const files = new Map<string, KnownFile | undefined>()
  const known = (file: string): KnownFile | undefined => {
    if (!files.has(file)) {
      const text = read(file)
      files.set(
        file,
        text === undefined ? undefined : { hashes: lineHashes(text), lines: text.split(/\r\n|\r|\n/) },
      )
    }
    return files.get(file)
  }
  return {
    hash: (file, line) => known(file)?.hashes[line - 1],
    code(file, line, endLine) {
      const lines = known(file)?.lines
      if (lines === undefined || line > lines.length) return undefined
      return stripped(lines.slice(line - 1, Math.min(endLine, line + 19)).join('\n'))
    },
  }
}

export function stripped(code: string): string {
  return code.replaceAll(/\s+/g, '').slice(0, 2_000)
}

/** A tree of which nothing can be read: findings then stand on what their report says. */
export const noSource: SourceView = { hash: () => undefined, code: () => undefined }

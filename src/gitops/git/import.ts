import type { CommitSha } from '../../release/index.ts'
import type { FileChange } from '../repo.ts'

export interface Author {
  readonly name: string
  readonly email: string
}

/**
 * The input of `git fast-import` for one commit on `parent`, at the temporary ref `ref`. One process writes
 * blobs, trees and commit, and needs neither a work tree nor the blobs that stay as they are.
 */
export function fastImport(
  ref: string,
  change: { readonly parent: CommitSha; readonly message: string; readonly files: readonly FileChange[] },
  author: Author,
): Buffer {
  const parts: Buffer[] = []
  const line = (text: string) => void parts.push(Buffer.from(`${text}\n`, 'utf8'))
  const data = (text: string) => {
    const bytes = Buffer.from(text, 'utf8')
    line(`data ${bytes.length}`)
    parts.push(bytes, Buffer.from('\n'))
  }
  line('feature done')
  line(`commit ${ref}`)
  line('mark :1')
  line(`committer ${ident(author.name)} <${ident(author.email)}> now`)
  data(change.message)
  line(`from ${change.parent}`)
  // Deletions first: a file may take the place of a folder that goes.
  for (const file of change.files) if (!('text' in file)) line(`D ${quoted(file.path)}`)
  for (const file of change.files) {
    if (!('text' in file)) continue
    line(`M 100644 inline ${quoted(file.path)}`)
    data(file.text)
  }
  line('get-mark :1')
  line('done')
  return Buffer.concat(parts)
}

/** The characters that end a name or an address in a commit object. */
function ident(text: string): string {
  return text.replace(/[<>\p{Cc}]/gu, ' ').trim() || 'unknown'
}

/** C style, as fast-import reads it; paths hold no control characters (paths.ts). */
function quoted(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

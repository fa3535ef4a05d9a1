import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { type CommitSha, err, type Fault, ok, type Result } from '../../release/index.ts'
import { gitFailure, gitFault } from './faults.ts'
import type { Git } from './run.ts'

export interface TreeEntry {
  /** `100644`, `100755` (executable), `120000` (symbolic link), `160000` (submodule). */
  readonly mode: string
  readonly oid: string
  readonly path: string
}

/** All files of a commit under `paths` (a folder counts with all that is below it); absent paths give nothing. */
export async function listFiles(
  git: Git,
  commit: CommitSha,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Result<readonly TreeEntry[]>> {
  const answer = await git(['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...paths], { signal })
  if (!answer.ok) return answer
  if (answer.value.code !== 0) return err(gitFault('Listing files', gitFailure(answer.value), answer.value))
  return ok(parseTree(answer.value.stdout))
}

export function parseTree(stdout: string): readonly TreeEntry[] {
  return stdout.split('\0').flatMap((line) => {
    const [, mode, oid, path] = /^(\d{6}) [a-z]+ ([0-9a-f]+)\t([\s\S]+)$/.exec(line) ?? []
    return mode === undefined || oid === undefined || path === undefined ? [] : [{ mode, oid, path }]
  })
}

/** The text of each entry; a link, a submodule or a file that is not UTF-8 text is a fault that names it. */
export async function readTexts(
  git: Git,
  entries: readonly TreeEntry[],
  signal: AbortSignal,
  known: Map<string, string> = new Map(),
): Promise<Result<ReadonlyMap<string, string>>> {
  const odd = entries.find(({ mode }) => !mode.startsWith('100'))
  if (odd !== undefined)
    return err(unreadable(odd.path, odd.mode === '120000' ? 'a symbolic link' : 'a submodule'))
  const wanted = [...new Set(entries.map(({ oid }) => oid))].filter((oid) => !known.has(oid))
  if (wanted.length > 0) {
    const answer = await git(['cat-file', '--batch', '--buffer'], { signal, stdin: `${wanted.join('\n')}\n` })
    if (!answer.ok) return answer
    if (answer.value.code !== 0) return err(gitFault('Reading files', gitFailure(answer.value), answer.value))
    for (const [oid, text] of parseBatch(answer.value.stdout)) known.set(oid, text)
  }
  const texts = new Map<string, string>()
  for (const { path, oid } of entries) {
    const text = known.get(oid)
    if (text === undefined) return err(unreadable(path, 'not UTF-8 text'))
    texts.set(path, text)
  }
  return ok(texts)
}

/**
 * The blobs of `git cat-file --batch`, up to the first that is not text. The output went through UTF-8, so the
 * bytes are proved by their own name: a blob whose hash does not fit was no text, and after it nothing is certain. A last
 * byte that stands alone can fit by accident: what replaces it begins with the same byte.
 */
export function parseBatch(stdout: string): ReadonlyMap<string, string> {
  const bytes = Buffer.from(stdout, 'utf8')
  const blobs = new Map<string, string>()
  let at = 0
  while (at < bytes.length) {
    const lineEnd = bytes.indexOf(0x0a, at)
    if (lineEnd < 0) break
    const [, oid, size] = /^([0-9a-f]{40}) blob (\d+)$/.exec(bytes.toString('latin1', at, lineEnd)) ?? []
    if (oid === undefined || size === undefined) break
    const content = bytes.subarray(lineEnd + 1, lineEnd + 1 + Number(size))
    if (content.includes(0) || !isUtf8(content) || blobId(content) !== oid) break
    blobs.set(oid, content.toString('utf8'))
    at = lineEnd + 1 + Number(size) + 1
  }
  return blobs
}

/** The name Git gives a file's content. */
export function blobId(content: Uint8Array): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
}

export function unreadable(path: string, what: string): Fault {
  return {
    blame: 'user',
    reason: 'gitops-file-unreadable',
    cause: `${path} is ${what}.`,
    likely:
      'Chart, values, pins and ledger are plain text files; a link or an archive cannot be copied or proved.',
    next: `Replace ${path} by a text file, or move it out of the folder; nothing was written.`,
    at: { file: path },
  }
}

/** One file of a layer. Folders are made for it. */
export interface TarFile {
  /** Path from the root, without a leading slash. */
  readonly path: string
  readonly bytes: Uint8Array
  readonly executable?: boolean
}

const block = 512

/**
 * A tar file (POSIX ustar) whose bytes depend on nothing but the files and the time: sorted, owned by root, with
 * fixed modes. Rejects paths that ustar cannot hold.
 */
export function tar(files: readonly TarFile[], modified: Date): Buffer {
  const seconds = Math.floor(modified.getTime() / 1000)
  const parts: Buffer[] = []
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1))
  const folders = new Set<string>()
  for (const { path, bytes, executable } of sorted) {
    for (const folder of parents(path)) {
      if (folders.has(folder)) continue
      folders.add(folder)
      parts.push(header({ path: `${folder}/`, size: 0, mode: 0o755, type: '5', seconds }))
    }
    parts.push(
      header({ path, size: bytes.length, mode: executable === true ? 0o755 : 0o644, type: '0', seconds }),
    )
    parts.push(Buffer.from(bytes), Buffer.alloc((block - (bytes.length % block)) % block))
  }
  parts.push(Buffer.alloc(2 * block))
  return Buffer.concat(parts)
}

function parents(path: string): readonly string[] {
  const names = path.split('/').slice(0, -1)
  return names.map((_, index) => names.slice(0, index + 1).join('/'))
}

interface Entry {
  readonly path: string
  readonly size: number
  readonly mode: number
  readonly type: '0' | '5'
  readonly seconds: number
}

function header({ path, size, mode, type, seconds }: Entry): Buffer {
  const { prefix, name } = splitPath(path)
  const bytes = Buffer.alloc(block)
  bytes.write(name, 0)
  bytes.write(octal(mode, 8), 100)
  bytes.write(octal(0, 8), 108)
  bytes.write(octal(0, 8), 116)
  bytes.write(octal(size, 12), 124)
  bytes.write(octal(seconds, 12), 136)
  bytes.write('        ', 148)
  bytes.write(type, 156)
  bytes.write('ustar\u000000', 257)
  bytes.write(prefix, 345)
  bytes.write(
    `${bytes
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  )
  return bytes
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`
}

/** 100 bytes of name and 155 of prefix, cut at a slash. */
function splitPath(path: string): { readonly prefix: string; readonly name: string } {
  if (path.startsWith('/') || path.split('/').includes('..'))
    throw new Error(`not a path inside a layer: ${path}`)
  if (Buffer.byteLength(path) <= 100) return { prefix: '', name: path }
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)]
    if (name !== '' && Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155)
      return { prefix, name }
  }
  throw new Error(`a path too long for a tar file: ${path}`)
}

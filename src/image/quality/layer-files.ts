import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import type { Layer } from '../inspect.ts'

const block = 512

/** A piece of a file of a layer; `first` begins a new file. */
export interface Piece {
  readonly path: string
  readonly first: boolean
  readonly bytes: Buffer
}

/** The regular files of a layer, piece by piece: a layer may be larger than memory. Folders and links are left out. */
export async function* layerFiles(file: string, { mediaType }: Layer): AsyncGenerator<Piece> {
  let rest: Buffer = Buffer.alloc(0)
  let entry: Entry | undefined
  let longName: string | undefined
  for await (const chunk of decompressed(file, mediaType)) {
    rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
    for (;;) {
      if (entry === undefined) {
        if (rest.length < block) break
        const found = readHeader(rest.subarray(0, block), longName)
        rest = rest.subarray(block)
        if (found === undefined) continue
        entry = found
        if (entry.kind !== 'name') longName = undefined
      }
      // The name of the next entry is one piece; it is short.
      if (entry.kind === 'name' && rest.length < entry.left) break
      const take = Math.min(entry.left, rest.length)
      const bytes = rest.subarray(0, take)
      if (entry.kind === 'name') longName = nameIn(entry.type, bytes) ?? longName
      if (entry.kind === 'file' && take > 0) yield { path: entry.path, first: entry.first, bytes }
      rest = rest.subarray(take)
      entry.left -= take
      entry.first = false
      if (entry.left > 0) break
      if (rest.length < entry.padding) break
      rest = rest.subarray(entry.padding)
      entry = undefined
    }
  }
}

interface Entry {
  readonly kind: 'file' | 'name' | 'other'
  readonly type: string
  readonly path: string
  left: number
  first: boolean
  readonly padding: number
}

/** POSIX ustar with the long names of GNU (`L`) and pax (`x`); undefined for the zeros at the end. */
function readHeader(header: Buffer, longName: string | undefined): Entry | undefined {
  if (header[0] === 0) return undefined
  const text = (from: number, to: number) => header.subarray(from, to).toString('utf8').split('\0')[0] ?? ''
  const type = text(156, 157)
  const prefix = text(257, 262) === 'ustar' ? text(345, 500) : ''
  const own = prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`
  const size = Number.parseInt(text(124, 136).trim() || '0', 8)
  const left = Number.isNaN(size) ? 0 : size
  const kind = type === '' || type === '0' ? 'file' : type === 'L' || type === 'x' ? 'name' : 'other'
  const padding = (block - (left % block)) % block
  return { kind, type, path: longName ?? own, left, first: true, padding }
}

function nameIn(type: string, bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8')
  if (type === 'L') return text.split('\0')[0]
  return /^\d+ path=(.*)$/m.exec(text)?.[1]
}

function decompressed(file: string, mediaType: string): Readable {
  const bytes = createReadStream(file)
  if (!/gzip$|zstd$/.test(mediaType)) return bytes
  const through = mediaType.endsWith('gzip') ? createGunzip() : createZstdDecompress()
  bytes.on('error', (error) => through.destroy(error))
  return bytes.pipe(through)
}

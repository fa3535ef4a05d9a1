import { createHash } from 'node:crypto'
import { type Digest, parseDigest } from '../release/index.ts'

export function digestOf(bytes: Uint8Array | string): Digest {
  const digest = parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)
  if (digest === undefined) throw new Error('a SHA-256 of another form')
  return digest
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blobId, parseBatch, parseTree } from './objects.ts'

const batch = (blobs: readonly Uint8Array[]) =>
  Buffer.concat(
    blobs.flatMap((bytes) => [
      Buffer.from(`${blobId(bytes)} blob ${bytes.length}\n`),
      bytes,
      Buffer.from('\n'),
    ]),
  ).toString('utf8')

describe('the output of git cat-file --batch', () => {
  it('names blobs as Git does', () => {
    expect(blobId(Buffer.from('hello\n'))).toBe('ce013625030ba8dba906f756967f9e9ca394464a')
  })

  it('gives every text, also one that looks like the output itself', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('', '\n', '\ufeffa', `${'a'.repeat(40)} blob 3\nabc\n`),
    )
    fc.assert(
      fc.property(fc.array(text.map((value) => value.replaceAll('\0', ''))), (texts) => {
        const found = parseBatch(batch(texts.map((value) => Buffer.from(value, 'utf8'))))
        for (const value of texts) expect(found.get(blobId(Buffer.from(value, 'utf8')))).toBe(value)
      }),
    )
  })

  it('never gives a text for bytes that are none, whatever stands around them', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (blobs) => {
        for (const [oid, text] of parseBatch(batch(blobs))) {
          const original = blobs.find((bytes) => blobId(bytes) === oid)
          expect(Buffer.from(text, 'utf8').equals(Buffer.from(original ?? []))).toBe(true)
        }
      }),
    )
  })

  it('takes no byte for a text that begins what replaces it', () => {
    expect([...parseBatch(batch([Uint8Array.from([0xef])]))]).toEqual([])
  })

  it('stops at a blob that is missing', () => {
    const known = Buffer.from('a')
    expect([...parseBatch(`${batch([known])}${'b'.repeat(40)} missing\n`).values()]).toEqual(['a'])
  })
})

describe('the output of git ls-tree -z', () => {
  it('keeps paths with tabs, quotes and line breaks', () => {
    const oid = 'c'.repeat(40)
    expect(parseTree(`100644 blob ${oid}\ta\tb "é"\n.yaml\x00160000 commit ${oid}\tmodule\x00`)).toEqual([
      { mode: '100644', oid, path: 'a\tb "é"\n.yaml' },
      { mode: '160000', oid, path: 'module' },
    ])
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineHashes, numbered } from './line-hash.ts'

const sixLinesEndingInOne = [
  'e9496ae3ebfced30:1',
  'fb7c023a8b9ccb3f:1',
  'ce8ba1a563dcdaca:1',
  'e20e36e16fcb0cc8:1',
  'b3edc88f2938467e:1',
  'c8e28b0b4002a3a0:1',
  'c129715d7a2bc9a3:1',
]

/** Values that github/codeql-action publishes with its implementation (MIT, src/fingerprints.test.ts). */
const published: readonly (readonly [string, readonly string[]])[] = [
  ['', ['c129715d7a2bc9a3:1']],
  [
    ' a\nb\n  \t\tc\n d',
    ['271789c17abda88f:1', '54703d4cd895b18:1', '180aee12dab6264:1', 'a23a3dc5e078b07b:1'],
  ],
  [
    ' hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End',
    [
      '8b7cf3e952e7aeb2:1',
      'b1ae1287ec4718d9:1',
      'bff680108adb0fcc:1',
      'c6805c5e1288b612:1',
      'b86d3392aea1be30:1',
      'e6ceba753e1a442:1',
    ],
  ],
  [' hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n', sixLinesEndingInOne],
  [' hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r', sixLinesEndingInOne],
  [' hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n', sixLinesEndingInOne],
  [' hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n', sixLinesEndingInOne],
  [
    'Lorem ipsum dolor sit amet.\n'.repeat(10),
    [
      ...[1, 2, 3, 4, 5, 6].map((n) => `a7f2ff13bc495cf2:${n}`),
      'a7f2ff1481e87703:1',
      'a9cf91f7bbf1862b:1',
      '55ec222b86bcae53:1',
      'cc97dc7b1d7d8f7b:1',
      'c129715d7a2bc9a3:1',
    ],
  ],
]

describe('the hash of a line', () => {
  test.each(published)('of %j is the published one', (text, expected) => {
    expect(numbered(lineHashes(text))).toEqual(expected)
  })

  test('is that of the same arithmetic in big integers, for any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '\uffff', 'ž', ' ', '\t', '\n', '\r', '0'), maxLength: 400 }),
        (text) => {
          expect(lineHashes(text)).toEqual(byBigInt(text))
        },
      ),
      { numRuns: 60 },
    )
  })
})

/** The definition, spelt out: slow, and hard to get wrong. */
function byBigInt(text: string): string[] {
  const chars: number[] = []
  const starts: number[] = []
  let start = true
  for (const char of text
    .replaceAll(/\r(?:[ \t]*(?=\n)\n)?/g, (end) => (/^\r[ \t]+\n$/.test(end) ? '\n\n' : '\n'))
    .replaceAll(/[ \t]/g, '')) {
    if (start) starts.push(chars.length)
    chars.push(char.charCodeAt(0))
    start = char === '\n'
  }
  if (start) starts.push(chars.length)
  chars.push(65_535)
  return starts.map((from) => {
    let hash = 0n
    for (let index = 0; index < 100; index += 1)
      hash = (hash * 37n + BigInt(chars[from + index] ?? 0)) & 0xffff_ffff_ffff_ffffn
    return hash.toString(16)
  })
}

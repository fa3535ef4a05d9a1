import fc from 'fast-check'
import { expect, test } from 'vitest'
import { capture } from './capture.ts'

test('lines and text do not depend on how the stream was cut into chunks', () => {
  const text = fc
    .array(fc.constantFrom('a', 'ü', '🚀', '\n', '\r\n', ' '), { maxLength: 40 })
    .map((c) => c.join(''))
  fc.assert(
    fc.property(text, fc.array(fc.nat(), { maxLength: 8 }), (whole, cuts) => {
      const bytes = Buffer.from(whole)
      const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
      const lines: string[] = []
      const kept = capture({ keep: 'all', maxBytes: 1_000, onLine: (line) => lines.push(line) })
      for (const [index, from] of [0, ...at].entries())
        kept.add(bytes.subarray(from, at[index] ?? bytes.length))
      expect(kept.text()).toBe(whole)
      const expected = whole.split('\n')
      if (expected.at(-1) === '') expected.pop()
      expect(lines.map((line) => line.replace(/\r$/, ''))).toEqual(
        expected.map((line) => line.replace(/\r$/, '')),
      )
    }),
  )
})

test('keeps exactly the last bytes of a stream that is too long', () => {
  const kept = capture({ keep: 'end', maxBytes: 5 })
  for (const piece of ['abc', 'defg', 'hij']) expect(kept.add(Buffer.from(piece))).toBe(true)
  expect(kept.text()).toBe('[5 bytes before this were cut]\nfghij')
})

test('refuses the byte after the bound where all is to be kept', () => {
  const kept = capture({ keep: 'all', maxBytes: 5 })
  expect(kept.add(Buffer.from('abcde'))).toBe(true)
  expect(kept.add(Buffer.from('f'))).toBe(false)
})

test('a line without an end is handed on in parts', () => {
  const lines: string[] = []
  const kept = capture({ keep: 'end', maxBytes: 10, onLine: (line) => lines.push(line) })
  for (let i = 0; i < 20; i += 1) kept.add(Buffer.alloc(10_000, 97))
  kept.text()
  expect(lines.join('')).toHaveLength(200_000)
  expect(lines.length).toBeGreaterThan(1)
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeMarkdown, fitSummary, markdownTable, summaryLimitBytes } from './summary.ts'

const lines = (count: number, text = 'a line of the log') =>
  Array.from({ length: count }, (_, index) => `${index} ${text}`).join('\n')

test('what fits is whole', () => {
  expect(
    fitSummary(
      [
        { title: 'A', body: 'one\n' },
        { title: 'B', body: 'two' },
      ],
      1_000,
    ),
  ).toBe('### A\n\none\n\n### B\n\ntwo\n\n')
})

test('the last section is cut first, and the cut is stated with its size', () => {
  const text = fitSummary(
    [
      { title: 'A', body: lines(50) },
      { title: 'B', body: lines(100_000) },
    ],
    summaryLimitBytes,
  )
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(summaryLimitBytes)
  expect(Buffer.byteLength(text)).toBeGreaterThan(summaryLimitBytes * 0.99)
  expect(text).toContain(lines(50))
  const shown = text.match(/a line of the log/g)?.length ?? 0
  const cut = Number(/_(\d+) lines were cut here/.exec(text)?.[1])
  // 100,050 lines, a title, the line before the body and the two empty ones at the end.
  expect(shown + cut).toBe(100_050 + 2)
})

test('an open fence and an open fold are closed before the note', () => {
  const body = `<details><summary>s</summary>\n\n\`\`\`\n${lines(5_000)}\n\`\`\`\n\n</details>`
  const text = fitSummary([{ title: 'A', body }], 10_000)
  expect(text).toMatch(/\n```\n\n<\/details>\n\n_\d+ lines were cut here/)
})

test('whatever the sections are, the text keeps its limit and begins with the first of them', () => {
  const body = fc.array(fc.constantFrom('word', '```', '<details>', '</details>', 'ü'.repeat(50), ''), {
    maxLength: 60,
  })
  const section = fc.record({ title: fc.constant('T'), body: body.map((parts) => parts.join('\n')) })
  fc.assert(
    fc.property(
      fc.array(section, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 400, max: 8_000 }),
      (all, limit) => {
        const text = fitSummary(all, limit)
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit)
        expect(text.startsWith('### T\n')).toBe(true)
        const whole = fitSummary(all, Number.MAX_SAFE_INTEGER)
        if (text !== whole) expect(text).toMatch(/lines were cut here/)
      },
    ),
  )
})

test('text of others shows what it says', () => {
  expect(escapeMarkdown('<img src=x> [a](b) `c` *d* | #')).toBe(
    '&lt;img src=x&gt; \\[a\\](b) \\`c\\` \\*d\\* \\| \\#',
  )
  expect(markdownTable(['a', 'b'], [['x | y', 'one\ntwo']])).toBe(
    '| a | b |\n| --- | --- |\n| x \\| y | one<br>two |',
  )
})

import { expect, test } from 'vitest'
import { parsePlatforms } from './platforms.ts'

test('one a line, several in a line, and a name twice', () => {
  expect(parsePlatforms(['linux/amd64,linux/arm64', ' linux/amd64 '])).toEqual({
    ok: true,
    value: ['linux/amd64', 'linux/arm64'],
  })
  expect(parsePlatforms([])).toEqual({ ok: true, value: [] })
})

test.each([
  ['linux/x86_64', /Perhaps|os\/architecture/],
  ['linux/amd46', /Perhaps linux\/amd64 is meant/],
  ['amd64', /os\/architecture|Perhaps/],
  ['linux/amd64 --secret x', /os\/architecture|Perhaps/],
  ['', /os\/architecture/],
])('%j is refused before anything is built', (name, likely) => {
  expect(parsePlatforms(['linux/arm64', name])).toMatchObject({
    ok: false,
    fault: {
      blame: 'user',
      reason: 'platform-unknown',
      likely: expect.stringMatching(likely),
      next: expect.stringMatching(/linux\/riscv64/),
    },
  })
})

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { reasons } from '../../src/release/index.ts'
import { pages } from './pages.ts'

const root = dirname(dirname(import.meta.dirname))
const all = await pages(root)

test.each(all.map(({ path }) => path))('%s is what its source says', (path) => {
  const page = all.find((candidate) => candidate.path === path)
  expect(existsSync(join(root, path)) && readFileSync(join(root, path), 'utf8')).toBe(page?.text)
})

test('every reason code is explained in a sentence', () => {
  for (const [code, meaning] of Object.entries(reasons)) {
    expect(code).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
    expect(meaning).toMatch(/^\S.{10,}[.]$/s)
  }
})

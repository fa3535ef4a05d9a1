import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { compareShipped, isShipped, shippedFiles } from './files.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function tree(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tree-'))
  folders.push(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

test('what is shipped are the built folders and nothing beside them', () => {
  const root = tree({
    'actions/a/dist/index.js': '',
    'actions/a/dist/deep/x.wasm': '',
    'actions/a/main.ts': '',
    'actions/shared/b.js': '',
    'src/shared/c.ts': '',
  })
  expect(shippedFiles(root)).toEqual([
    'actions/a/dist/deep/x.wasm',
    'actions/a/dist/index.js',
    'actions/shared/b.js',
  ])
  expect(['actions/a/dist', 'actions/shared', 'actions/a/dist/index.js'].map(isShipped)).toEqual([
    true,
    true,
    true,
  ])
  expect(['actions/a', 'actions', '', 'src/shared', 'scripts/dist'].map(isShipped)).not.toContain(true)
})

test('every way to differ from a fresh build is named', () => {
  const here = tree({
    'actions/a/dist/index.js': 'old',
    'actions/shared/gone.js': 'x',
    'actions/shared/same.js': 's',
  })
  const fresh = tree({
    'actions/a/dist/index.js': 'new',
    'actions/b/dist/index.js': 'b',
    'actions/shared/same.js': 's',
  })
  expect(compareShipped(here, fresh)).toEqual([
    { path: 'actions/a/dist/index.js', what: 'different' },
    { path: 'actions/b/dist/index.js', what: 'missing' },
    { path: 'actions/shared/gone.js', what: 'left over' },
  ])
  expect(compareShipped(here, here)).toEqual([])
})

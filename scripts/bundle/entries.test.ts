import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { type Doors, joinEntry, packagesOf } from './entries.ts'

const root = dirname(dirname(import.meta.dirname))
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** What the compiler would have emitted for the action `probe`. */
async function joined(main: string, files: Readonly<Record<string, string>> = {}) {
  const out = mkdtempSync(join(tmpdir(), 'emitted-'))
  folders.push(out)
  symlinkSync(join(root, 'node_modules'), join(out, 'node_modules'))
  for (const [path, text] of Object.entries({ 'actions/probe/main.js': main, ...files })) {
    mkdirSync(dirname(join(out, path)), { recursive: true })
    writeFileSync(join(out, path), text)
  }
  const doors: Doors = new Map()
  await joinEntry(out, 'probe', doors)
  return { doors, out, code: readFileSync(join(out, 'actions/probe/main.js'), 'utf8') }
}

test('what is imported stands in the entry, what is loaded on demand behind a door of the shared folder', async () => {
  const { doors, out, code } = await joined(
    `import { near } from '../../lib/near.js'
    console.log(near, await import('../../lib/far/index.js'), await import('../../lib/far/client.heavy.js'))`,
    { 'lib/near.js': "export const near = 'near by'", 'lib/far/index.js': '', 'lib/far/client.heavy.js': '' },
  )
  expect(code).toContain('near by')
  expect(code).toContain('import("../../shared/lib-far.js")')
  expect(Object.fromEntries(doors)).toEqual({
    'lib-far': join(out, 'lib/far/index.js'),
    'lib-far-client': join(out, 'lib/far/client.heavy.js'),
  })
})

test('of @actions/core only what is used comes along', async () => {
  const { code } = await joined("import { setOutput } from '@actions/core'\nsetOutput('a', 'b')")
  expect(code).toContain('ghadelimiter_')
  expect(code).not.toMatch(/ACTIONS_ID_TOKEN_REQUEST_URL|undici/)
  expect(code.length).toBeLessThan(20_000)
})

test('an entry that holds any other package is refused by its name', async () => {
  await expect(joined("import { parse } from 'yaml'\nconsole.log(parse('a'))")).rejects.toThrow(
    /actions\/probe: the entry holds yaml;.*import\(\)/,
  )
})

test('finds packages by their files, also scoped and nested ones', () => {
  const files = [
    '../node_modules/a/i.js',
    'node_modules/@s/b/lib/i.js',
    'node_modules/a/node_modules/c/i.js',
    'lib/d.js',
  ]
  expect(packagesOf(files)).toEqual(['@s/b', 'a', 'c'])
})

import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildCli } from './cli.ts'
import { emit } from './emit.ts'
import { actionNames, type Doors, joinEntry, packEntry } from './entries.ts'
import { licenseTexts } from './licenses.ts'
import { buildShared } from './shared.ts'
import { cliFile, sharedFolder } from './shipped.ts'

/**
 * Types checked and emitted (tsc), the part that runs before the inputs are good joined and shaken (esbuild),
 * packed per action (ncc) and minified; all that is loaded on demand stands once in actions/shared. Everything is
 * built aside and put in place at the end: a fault leaves the shipped files as they were.
 */
export async function buildBundles(root: string): Promise<void> {
  mkdirSync(join(root, 'build'), { recursive: true })
  const out = mkdtempSync(join(root, 'build', 'bundles-'))
  // ncc numbers modules by their path from the working directory.
  process.chdir(out)
  try {
    for (const path of await buildAside(root, out)) {
      const place = join(root, path)
      rmSync(place, { recursive: true, force: true })
      mkdirSync(dirname(place), { recursive: true })
      renameSync(join(out, 'shipped', path), place)
    }
  } finally {
    process.chdir(root)
    rmSync(out, { recursive: true, force: true })
  }
}

/** Builds into `out/shipped` and returns the paths there that are to stand under the root. */
async function buildAside(root: string, out: string): Promise<readonly string[]> {
  emit(root, out)
  const doors: Doors = new Map()
  const metafiles = []
  const actions = actionNames(root)
  for (const action of actions) metafiles.push(await joinEntry(out, action, doors))
  const shared = join(out, 'shipped', 'actions', sharedFolder)
  metafiles.push(await buildShared(root, out, shared, doors))
  mkdirSync(shared, { recursive: true })
  metafiles.push(await buildCli(root, join(out, 'shipped', cliFile)))
  writeFileSync(join(shared, 'LICENSES.txt'), licenseTexts(root, metafiles))
  const folders = actions.map((action) => join('actions', action, 'dist'))
  for (const [index, action] of actions.entries()) {
    await packEntry(out, action, join(out, 'shipped', folders[index] ?? ''))
  }
  return [...folders, join('actions', sharedFolder), cliFile]
}

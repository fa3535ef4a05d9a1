import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

/** The licence texts of every package of which a line is shipped, sorted by name. */
export function licenseTexts(root: string, metafiles: readonly Metafile[]): string {
  const folders = new Map<string, string>()
  for (const { outputs } of metafiles) {
    for (const input of Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs))) {
      const inside = input.replaceAll('\\', '/')
      const start = inside.indexOf('node_modules/')
      const folder = /^node_modules\/(?:.*node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(inside.slice(start))?.[0]
      if (start >= 0 && folder !== undefined) folders.set(folder, join(root, folder))
    }
  }
  const texts = [...folders.values()].map(textOf)
  return [...new Set(texts)].sort().join('\n')
}

function textOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder)
    .sort()
    .find((entry) => /^(licen[cs]e|copying)/i.test(entry))
  const text =
    file === undefined ? '(the package ships no licence text)' : readFileSync(join(folder, file), 'utf8')
  return `${name} ${version}, ${license}\n\n${text.replaceAll('\r\n', '\n').trim()}\n\n${'-'.repeat(80)}\n`
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../src/config/index.ts'

/** The example's values by their paths, with the registry that this machine has. */
export function localValues(example: string, config: Config): Readonly<Record<string, string>> {
  const files = Object.values(config.environments).map(({ gitops }) => gitops.values)
  return Object.fromEntries(
    files.map((file) => {
      const text = readFileSync(join(example, file), 'utf8')
      return [file, text.replace(/^( {2}repository: ).*$/m, `$1${config.image.repository}`)]
    }),
  )
}

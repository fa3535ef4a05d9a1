/** The directions of imports of CONTRIBUTING.md, as part of `npm run lint`. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readSource } from './imports/read.ts'
import { faultsOf, sourceRoots } from './imports/rules.ts'

const root = dirname(import.meta.dirname)
const found = globSync(`{${sourceRoots.join(',')}}/**/*.ts`, {
  cwd: root,
  exclude: ['**/node_modules', '**/dist'],
})
const paths = found.map((path) => path.replaceAll('\\', '/')).sort()
const sources = paths.map((path) => readSource(path, readFileSync(join(root, path), 'utf8')))
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const faults = faultsOf(sources, { dependencies: Object.keys(dependencies) })

for (const fault of faults) console.error(fault)
if (faults.length > 0) {
  console.error(`${faults.length} faults; CONTRIBUTING.md says where a line belongs.`)
  process.exit(1)
}
console.log(`${sources.length} files import in the right direction.`)

/** `npm run build:cli -- FILE`: the command line as one file, for a service repository to carry. */
import { dirname, resolve } from 'node:path'
import { buildCli } from './bundle/cli.ts'

const [file] = process.argv.slice(2)
if (file === undefined) {
  console.error('Usage: npm run build:cli -- FILE, e.g. ../my-service/.tuesday/cli.mjs')
  process.exit(2)
}
const bytes = await buildCli(dirname(import.meta.dirname), resolve(file))
console.log(`${file}: ${Math.ceil(bytes / 1024)} KiB`)

/** `npm run build`: the bundles of the actions, with their sizes. */
import { dirname } from 'node:path'
import { buildBundles } from './bundle/build.ts'
import { bytesOf, shippedFiles } from './bundle/files.ts'
import { limits } from './bundle/shipped.ts'

const root = dirname(import.meta.dirname)
const started = performance.now()
try {
  await buildBundles(root)
} catch (error) {
  console.error(`The bundles were not built: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}

const sizes = new Map(shippedFiles(root).map((path) => [path, bytesOf(root, path)]))
const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0)
const kib = (bytes: number) => `${String(Math.ceil(bytes / 1024)).padStart(7)} KiB`
for (const [path, bytes] of sizes) console.log(`${kib(bytes)}  ${path}`)
console.log(`${kib(total)}  in ${sizes.size} files, ${Math.round(performance.now() - started)} ms`)

const entries = [...sizes].filter(([path]) => path.endsWith('/dist/index.js'))
const large = entries.filter(([, bytes]) => bytes > limits.entryBytes)
for (const [path, bytes] of large)
  console.error(`${path} has ${bytes} bytes; the most is ${limits.entryBytes}`)
if (total > limits.shippedBytes) console.error(`shipped: ${total} bytes; the most is ${limits.shippedBytes}`)
if (large.length > 0 || total > limits.shippedBytes) process.exit(1)

/** Writes the generated texts; with `--check` changes nothing and fails when one of them has drifted. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pages } from './generate/pages.ts'

const root = dirname(import.meta.dirname)
const check = process.argv.includes('--check')
const all = await pages(root)
const drifted = all.filter(({ path, text }) => {
  const file = join(root, path)
  return !existsSync(file) || readFileSync(file, 'utf8') !== text
})

for (const { path, text } of drifted) {
  if (check) {
    console.error(`${path} is not what its source says`)
    continue
  }
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  console.log(`wrote ${path}`)
}
if (check && drifted.length > 0) {
  console.error('Run `npm run generate` and commit what it writes.')
  process.exit(1)
}
console.log(`${all.length} generated texts, ${drifted.length} changed`)

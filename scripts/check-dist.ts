/** Builds the bundles again in another folder and compares every byte: the shipped ones are these sources. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { compareShipped, isShipped, shippedFiles } from './bundle/files.ts'
import { cliFile } from './bundle/shipped.ts'

const root = dirname(import.meta.dirname)
const fresh = mkdtempSync(join(tmpdir(), 'check-dist-'))
const problems: string[] = []
try {
  for (const path of ['actions', 'src', 'scripts', 'package.json', 'tsconfig.json']) {
    const filter = (source: string) => !isShipped(relative(root, source))
    cpSync(join(root, path), join(fresh, path), { recursive: true, filter })
  }
  bringPackages()
  const build = spawnSync(process.execPath, [join(fresh, 'scripts/build.ts')], { encoding: 'utf8' })
  if (build.status !== 0) problems.push(`a fresh build failed:\n${build.stdout}${build.stderr}`)
  else for (const { path, what } of compareShipped(root, fresh)) problems.push(`${path}: ${what}`)
} finally {
  rmSync(fresh, { recursive: true, force: true })
}

// Right bytes that nobody committed reach no user.
const list = ['ls-files', '--others', '-z', '--', 'actions', cliFile]
const untracked = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0')
const shipped = new Set(shippedFiles(root))
problems.push(...untracked.filter((path) => shipped.has(path)).map((path) => `${path}: not committed`))

if (problems.length > 0) {
  const lines = problems.map((problem) => `  ${problem}`)
  console.error(`The shipped bundles are not a build of these sources:\n${lines.join('\n')}`)
  console.error('Run `npm run build` and commit actions/*/dist, actions/shared and cli.mjs.')
  process.exit(1)
}
console.log(`${shipped.size} shipped files are byte for byte a build of these sources.`)

/**
 * The packages are linked, which is quick. ncc itself is copied: it numbers modules by the way from them to its own
 * loaders, and through a link that way would not be the one of a checkout.
 */
function bringPackages(): void {
  const from = join(root, 'node_modules')
  const to = join(fresh, 'node_modules')
  mkdirSync(to)
  for (const name of readdirSync(from)) {
    if (name === '@vercel') cpSync(join(from, name), join(to, name), { recursive: true })
    else symlinkSync(join(from, name), join(to, name), 'junction')
  }
}

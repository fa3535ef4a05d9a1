import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { cacheDir, rigDir } from '../paths.ts'
import { findProgram } from './apt.ts'
import { type GoModule, goModules } from './modules.ts'
import { run } from './run.ts'

/** Folder of a module's finished build; its name is the hash of all that goes into it. */
export function buildDir(module: GoModule): string {
  const hash = createHash('sha256').update(JSON.stringify(module))
  for (const file of sourceFiles(sourceDir(module))) {
    hash.update(path.relative(rigDir, file)).update('\0').update(fs.readFileSync(file)).update('\0')
  }
  return path.join(cacheDir(), `${module.name}-${hash.digest('hex').slice(0, 16)}`)
}

/** `also` names optional modules. */
export function missingModules(also: readonly string[] = []): readonly GoModule[] {
  return goModules.filter(
    (module) => (module.optional !== true || also.includes(module.name)) && !fs.existsSync(buildDir(module)),
  )
}

/** Builds one module: binaries and the manifests of its dependencies that the rig applies. */
export async function buildModule(module: GoModule): Promise<void> {
  const go = findProgram('go')
  if (go === undefined) {
    throw new Error(
      'the rig is built with Go (1.26 or newer), and there is no go on PATH: install it, then run rig:build again',
    )
  }
  const target = buildDir(module)
  const cwd = sourceDir(module)
  fs.mkdirSync(cacheDir(), { recursive: true })
  const draft = fs.mkdtempSync(`${target}.draft-`)
  const env = { GOFLAGS: '', GOWORK: 'off' }
  try {
    // One call for all of a module, so that packages of one binary compile while another one links. Two at a time
    // on two cores: an API server takes 1.9 GB to link. Symbols are left out, stack traces keep their lines.
    const flags = ['-trimpath', '-buildvcs=false', `-p=${os.availableParallelism()}`]
    const ldflags = `-s -w ${module.ldflags ?? ''}`.trim()
    const bin = path.join(draft, 'bin')
    const packages = Object.values(module.binaries)
    await run(go, ['build', ...flags, '-ldflags', ldflags, '-o', `${bin}/`, ...packages], {
      cwd,
      env,
      timeoutMs: 1_800_000,
    })
    for (const [binary, pkg] of Object.entries(module.binaries)) {
      const built = defaultName(pkg, module)
      if (built !== binary) fs.renameSync(path.join(bin, built), path.join(bin, binary))
    }
    for (const { module: dependency, path: from, as } of module.manifests ?? []) {
      const dir = await run(go, ['list', '-m', '-f', '{{.Dir}}', dependency], {
        cwd,
        env,
        timeoutMs: 120_000,
      })
      fs.cpSync(path.join(dir.trim(), from), path.join(draft, 'manifests', as), { recursive: true })
    }
    makeWritable(draft)
    // Last and atomic: a folder of that name is a finished build.
    fs.renameSync(draft, target)
  } catch (error) {
    fs.rmSync(draft, { recursive: true, force: true })
    // Somebody else finished the same build in the meantime.
    if (!fs.existsSync(target)) throw error
  }
}

/** Name that `go build` gives a binary: the last element of its import path that is no major version. */
function defaultName(pkg: string, module: GoModule): string {
  const elements = pkg.split('/').filter((element) => element !== '.' && !/^v[0-9]+$/.test(element))
  return elements.at(-1) ?? module.name
}

function sourceDir(module: GoModule): string {
  return path.join(rigDir, 'modules', module.name)
}

function sourceFiles(dir: string): readonly string[] {
  return fs
    .readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(\.go|go\.mod|go\.sum)$/.test(name))
    .sort()
    .map((name) => path.join(dir, name))
}

/** Files of the module cache are read-only, also as copies: they could not be removed again. */
function makeWritable(dir: string): void {
  for (const entry of fs.readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name)
    fs.chmodSync(file, fs.statSync(file).mode | 0o200)
  }
}

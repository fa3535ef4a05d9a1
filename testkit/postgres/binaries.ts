import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export type PostgresMajor = 16 | 17 | 18

export interface Binaries {
  readonly bin: string
  /** What the programs need in their environment to find their libraries. */
  readonly env: Readonly<Record<string, string>>
}

/** Whom the server runs as: PostgreSQL refuses to be root. Undefined = as we are. */
export interface User {
  readonly uid: number
  readonly gid: number
}

/** Why there is no server of this version here, in one clause; undefined when there is one. */
export function postgresMissing(major: PostgresMajor): string | undefined {
  const source = nativeFolder(major)
  if (source !== undefined && fs.existsSync(path.join(source, 'bin', 'postgres'))) return undefined
  return `PostgreSQL ${major} is not installed: the optional package pg${major} has binaries for Linux x64 only`
}

/**
 * Makes the programs of the npm package runnable from `base`, a folder of this server alone. node_modules is never
 * written: the library links that an install script would have made stand in `base`. Where `user` cannot read the
 * checkout (a home folder of mode 0700 shows as a misleading missing library), the programs are copied.
 */
export function prepareBinaries(major: PostgresMajor, base: string, user: User | undefined): Binaries {
  const source = nativeFolder(major)
  if (source === undefined) throw new Error(postgresMissing(major))
  const direct = linked(source, base)
  if (user === undefined || runs(direct, user)) return direct
  const copy = path.join(base, 'native')
  fs.cpSync(source, copy, { recursive: true, verbatimSymlinks: true })
  return linked(copy, base)
}

function nativeFolder(major: PostgresMajor): string | undefined {
  try {
    return path.join(path.dirname(fileURLToPath(import.meta.resolve(`pg${major}`))), '..', 'native')
  } catch {
    return undefined
  }
}

function linked(native: string, base: string): Binaries {
  const links = path.join(base, 'lib')
  fs.rmSync(links, { recursive: true, force: true })
  fs.mkdirSync(links)
  for (const { source, target } of linkList(native)) {
    fs.symlinkSync(
      path.join(native, path.relative('native', source)),
      path.join(links, path.basename(target)),
    )
  }
  // The programs find their own folder, but a library there does not find its neighbours (RUNPATH).
  return { bin: path.join(native, 'bin'), env: { LD_LIBRARY_PATH: `${links}:${path.join(native, 'lib')}` } }
}

/** The package leaves a list of the links that its install script makes. */
function linkList(native: string): readonly { readonly source: string; readonly target: string }[] {
  const list = path.join(native, 'pg-symlinks.json')
  return fs.existsSync(list) ? JSON.parse(fs.readFileSync(list, 'utf8')) : []
}

function runs({ bin, env }: Binaries, user: User): boolean {
  try {
    execFileSync(path.join(bin, 'initdb'), ['--version'], { ...user, env, stdio: 'ignore', timeout: 10_000 })
    return true
  } catch {
    return false
  }
}

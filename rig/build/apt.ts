import fs from 'node:fs'
import path from 'node:path'
import { run } from './run.ts'

/** Debian package by the program that shows it is there. */
const PACKAGES: Readonly<Record<string, string>> = {
  git: 'git',
  unzip: 'unzip',
  prometheus: 'prometheus',
  'redis-server': 'redis-server',
  buildah: 'buildah',
  newuidmap: 'uidmap',
  runc: 'runc',
  busybox: 'busybox-static',
  pgbouncer: 'pgbouncer',
}

// Daemons of Debian stand in sbin, which is not on everybody's PATH.
const EXTRA_PATH = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** Full path of a program, or undefined. `first` are folders to look in before PATH. */
export function findProgram(name: string, first: readonly string[] = []): string | undefined {
  const folders = [...first, ...(process.env.PATH ?? '').split(path.delimiter), ...EXTRA_PATH]
  return folders.map((folder) => path.join(folder, name)).find(isExecutable)
}

export function missingPackages(): readonly string[] {
  return Object.entries(PACKAGES)
    .filter(([program]) => findProgram(program) === undefined)
    .map(([, name]) => name)
}

/** Installs what is missing. Services of the packages are not started: the rig starts its own on free ports. */
export async function installPackages(say: (line: string) => void): Promise<void> {
  const missing = missingPackages()
  if (missing.length === 0) return
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`
  if (findProgram('apt-get') === undefined) {
    throw new Error(
      `the rig needs ${missing.join(', ')}, and there is no apt-get here: install them by other means (the rig runs on Debian and Ubuntu)`,
    )
  }
  if (process.getuid?.() !== 0) {
    throw new Error(`the rig needs ${missing.join(', ')}: run "sudo ${command}", then rig:build again`)
  }
  say(`apt: ${missing.join(' ')}`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '--quiet'], { env, timeoutMs: 300_000 })
  await withoutServiceStart(() =>
    run('apt-get', ['install', '--yes', '--quiet', '--no-install-recommends', ...missing], {
      env,
      timeoutMs: 900_000,
    }),
  )
}

/** Debian's own switch for "install, but start nothing": policy-rc.d that answers 101. */
async function withoutServiceStart(install: () => Promise<unknown>): Promise<void> {
  const policy = '/usr/sbin/policy-rc.d'
  const ours = !fs.existsSync(policy)
  if (ours) fs.writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await install()
  } finally {
    if (ours) fs.rmSync(policy, { force: true })
  }
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}

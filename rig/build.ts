import fs from 'node:fs'
import path from 'node:path'
import { installPackages, missingPackages } from './build/apt.ts'
import { buildDir, buildModule, missingModules } from './build/go.ts'
import { helmDir, helmMissing, installHelm } from './build/helm.ts'
import { type GoModule, goModules } from './build/modules.ts'
import { installSyft, syftDir, syftMissing } from './build/syft.ts'

/** True when `startRig` finds everything it needs. */
export function isBuilt(): boolean {
  return missingPackages().length === 0 && !helmMissing() && !syftMissing() && missingModules().length === 0
}

/** Installs and builds what is missing, one part after the other, and says how long it took. `also`: optional modules. */
export async function buildRig(say: (line: string) => void, also: readonly string[] = []): Promise<void> {
  if (process.platform !== 'linux') {
    throw new Error(
      `the rig runs on Linux, not on ${process.platform}: npm test and npm run demo need no rig`,
    )
  }
  const timed = async (what: string, work: () => Promise<void>) => {
    const start = performance.now()
    await work()
    say(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`)
  }
  if (missingPackages().length > 0) await timed('apt', () => installPackages(say))
  if (helmMissing()) await timed('helm', installHelm)
  if (syftMissing()) await timed('syft', installSyft)
  for (const module of missingModules(also)) {
    say(`${module.name}: building ${Object.keys(module.binaries).join(', ')}`)
    await timed(module.name, () => buildModule(module))
  }
}

/** Binaries of all parts, as symbolic links in one folder, so that it can stand first on a PATH. */
export function linkBinaries(dir: string): void {
  fs.mkdirSync(dir, { recursive: true })
  const link = (file: string, name = path.basename(file)) => fs.symlinkSync(file, path.join(dir, name))
  for (const module of goModules.filter(({ optional }) => optional !== true)) {
    for (const binary of Object.keys(module.binaries)) link(path.join(buildDir(module), 'bin', binary))
  }
  link(path.join(helmDir(), 'bin', 'helm'))
  link(path.join(syftDir(), 'bin', 'syft'))
  const argocd = path.join(dir, 'argocd-rig')
  for (const name of ['argocd-application-controller', 'argocd-repo-server', 'argocd-git-ask-pass']) {
    link(fs.realpathSync(argocd), name)
  }
}

/** Folder with the binaries of a module. */
export function binariesOf(name: string): string {
  return path.join(buildDir(moduleNamed(name)), 'bin')
}

function moduleNamed(name: string): GoModule {
  const found = goModules.find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`no module ${name} in the rig`)
  return found
}

/** Files of a manifest file or folder of a module's dependencies (see build/modules.ts). */
export function manifests(module: string, name: string): readonly string[] {
  const at = path.join(buildDir(moduleNamed(module)), 'manifests', name)
  const files = fs.statSync(at).isDirectory() ? fs.readdirSync(at).map((file) => path.join(at, file)) : [at]
  return files.filter((file) => file.endsWith('.yaml') && !file.endsWith('kustomization.yaml'))
}

import fs from 'node:fs'
import path from 'node:path'
import { runsDir } from './paths.ts'
import { endProcesses, startTime } from './processes.ts'
import type { RigConnections } from './types.ts'

/** Who started a rig: `up` for rig:up, which outlives its starter; a pid for a test run, which may not. */
type Owner =
  | { readonly kind: 'up' }
  | { readonly kind: 'process'; readonly pid: number; readonly started: string }

export function newStateDir(kind: Owner['kind']): string {
  fs.mkdirSync(runsDir(), { recursive: true, mode: 0o700 })
  const stateDir = fs.mkdtempSync(path.join(runsDir(), `${kind === 'up' ? 'up' : 'run'}-`))
  const owner: Owner =
    kind === 'up' ? { kind } : { kind, pid: process.pid, started: startTime(process.pid) ?? '' }
  fs.writeFileSync(path.join(stateDir, 'owner.json'), JSON.stringify(owner))
  return stateDir
}

export function saveConnections(connections: RigConnections): void {
  fs.writeFileSync(path.join(connections.stateDir, 'connections.json'), JSON.stringify(connections), {
    mode: 0o600,
  })
}

/** Ends what was started for this state folder, and removes the folder. */
export async function endRig(stateDir: string): Promise<void> {
  await endProcesses(stateDir)
  removeTree(stateDir)
}

/** Argo CD's repo-server takes the read right off its folders: only root could list them to remove them. */
function removeTree(dir: string): void {
  if (process.getuid?.() !== 0) makeListable(dir)
  fs.rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
}

function makeListable(dir: string): void {
  fs.chmodSync(dir, 0o700)
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) makeListable(path.join(dir, entry.name))
  }
}

/** The rig of rig:up, if one runs. */
export function findUp(): RigConnections | undefined {
  const dir = stateDirs().find((stateDir) => path.basename(stateDir).startsWith('up-'))
  const file = dir === undefined ? undefined : path.join(dir, 'connections.json')
  return file !== undefined && fs.existsSync(file)
    ? (JSON.parse(fs.readFileSync(file, 'utf8')) as RigConnections)
    : undefined
}

/** Rigs whose test run was killed before it could end them. Never one of rig:up, never one in use. */
export function abandoned(): readonly string[] {
  return stateDirs().filter((stateDir) => {
    const owner = readOwner(stateDir)
    return owner?.kind === 'process' && startTime(owner.pid) !== owner.started
  })
}

export function upStateDirs(): readonly string[] {
  return stateDirs().filter((stateDir) => readOwner(stateDir)?.kind === 'up')
}

function stateDirs(): readonly string[] {
  if (!fs.existsSync(runsDir())) return []
  return fs.readdirSync(runsDir()).map((name) => path.join(runsDir(), name))
}

function readOwner(stateDir: string): Owner | undefined {
  try {
    return JSON.parse(fs.readFileSync(path.join(stateDir, 'owner.json'), 'utf8')) as Owner
  } catch {
    return undefined
  }
}

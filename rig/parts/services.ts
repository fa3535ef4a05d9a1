import fs from 'node:fs'
import path from 'node:path'
import { rigDir } from '../paths.ts'
import { answers, freePorts } from '../wait.ts'
import { type PartContext, until } from './context.ts'
import type { Plane } from './plane.ts'

/** The OCI registry; answers `host:port`. */
export async function startRegistry(context: PartContext): Promise<string> {
  const { stateDir, bin, processes, say } = context
  const port = await freePorts(['http'])
  const host = `127.0.0.1:${port.http}`
  processes.start('registry', bin('registry'), [
    ...['-addr', host, '-dir', path.join(stateDir, 'registry')],
    // A tag that is a commit never moves; others may (as an immutability rule with an exclusion does it).
    ...['-immutable', ':[0-9a-f]{40}$'],
  ])
  await until(context, 'registry', 20, () => answers(`http://${host}/v2/`))
  say('registry')
  return host
}

/** Bare repositories over smart HTTP; answers where they stand. */
export async function startGit(
  context: PartContext,
): Promise<{ readonly gitRoot: string; readonly gitUrl: string }> {
  const gitRoot = path.join(context.stateDir, 'git')
  fs.mkdirSync(gitRoot)
  const url = await startServer(context, 'git', { gitRoot })
  return { gitRoot, gitUrl: url }
}

/** The load generator; answers the URL of its metrics and of its controls. */
export async function startLoad(context: PartContext, plane: Plane): Promise<string> {
  const { apiServer, ca, token } = plane
  const file = path.join(context.stateDir, 'load.json')
  fs.writeFileSync(file, JSON.stringify({ apiServer, ca, token }), { mode: 0o600 })
  return startServer(context, 'load', { accessFile: file })
}

/** One of our own servers under rig/servers, told by flags where to listen. */
async function startServer(
  context: PartContext,
  name: string,
  flags: Readonly<Record<string, string>>,
): Promise<string> {
  const port = await freePorts(['http'])
  const all = Object.entries({ ...flags, port: String(port.http) }).flatMap(([key, value]) => [
    `--${key}`,
    value,
  ])
  context.processes.start(name, process.execPath, [path.join(rigDir, 'servers', `${name}.ts`), ...all])
  const url = `http://127.0.0.1:${port.http}`
  await until(context, name, 20, () => answers(`${url}/healthz`))
  context.say(name)
  return url
}

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, rm } from 'node:fs/promises'
import path from 'node:path'
import { cacheFile, downloadTool, extractTar, find } from '@actions/tool-cache'
import { err, ok, type Result } from '../../release/index.ts'
import { user, world } from '../faults.ts'
import type { ToolPin } from './pins.ts'

/** The runner's own tool cache: a self-hosted runner downloads once. The checksum is part of the version it is kept by. */
export async function fetchPinned(pin: ToolPin): Promise<Result<string>> {
  const { name, version, url, sha256, form } = pin
  const kept = `${version}-${sha256.slice(0, 16)}`
  const known = find(name, kept)
  if (known !== '') return ok(path.join(known, name))
  let file: string
  try {
    file = await downloadTool(url)
  } catch (error) {
    return err(unreachable(pin, error))
  }
  try {
    const counted = await sha256Of(file)
    if (counted !== sha256) return err(exchanged(pin, counted))
    if (form === 'tar.gz') {
      const folder = await extractTar(file)
      const program = path.join(folder, name)
      const cached = await cacheFile(program, name, name, kept)
      await rm(folder, { recursive: true, force: true })
      return ok(path.join(cached, name))
    }
    await chmod(file, 0o755)
    return ok(path.join(await cacheFile(file, name, name, kept), name))
  } finally {
    await rm(file, { force: true })
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

function unreachable({ name, url }: ToolPin, error: unknown) {
  const why = error instanceof Error ? error.message : String(error)
  return world('tool-unreachable', `${name} could not be fetched from ${new URL(url).host}: ${why}.`, {
    likely: 'The runner has no way to that server.',
    next: `Install ${name} before this step, or let the runner reach ${new URL(url).origin}.`,
  })
}

function exchanged({ name, version, url, sha256 }: ToolPin, counted: string) {
  return user(
    'tool-checksum',
    `${name} ${version} from ${new URL(url).host} has the checksum ${counted}, not ${sha256}; it was not run.`,
    {
      likely: 'The file at that address was exchanged, or a proxy answered in its place.',
      next: `Do not run that file; install ${name} from a source that you trust before this step.`,
    },
  )
}

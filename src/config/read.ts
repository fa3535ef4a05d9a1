import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { err, type Result } from '../release/index.ts'
import type { Config } from './config.ts'
import { configMissing, loadConfig } from './load.ts'

/** The tuesday.yaml of a checkout; `path` is the input that names it, as messages show it. */
export async function readConfig(workspace: string, path: string): Promise<Result<Config>> {
  const text = await readFile(resolve(workspace, path), 'utf8').catch(() => undefined)
  return text === undefined ? err(configMissing(path)) : loadConfig(text, path)
}

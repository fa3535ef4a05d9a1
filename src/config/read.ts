import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { err, ok, type Result } from '../release/index.ts'
import type { Config } from './config.ts'
import { withHolidays } from './holidays.ts'
import { configMissing, loadConfig } from './load.ts'

/** The tuesday.yaml of a checkout with the calendars that it names; `path` is the input, as messages show it. */
export async function readConfig(workspace: string, path: string): Promise<Result<Config>> {
  const read = (file: string) => readFile(resolve(workspace, file), 'utf8').catch(() => undefined)
  const text = await read(path)
  if (text === undefined) return err(configMissing(path))
  const config = loadConfig(text, path)
  return config.ok ? ok(await withHolidays(config.value, read)) : config
}

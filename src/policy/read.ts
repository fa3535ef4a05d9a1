import { type Config, loadConfig, withHolidays } from '../config/index.ts'
import { type CommitSha, err, ok, type Result } from '../release/index.ts'
import { type PolicySource, policyUnreadable } from './source.ts'

export interface Policy {
  readonly config: Config
  /** What was read, so that a verdict can be told again. */
  readonly commit: CommitSha
}

/** tuesday.yaml and the calendars that it names, all of one commit of the protected branch. */
export async function readPolicy(
  source: PolicySource,
  at: { readonly ref: string; readonly file: string },
  signal: AbortSignal,
): Promise<Result<Policy>> {
  const commit = await source.resolve(at.ref, signal)
  if (!commit.ok) return commit
  const text = await source.file(commit.value, at.file, signal)
  if (!text.ok) return text
  if (text.value === undefined) {
    const cause = `${at.ref} (${commit.value.slice(0, 12)}) has no file ${at.file}.`
    return err(policyUnreadable(cause, 'Merge tuesday.yaml first, or set `config` to its path.'))
  }
  const loaded = loadConfig(text.value, at.file)
  if (!loaded.ok) return loaded
  const texts = new Map<string, string | undefined>()
  for (const { file } of loaded.value.calendar?.holidays ?? []) {
    const read = await source.file(commit.value, file, signal)
    if (!read.ok) return read
    texts.set(file, read.value)
  }
  const config = await withHolidays(loaded.value, async (file) => texts.get(file))
  return ok({ config, commit: commit.value })
}

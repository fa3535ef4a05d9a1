import { environment } from '../../config/index.ts'
import { type FileChange, initialPins, readPins, writePins } from '../../gitops/index.ts'
import type { Ledger } from '../../ledger/index.ts'
import { type Digest, ok, type Result } from '../../release/index.ts'
import type { PinChange } from '../decision.ts'
import type { TickContext } from './context.ts'

/**
 * The files of one pin: the digests by splice, and, when the configuration moves, chart and values of its
 * commit. `moved` = the branch went on while the folder was read; the decision has to be made anew.
 */
export async function pinFiles(
  { config, repo, configFiles, signal }: TickContext,
  ledger: Ledger,
  { region, pins }: PinChange,
): Promise<Result<readonly FileChange[] | 'moved'>> {
  const found = environment(config, region)
  if (!found.ok) return found
  const { path, pins: file } = found.value.gitops
  const text = ledger.snapshot.files.get(file)
  const digests = new Map<string, Digest>(Object.entries(pins.workloads))
  const wanted = { configSha: pins.configSha, digests }
  const before = text === undefined ? undefined : readPins(text, file)
  if (before !== undefined && !before.ok) return before
  const written = text === undefined ? ok(initialPins(wanted)) : writePins(text, wanted, file)
  if (!written.ok) return written
  const pin: FileChange = { path: file, text: written.value }
  if (before?.value.configSha === pins.configSha) return ok([pin])
  const folder = await repo.read([`${path.replace(/\/$/, '')}/`], signal)
  if (!folder.ok) return folder
  if (folder.value.head !== ledger.snapshot.head) return ok('moved')
  const copied = await configFiles(found.value, pins.configSha, folder.value.files, signal)
  return copied.ok ? ok([...copied.value, pin]) : copied
}

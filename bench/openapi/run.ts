import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Comparison,
  compareDescriptions,
  folderReader,
  loadDescription,
} from '../../src/contract/index.ts'
import type { Case } from './cases.ts'

export interface Run {
  readonly given: Case
  readonly ms: number
  /** Base and revision are the same text: the label speaks of an edit that is not in the files. */
  readonly equal: boolean
  readonly comparison?: Comparison
  /** A refusal with a reason. */
  readonly fault?: string
  /** A defect of ours. */
  readonly exception?: string
}

/** Reading, parsing and comparing one pair, as a gate does it. */
export async function runCase(folder: string, given: Case, preset: 'default' | 'oasdiff'): Promise<Run> {
  const equal = readFileSync(join(folder, given.base)).equals(readFileSync(join(folder, given.revision)))
  const started = performance.now()
  const reader = folderReader(folder)
  try {
    const base = await loadDescription(given.base, reader)
    const revision = await loadDescription(given.revision, reader)
    if (!base.ok) return { given, equal, ms: performance.now() - started, fault: base.fault.cause }
    if (!revision.ok) return { given, equal, ms: performance.now() - started, fault: revision.fault.cause }
    const compared = compareDescriptions(base.value, revision.value, { preset })
    const ms = performance.now() - started
    return compared.ok
      ? { given, equal, ms, comparison: compared.value }
      : { given, equal, ms, fault: compared.fault.cause }
  } catch (error) {
    return {
      given,
      equal,
      ms: performance.now() - started,
      exception: String(error instanceof Error ? error.stack : error),
    }
  }
}

import { ok, type Result } from '../../release/index.ts'
import type { Flaw } from '../flaws.ts'
import { type Baseline, readBaseline } from '../gate/baseline.ts'
import { within } from '../read/place.ts'
import type { CheckRequest } from './check.ts'
import { readReportFile } from './files.ts'
import { fileAt, type GitContext } from './git.ts'
import { readReports, type SpecRun } from './reports.ts'

export interface Before {
  readonly baseline?: Baseline
  /** The committed baseline as this change leaves it, where it differs. */
  readonly proposed?: Baseline
  readonly runs: readonly SpecRun[]
  readonly flaws: readonly Flaw[]
  readonly notes: readonly string[]
}

/** A baseline that is there and cannot be read is not the same as none. */
export async function baselineOf(
  context: GitContext,
  request: CheckRequest,
  places: Parameters<typeof readReports>[1],
): Promise<Result<Before>> {
  const reports = readReports(request.baseReports, places)
  if (!reports.ok) return reports
  const unread = [...reports.value.flaws, ...reports.value.runs.flatMap(({ flaws }) => flaws)]
  const flaws: Flaw[] = unread.map(({ about, says }) =>
    unreadable(about, `The baseline of ${about} is of no use: ${says}`),
  )
  const { baselineFile } = request
  if (baselineFile === undefined) return ok({ runs: reports.value.runs, flaws, notes: [] })
  const bytes = await baselineBytes(context, request, baselineFile)
  if (!bytes.ok) return bytes
  if ('note' in bytes.value) return ok({ runs: reports.value.runs, flaws, notes: [bytes.value.note] })
  if ('flaw' in bytes.value)
    return ok({ runs: reports.value.runs, flaws: [...flaws, bytes.value.flaw], notes: [] })
  const read = readBaseline(bytes.value.bytes)
  const own = bytes.value.own === undefined ? undefined : readBaseline(bytes.value.own)
  for (const one of [read, own]) {
    if (one === undefined || !('why' in one)) continue
    const which = one === own ? ' as this change leaves it' : ''
    flaws.push(unreadable(baselineFile, `${baselineFile}${which} is no baseline of this gate: ${one.why}.`))
  }
  return ok({
    ...('why' in read ? {} : { baseline: read.baseline }),
    ...(own === undefined || 'why' in own ? {} : { proposed: own.baseline }),
    runs: reports.value.runs,
    flaws,
    notes: [],
  })
}

function unreadable(about: string, says: string): Flaw {
  const next = 'Make the baseline again on the target branch; without one everything counts as new.'
  return { code: 'baseline-unreadable', about, says, next }
}

type BaselineBytes =
  | { readonly bytes: Uint8Array; readonly own?: Uint8Array }
  | { readonly flaw: Flaw }
  | { readonly note: string }

/** A committed baseline is read from the commit that the change goes to: a change does not extend its own excuse. */
async function baselineBytes(
  context: GitContext,
  { base, temp }: CheckRequest,
  path: string,
): Promise<Result<BaselineBytes>> {
  const place = path.startsWith('/') ? 'outside' : within(path.replaceAll('\\', '/'))
  if (place !== 'outside' && base !== undefined) {
    const reviewed = await fileAt(context, base, place.file)
    const own = await fileAt(context, 'HEAD', place.file)
    if (reviewed !== undefined) {
      const bytes = new TextEncoder().encode(reviewed)
      const differs = own !== undefined && own !== reviewed
      return ok({ bytes, ...(differs ? { own: new TextEncoder().encode(own) } : {}) })
    }
    if (own !== undefined) {
      return ok({ note: `${path} comes with this change and is no baseline yet: everything counts as new.` })
    }
  }
  const file = readReportFile(path, context.folder, temp)
  if (!file.ok) return file
  if ('bytes' in file.value) return ok({ bytes: file.value.bytes })
  const why = 'missing' in file.value ? 'is not there' : 'is too large to be read'
  return ok({ flaw: unreadable(path, `The baseline ${path} ${why}.`) })
}

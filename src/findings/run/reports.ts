import { err, ok, type Result } from '../../release/index.ts'
import type { Flaw } from '../flaws.ts'
import { megabytes } from '../json/bounded.ts'
import { readReport } from '../read/report.ts'
import type { Ground, ReadRun, ReportSpec } from '../read/types.ts'
import { readReportFile } from './files.ts'

export interface SpecRun extends ReadRun {
  readonly spec: ReportSpec
}

/** Reads all reports; a path that leads outside is the only fault, all else is a flaw of that report. */
export function readReports(
  specs: readonly ReportSpec[],
  places: { readonly workspace: string; readonly temp: string; readonly ground: Ground },
): Result<{ readonly runs: readonly SpecRun[]; readonly flaws: readonly Flaw[] }> {
  const runs: SpecRun[] = []
  const flaws: Flaw[] = []
  for (const spec of specs) {
    const file = readReportFile(spec.path, places.workspace, places.temp)
    if (!file.ok) return err(file.fault)
    if ('missing' in file.value) {
      const says = `${spec.path} is not there.`
      const next = 'The scanner wrote no report: look at the log of the scan.'
      flaws.push({ code: 'report-missing', about: spec.tool, says, next })
    } else if ('tooLarge' in file.value) {
      const says = `${spec.path} is not read: it has ${megabytes(file.value.tooLarge)}, and at most 64 MiB are.`
      const next = 'Split the scan, or exclude what is generated.'
      flaws.push({ code: 'report-too-large', about: spec.tool, says, next })
    } else {
      const read = readReport(file.value.bytes, spec, places.ground)
      flaws.push(...read.flaws)
      for (const run of read.runs) {
        runs.push({ ...run, ...(spec.scanned === undefined ? {} : { scanned: spec.scanned }), spec })
      }
    }
  }
  return ok({ runs, flaws })
}

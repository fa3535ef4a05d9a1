import type { Flaw } from '../flaws.ts'
import { mapOf } from '../json/access.ts'
import { type JsonBounds, parseJson } from '../json/bounded.ts'
import { readSarif } from '../sarif/read.ts'
import { readCycloneDx } from './cyclonedx.ts'
import { readDependencyReview } from './dependency-review.ts'
import { readGitleaks } from './gitleaks.ts'
import { readNpmAudit } from './npm-audit.ts'
import { readOsv } from './osv.ts'
import { unreadableFlaw } from './report-flaws.ts'
import { readTrivy } from './trivy.ts'
import { type Format, formats, type Ground, type ReadRun, type ReportSpec } from './types.ts'

export interface ReadReport {
  readonly runs: readonly ReadRun[]
  readonly flaws: readonly Flaw[]
}

/** Bytes of a report -> its runs. Whatever is wrong with it is a flaw, never an exception. */
export function readReport(
  bytes: Uint8Array,
  spec: ReportSpec,
  ground: Ground,
  bounds?: JsonBounds,
): ReadReport {
  const parsed = parseJson(bytes, bounds)
  if ('refused' in parsed) return { runs: [], flaws: [refusal(parsed.refused, parsed.why, spec)] }
  const format = spec.format ?? formatOf(parsed.value, spec.tool)
  if (format === undefined) {
    const why = `its format is not one of ${formats.join(', ')}`
    return { runs: [], flaws: [unreadableFlaw(spec, why)] }
  }
  if (format === 'sarif') return readSarif(parsed.value, spec, ground)
  const run = readers[format](parsed.value, spec, ground)
  const named = { ...run, ...(spec.category === undefined ? {} : { category: spec.category }) }
  return { runs: [named], flaws: [] }
}

const readers: Readonly<
  Record<Exclude<Format, 'sarif'>, (value: unknown, spec: ReportSpec, ground: Ground) => ReadRun>
> = {
  'osv-scanner': readOsv,
  'npm-audit': readNpmAudit,
  trivy: readTrivy,
  'dependency-review': readDependencyReview,
  gitleaks: readGitleaks,
  cyclonedx: readCycloneDx,
}

/** An empty list says nothing of who wrote it: there the name of the tool decides. */
function formatOf(value: unknown, tool: string): Format | undefined {
  const document = mapOf(value)
  if (document !== undefined) {
    if ('runs' in document || String(document.$schema ?? '').includes('sarif')) return 'sarif'
    if (document.bomFormat === 'CycloneDX') return 'cyclonedx'
    if ('auditReportVersion' in document) return 'npm-audit'
    if ('SchemaVersion' in document) return 'trivy'
  }
  const byName = formats.find((format) => format === tool)
  if (byName !== undefined && byName !== 'sarif') return byName
  if (document !== undefined && 'version' in document) return 'sarif'
  return document !== undefined && Array.isArray(document.results) ? 'osv-scanner' : undefined
}

function refusal(refused: 'empty' | 'large' | 'form', why: string, spec: ReportSpec): Flaw {
  if (refused === 'form') return unreadableFlaw(spec, why)
  const says = `${spec.path} is not read: ${why}.`
  if (refused === 'empty') {
    const next = 'The scanner ended before it wrote its answer: look at the log of the scan.'
    return { code: 'report-empty', about: spec.tool, says, next }
  }
  return {
    code: 'report-too-large',
    about: spec.tool,
    says,
    next: 'Split the scan, or exclude what is generated.',
  }
}

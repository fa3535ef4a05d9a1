import type { Flaw } from '../flaws.ts'
import type { SarifObject } from '../sarif/write.ts'
import type { Finding, FindingRun } from '../types.ts'

/** A finding as its report says it, before it is known whether it is new. */
export interface ReadFinding extends Finding {
  /** Names that the rule had before. */
  readonly formerRules?: readonly string[]
  /** The tool's whole fingerprints (SARIF `fingerprints`): stronger than partial ones. */
  readonly whole?: Readonly<Record<string, string>>
  /** The code itself, where the report carries it and it is no secret. */
  readonly snippet?: string
  /** Suppressed by a comment in the source, or by the tool's own list. */
  readonly suppressed?: 'source' | 'tool'
  /** When the suppression ends, where the report says so (RFC 3339). */
  readonly suppressedUntil?: string
  /** Of a commit of the past: the tree of today says nothing of its lines. */
  readonly historic?: boolean
  /** RFC 3339. */
  readonly firstSeen?: string
  /** Place of the result in the SARIF run that it came from. */
  readonly index?: number
}

export interface ReadRun extends Omit<FindingRun, 'findings' | 'complete'> {
  readonly findings: readonly ReadFinding[]
  /** All rules that the tool says it has, whether they found something or not. */
  readonly rules?: readonly string[]
  /** Files the tool has looked at, where it says so. */
  readonly scanned?: number
  /** Lockfiles and the like that the tool has looked at, where it says so. */
  readonly sources?: readonly string[]
  /** True for a tool whose whole subject is dependencies: then every lockfile has to be among `sources`. */
  readonly dependencies?: boolean
  /** The run as it stood in the SARIF report. */
  readonly raw?: SarifObject
  readonly flaws: readonly Flaw[]
}

/** One line of the input `reports`. */
export interface ReportSpec {
  readonly tool: string
  readonly path: string
  readonly format?: Format
  readonly category?: string
  /** Exit code of the scanner. */
  readonly exit?: number
  /** Exit codes that stand for a whole scan, where the tool's own set is not meant. */
  readonly knownExits?: readonly number[]
  /** `outcome` of the scanning step. */
  readonly outcome?: string
  readonly scanned?: number
  /** The lockfile that was looked at, for formats that do not name it. */
  readonly source?: string
}

export const formats = [
  'sarif',
  'osv-scanner',
  'npm-audit',
  'trivy',
  'dependency-review',
  'gitleaks',
  'cyclonedx',
] as const

export type Format = (typeof formats)[number]

/** Where files of a report lie. */
export interface Ground {
  /** Absolute folders that stand for the root of the repository: the checkout, and its name in a container. */
  readonly roots: readonly string[]
}

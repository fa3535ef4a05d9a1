import { createHash } from 'node:crypto'
import type { ReadFinding, ReadRun } from '../read/types.ts'
import { normalName } from '../sarif/names.ts'
import type { SourceView } from './source.ts'
import { stripped } from './source.ts'

/** What a finding is known by over commits. */
export interface Identified extends ReadFinding {
  /** For people and suppressions: 16 hex digits; findings that are alike share it. */
  readonly id: string
  /** The code it points at, without white space, as a short hash. */
  readonly code?: string
  /** The message without what changes with it: numbers, and what stands in quotes. */
  readonly shape: string
}

export const lineHashName = 'primaryLocationLineHash'

/** Adds the line hash to every finding that points at a line, and drops fingerprints that identify nothing. */
export function identify(run: ReadRun, source: SourceView): readonly Identified[] {
  const useful = usefulWhole(run.findings)
  return run.findings.map((finding) => {
    const { location, snippet, fingerprints, whole, ...rest } = finding
    const line = finding.historic === true ? undefined : location?.line
    const computed =
      location === undefined || line === undefined ? undefined : source.hash(location.file, line)
    const given = fingerprints?.[lineHashName]
    // Computed here, both sides follow the same rule; the tool's own value stands in where there is no file.
    const hash = computed ?? given?.replace(/:\d+$/, '')
    const partial = { ...fingerprints, ...(hash === undefined ? {} : { [lineHashName]: hash }) }
    const kept = Object.fromEntries(
      Object.entries(whole ?? {}).filter(([name, value]) => useful.has(`${name}\0${value}`)),
    )
    const text =
      location === undefined || line === undefined
        ? undefined
        : source.code(location.file, line, location.endLine ?? line)
    const code = text ?? (snippet === undefined ? undefined : stripped(snippet))
    return {
      ...rest,
      ...(location === undefined ? {} : { location }),
      ...(Object.keys(partial).length === 0 ? {} : { fingerprints: partial }),
      ...(Object.keys(kept).length === 0 ? {} : { whole: kept }),
      ...(code === undefined || code === '' ? {} : { code: digest(code) }),
      shape: shapeOf(finding.message),
      id: idOf(run.tool, finding, hash, Object.values(kept)[0]),
    }
  })
}

/**
 * A fingerprint that two findings share tells them not apart: Semgrep without a login writes "requires login" to all of
 * them. Such a value is as good as none.
 */
function usefulWhole(findings: readonly ReadFinding[]): ReadonlySet<string> {
  const counts = new Map<string, number>()
  for (const { whole } of findings) {
    for (const [name, value] of Object.entries(whole ?? {})) {
      const key = `${name}\0${value}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  return new Set(
    [...counts].filter(([key, count]) => count === 1 && !placeholder.test(key)).map(([key]) => key),
  )
}

const placeholder = /\0(?:|0+|none|null|undefined|requires[ -]login)$/i

export function shapeOf(message: string): string {
  return message.replaceAll(/(["'`]).*?\1/g, '…').replaceAll(/\d+/g, '0')
}

/** Stays over shifted lines, over a new wording and over a new version of the tool. */
function idOf(
  tool: string,
  finding: ReadFinding,
  hash: string | undefined,
  whole: string | undefined,
): string {
  const advisory = finding.fingerprints?.['packageAdvisory/v1']
  const what = hash ?? advisory ?? whole ?? shapeOf(finding.message)
  return digest([normalName(tool), finding.rule, finding.location?.file ?? '', what].join('\0'))
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

import { LineCounter, parseDocument } from 'yaml'
import { err, ok, type ReasonCode, type Result } from '../release/index.ts'

/** One accepted hazard, in a file that a review of code has seen. */
export interface Waiver {
  readonly file: string
  readonly rule: string
  /** Part of what the finding is about, to waive one table of several. */
  readonly object?: string
  readonly reason: string
  readonly owner: string
  /** Last day on which it holds, `2027-01-31`. */
  readonly expires: string
  /** Line in the file of waivers. */
  readonly line: number
}

const keys = ['file', 'rule', 'object', 'reason', 'owner', 'expires']

/** `version: 1` and a list `waivers`; every entry needs file, rule, reason, owner and expires. */
export function parseWaivers(
  text: string,
  path: string,
  reason: ReasonCode = 'migration-waivers-invalid',
): Result<readonly Waiver[]> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const fault = (cause: string, line = 1) =>
    err({
      blame: 'user' as const,
      reason,
      cause: `${path}:${line}: ${cause}.`,
      next: 'Write `version: 1` and under `waivers:` entries with file, rule, reason, owner and expires (a day, 2027-01-31).',
      at: { file: path, line },
    })
  const [broken] = document.errors
  if (broken !== undefined) return fault(broken.message, lines.linePos(broken.pos[0]).line)
  const value: unknown = document.toJS({ maxAliasCount: 10 })
  if (!isRecord(value) || value.version !== 1) return fault('it has no `version: 1`')
  const entries: unknown = value.waivers ?? []
  if (!Array.isArray(entries)) return fault('`waivers` is no list')
  const waivers: Waiver[] = []
  for (const [at, entry] of entries.entries()) {
    const node: unknown = document.getIn(['waivers', at], true)
    const line = lineOf(node, lines)
    if (!isRecord(entry)) return fault('an entry is no mapping', line)
    const alien = Object.keys(entry).find((key) => !keys.includes(key))
    if (alien !== undefined) return fault(`an entry has the unknown key ${JSON.stringify(alien)}`, line)
    const read = (key: string) => (typeof entry[key] === 'string' ? entry[key].trim() : '')
    const missing = ['file', 'rule', 'reason', 'owner', 'expires'].find((key) => read(key) === '')
    if (missing !== undefined) return fault(`an entry has no text under \`${missing}\``, line)
    if (!isDay(read('expires'))) return fault(`expires is ${JSON.stringify(read('expires'))}, no day`, line)
    waivers.push({
      file: read('file'),
      rule: read('rule'),
      ...(read('object') === '' ? {} : { object: read('object') }),
      reason: read('reason'),
      owner: read('owner'),
      expires: read('expires'),
      line,
    })
  }
  return ok(waivers)
}

function lineOf(node: unknown, lines: LineCounter): number {
  const range = isRecord(node) ? node.range : undefined
  return Array.isArray(range) && typeof range[0] === 'number' ? lines.linePos(range[0]).line : 1
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`)
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

/** What a waiver can be for: a statement of a migration, a step of an image. */
export interface Waivable {
  readonly file: string
  readonly rule: string
  readonly what: string
}

export interface Applied<F = Waivable> {
  readonly findings: readonly (F & {
    readonly waived?: { readonly owner: string; readonly reason: string; readonly expires: string }
  })[]
  readonly expired: readonly Waiver[]
  readonly unmatched: readonly Waiver[]
}

/** Marks what a waiver holds for on `today`; the base name of a file is what a waiver names. */
export function applyWaivers<F extends Waivable>(
  findings: readonly F[],
  waivers: readonly Waiver[],
  today: string,
): Applied<F> {
  const used = new Set<Waiver>()
  const marked = findings.map((finding) => {
    const fitting = waivers.filter((waiver) => fits(waiver, finding))
    for (const waiver of fitting) used.add(waiver)
    const holding = fitting.find(({ expires }) => expires >= today)
    if (holding === undefined) return finding
    const { owner, reason, expires } = holding
    return { ...finding, waived: { owner, reason, expires } }
  })
  return {
    findings: marked,
    expired: waivers.filter((waiver) => used.has(waiver) && waiver.expires < today),
    unmatched: waivers.filter((waiver) => !used.has(waiver)),
  }
}

function fits({ file, rule, object }: Waiver, finding: Waivable): boolean {
  const base = finding.file.split('/').at(-1)
  return base === file && finding.rule === rule && (object === undefined || finding.what.includes(object))
}

import { createHash } from 'node:crypto'
import { type Place, pointerOf } from '../schema/place.ts'
import type { Comparison, Finding, Level, Location, Policy } from '../types.ts'
import type { Description } from './document.ts'
import { createLevels } from './rules.ts'

/** More findings than this help nobody; they are counted. */
const maxFindings = 5000

/** An edit as the comparison of operations raises it. */
export interface Raised {
  readonly id: string
  readonly breaking: boolean
  readonly method?: string | undefined
  readonly path?: string | undefined
  readonly where: string
  /** What happened, without the place. */
  readonly what: string
  readonly base?: Place | undefined
  readonly revision?: Place | undefined
  /** Tells edits of one rule at one place apart. */
  readonly subject?: string | undefined
}

export interface Report {
  raise(edit: Raised): void
  finish(): Comparison
}

/** Where the lines of places are looked up. */
export type Lines = Pick<Description, 'lineOf'>

const order: Readonly<Record<Level, number>> = { error: 0, warning: 1, info: 2 }

export function createReport(base: Lines, revision: Lines, policy: Policy): Report {
  const levelOf = createLevels(policy)
  const counts = { error: 0, warning: 0, info: 0 }
  const kept: Record<Level, { edit: Raised; level: Level }[]> = { error: [], warning: [], info: [] }
  const seen = new Set<string>()
  return {
    raise(edit) {
      const level = levelOf(edit.id, edit.breaking)
      if (level === 'off') return
      const at = edit.base === undefined ? '' : pointerOf(edit.base)
      const key = [edit.id, edit.method, edit.path, edit.where, edit.subject, at].join('\n')
      if (seen.has(key)) return
      seen.add(key)
      counts[level] += 1
      if (kept[level].length < maxFindings) kept[level].push({ edit, level })
    },
    finish() {
      const all = [...kept.error, ...kept.warning, ...kept.info]
      const edits = all.sort((left, right) => order[left.level] - order[right.level]).slice(0, maxFindings)
      const findings = edits.map(({ edit, level }) => findingOf(edit, level, base, revision))
      const total = counts.error + counts.warning + counts.info
      return { findings, counts, omitted: total - findings.length }
    },
  }
}

function findingOf(edit: Raised, level: Level, base: Lines, revision: Lines): Finding {
  const [before, after] = [locationOf(edit.base, base), locationOf(edit.revision, revision)]
  return {
    id: edit.id,
    level,
    ...(edit.method === undefined ? {} : { method: edit.method }),
    ...(edit.path === undefined ? {} : { path: edit.path }),
    where: edit.where,
    message: `${edit.where}: ${edit.what}`,
    ...(before === undefined ? {} : { base: before }),
    ...(after === undefined ? {} : { revision: after }),
    fingerprint: fingerprintOf(edit, before ?? after),
  }
}

function locationOf(place: Place | undefined, description: Lines): Location | undefined {
  if (place === undefined || place.source.file === '') return undefined
  const line = description.lineOf(place)
  const here = { file: place.source.file, pointer: pointerOf(place) }
  return line === undefined ? here : { ...here, line }
}

/**
 * Of id, operation and pointer, never of the words: rewording a message must not void approvals. The pointer is that
 * of the base, which is deployed and does not move under a pull request.
 */
function fingerprintOf(edit: Raised, location: Location | undefined): string {
  const parts = [edit.id, edit.method, edit.path, edit.where, location?.pointer, edit.subject]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12)
}

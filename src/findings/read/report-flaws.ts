import type { Flaw } from '../flaws.ts'
import { sentence } from '../json/access.ts'
import type { ReportSpec } from './types.ts'

export function unreadableFlaw(spec: ReportSpec, why: string): Flaw {
  return {
    code: 'report-unreadable',
    about: spec.tool,
    says: `${spec.path} cannot be read: ${why}.`,
    next: 'Look at what the scanner wrote there; `format=` in the input `reports` names another format.',
  }
}

export function toolErrorFlaw(spec: Pick<ReportSpec, 'tool'>, why: string): Flaw {
  return {
    code: 'tool-error',
    about: spec.tool,
    says: `${spec.tool} has noted an error: ${sentence(why, 300)}`,
    next: 'Correct what the tool complains of and scan again.',
  }
}

/** At most one flaw, whatever the number of places. */
export function outsideFlaw(spec: Pick<ReportSpec, 'tool'>, places: readonly string[]): readonly Flaw[] {
  const [first] = places
  if (first === undefined) return []
  const others = places.length === 1 ? '' : ` and ${places.length - 1} more`
  return [
    {
      code: 'location-outside',
      about: spec.tool,
      says: `${sentence(first, 200)}${others} lies outside of the repository.`,
      next: 'Scan from the root of the checkout, or name the folder that stood for it with the input `source-root`.',
    },
  ]
}

import { createHash } from 'node:crypto'
import { type Finding, type SarifLog, toSarif } from '../../findings/index.ts'
import type { TenantResult } from '../gate/result.ts'

/** Where operations stand in the description, for annotations. */
export type Lines = ReadonlyMap<string, { readonly file: string; readonly line?: number }>

/** By attack: what kind of weakness it is. */
const weaknesses: Readonly<Record<string, string>> = {
  'path-id': 'CWE-639',
  reference: 'CWE-639',
  bulk: 'CWE-639',
  handle: 'CWE-639',
  'own-answer': 'CWE-284',
  search: 'CWE-284',
  count: 'CWE-284',
  override: 'CWE-284',
  cache: 'CWE-524',
  errors: 'CWE-209',
  'natural-key': 'CWE-209',
  interleave: 'CWE-488',
  anonymous: 'CWE-862',
  write: 'CWE-862',
  subject: 'CWE-284',
}

/** Leaks as findings for code scanning and sast-gate, one an operation and attack; both directions are one defect. */
export function leakFindings(result: TenantResult, lines: Lines): readonly Finding[] {
  return result.operations.flatMap(({ id, path, subject, cases }) => {
    const leaks = Map.groupBy(
      cases.filter(({ verdict }) => verdict === 'leak'),
      ({ attack }) => attack,
    )
    return [...leaks].map(([attack, own]): Finding => {
      const place = lines.get(id)
      const directions = own.map(({ from, to }) => `${from} -> ${to}`).join(', ')
      return {
        rule: `tenant-${attack}`,
        severity: 'critical',
        message: `${id} (${path ?? subject ?? ''}) leaks between tenants (${directions}): ${own[0]?.evidence?.why ?? attack}`,
        cwes: [weaknesses[attack] ?? 'CWE-284'],
        ...(place === undefined ? {} : { location: place }),
        fingerprints: {
          'tuesdayTenant/v1': createHash('sha256').update(`${id} ${attack}`).digest('hex').slice(0, 32),
        },
        about: {
          title: `One tenant reaches another's data (${attack})`,
          help: 'Limit every statement by the tenant of the credentials, and let the database enforce it (row level security).',
        },
      }
    })
  })
}

export function tenantSarif(result: TenantResult, lines: Lines, complete: boolean): SarifLog {
  return toSarif([
    {
      tool: 'tenant-gate',
      category: 'tenant-gate',
      commit: result.commit,
      complete,
      findings: leakFindings(result, lines),
    },
  ])
}

import { releaseNumber } from './declaration.ts'

/** What one region runs, as the ledger says. */
export interface RegionRelease {
  readonly region: string
  /** Id of the release that serves, `r41`; undefined where the ledger does not know one. */
  readonly release?: string | undefined
}

export type ContractAnswer =
  | { readonly verdict: 'pass' }
  | { readonly verdict: 'wait' | 'unknown'; readonly why: string }

/** A contract step goes once every region runs the release that stopped using the old shape, or a newer one. */
export function contractGate(unusedSince: string, regions: readonly RegionRelease[]): ContractAnswer {
  const wanted = releaseNumber(unusedSince)
  if (wanted === undefined) return { verdict: 'unknown', why: `${unusedSince} is no release of a ledger` }
  if (regions.length === 0) return { verdict: 'unknown', why: 'no region is known' }
  const running = regions.map((one) => ({ ...one, number: releaseNumber(one.release ?? '') }))
  const blind = running.filter(({ number }) => number === undefined)
  if (blind.length > 0)
    return {
      verdict: 'unknown',
      why: `what ${blind.map(({ region }) => region).join(', ')} runs is not known`,
    }
  const behind = running.filter(({ number }) => (number ?? 0) < wanted)
  if (behind.length === 0) return { verdict: 'pass' }
  const list = behind.map(({ region, release }) => `${region} runs ${release}`).join(', ')
  return { verdict: 'wait', why: `${list}; the old shape is unused since ${unusedSince}` }
}

export function readRegions(
  value: unknown,
):
  | { readonly ok: true; readonly value: readonly RegionRelease[] }
  | { readonly ok: false; readonly why: string } {
  const why = 'is not a list of {"region": "prod-us", "release": "r41"}'
  if (!Array.isArray(value)) return { ok: false, why }
  const regions: RegionRelease[] = []
  for (const one of value as readonly unknown[]) {
    const { region, release } = (one ?? {}) as { readonly region?: unknown; readonly release?: unknown }
    if (typeof region !== 'string' || (release !== undefined && typeof release !== 'string'))
      return { ok: false, why }
    regions.push({ region, release })
  }
  return { ok: true, value: regions }
}

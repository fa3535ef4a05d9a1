import { type Declaration, type Phase, releaseNumber } from './declaration.ts'

export interface PhasedFile {
  readonly file: string
  readonly number: number
  readonly phase: Phase
  readonly declaration: Declaration
}

/** What a release says of the schema; it travels with the release as JSON. */
export interface SchemaClaims {
  readonly version: 1
  /** Number of the last migration that the release's code needs: expand and migrate steps. 0: none. */
  readonly needs: number
  /** Contract steps of its folder, for a transition of their own once every region is past `unusedSince`. */
  readonly contracts: readonly {
    readonly file: string
    readonly number: number
    readonly unusedSince?: string
    /** The forward migration that gives back what the step takes away. */
    readonly pair?: string
  }[]
  /** Oldest release that still works once all of them are applied; absent where nothing was taken away. */
  readonly floor?: string
}

export function schemaClaims(files: readonly PhasedFile[]): SchemaClaims {
  const carried = files.filter(({ phase }) => phase !== 'contract')
  const contracts = files
    .filter(({ phase }) => phase === 'contract')
    .map(({ file, number, declaration: { unusedSince, pair } }) => ({
      file,
      number,
      ...(unusedSince === undefined ? {} : { unusedSince }),
      ...(pair === undefined ? {} : { pair }),
    }))
  const floors = contracts.flatMap(({ unusedSince }) => unusedSince ?? [])
  const floor = floors.sort((a, b) => (releaseNumber(b) ?? 0) - (releaseNumber(a) ?? 0))[0]
  return {
    version: 1,
    needs: Math.max(0, ...carried.map(({ number }) => number)),
    contracts,
    ...(floor === undefined ? {} : { floor }),
  }
}

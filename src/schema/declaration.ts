/**
 * What the head of a migration says of itself, in comments before the first statement:
 *
 *     -- tuesday:phase contract
 *     -- tuesday:pair pairs/0012_nick_again.sql
 *     -- tuesday:unused-since r41
 */
export const phases = ['expand', 'migrate', 'contract'] as const
export type Phase = (typeof phases)[number]

export interface Declaration {
  readonly phase?: Phase
  /** Path of the paired forward migration, from the folder of the migrations. */
  readonly pair?: string
  /** The release from which on nothing uses the old shape: the id of the ledger. */
  readonly unusedSince?: string
  readonly faults: readonly { readonly line: number; readonly what: string }[]
}

export function readDeclaration(sql: string): Declaration {
  const found: { phase?: Phase; pair?: string; unusedSince?: string } = {}
  const faults: { line: number; what: string }[] = []
  for (const [at, line] of head(sql).entries()) {
    const mark = /^\s*--\s*tuesday\s*:\s*(.*)$/.exec(line)
    if (mark === null) continue
    const [, key = '', value = ''] = /^([a-z-]*)\s*(.*?)\s*$/.exec(mark[1] ?? '') ?? []
    const phase = phases.find((one) => one === value)
    if (key === 'phase' && phase !== undefined) found.phase = phase
    else if (key === 'pair' && /^(?!.*\.\.)[\w./-]+\.sql$/.test(value) && !value.startsWith('/'))
      found.pair = value
    else if (key === 'unused-since' && releaseNumber(value) !== undefined) found.unusedSince = value
    else faults.push({ line: at + 1, what: line.trim() })
  }
  return { ...found, faults }
}

/** Lines before the first one that is neither empty nor a comment. */
function head(sql: string): readonly string[] {
  const lines = sql.replace(/^\ufeff/, '').split(/\r?\n/, 200)
  const end = lines.findIndex((line) => !/^\s*(--.*)?$/.test(line))
  return end === -1 ? lines : lines.slice(0, end)
}

/** `r41` -> 41: releases of a ledger are numbered in their order. */
export function releaseNumber(id: string): number | undefined {
  const digits = /^r([1-9]\d{0,8})$/.exec(id)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** How lines and files of the baseline's commit stand in the tree of now. */
export interface LineMap {
  /** Path now of a file of then. */
  pathNow(file: string): string
  /** Line now of a line of then; of a line that was edited, the line that stands in its place. */
  lineNow(fileThen: string, line: number): number
  /** Whether a line of now stood there then; undefined when that is not known. */
  stood(fileNow: string, line: number | undefined): boolean | undefined
}

/** Nothing is known of the commit of then: paths and lines stand for themselves, and nothing is excused. */
export const noLineMap: LineMap = {
  pathNow: (file) => file,
  lineNow: (_file, line) => line,
  stood: () => undefined,
}

export interface Hunk {
  readonly from: number
  readonly removed: number
  readonly to: number
  readonly added: number
}

export interface FileChange {
  /** Undefined for a file that was added. */
  readonly before?: string
  /** Undefined for a file that was deleted. */
  readonly now?: string
  /** In order; undefined where the edit could not be read (binary, too large). */
  readonly hunks?: readonly Hunk[]
}

/** `git diff -z --name-status -M`: which files were changed, and what they were called. */
export function changedFiles(text: string): readonly FileChange[] {
  const fields = text.split('\0')
  const changes: FileChange[] = []
  for (let index = 0; index + 1 < fields.length; ) {
    const status = fields[index] ?? ''
    const path = fields[index + 1] ?? ''
    if (/^[RC]/.test(status)) {
      const now = fields[index + 2] ?? ''
      changes.push(status.startsWith('R') ? { before: path, now } : { now })
      index += 3
      continue
    }
    if (status === 'A') changes.push({ now: path })
    else if (status === 'D') changes.push({ before: path })
    else changes.push({ before: path, now: path })
    index += 2
  }
  return changes
}

/** Hunks by the path of now, from a diff without context. Paths that Git quotes are left out: nothing is known there. */
export function hunksOf(diff: string): ReadonlyMap<string, readonly Hunk[]> {
  const found = new Map<string, Hunk[]>()
  let current: Hunk[] | undefined
  let header = false
  for (const line of diff.split('\n')) {
    if (line.startsWith('diff --git ')) {
      current = undefined
      header = true
    } else if (header && line.startsWith('+++ b/')) {
      current = []
      found.set(line.slice(6).replace(/\t$/, ''), current)
    } else if (line.startsWith('@@ ')) {
      header = false
      const [, from, removed, to, added] = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line) ?? []
      if (from === undefined || to === undefined) continue
      current?.push({ from: +from, removed: +(removed ?? 1), to: +to, added: +(added ?? 1) })
    }
  }
  return found
}

export function lineMapOf(changes: readonly FileChange[]): LineMap {
  const byThen = new Map(
    changes.flatMap((one) => (one.before === undefined ? [] : [[one.before, one] as const])),
  )
  const byNow = new Map(changes.flatMap((one) => (one.now === undefined ? [] : [[one.now, one] as const])))
  return {
    pathNow: (file) => byThen.get(file)?.now ?? file,
    lineNow(file, line) {
      let shift = 0
      for (const { from, removed, to, added } of byThen.get(file)?.hunks ?? []) {
        // Without removed lines `from` is the line before the insertion.
        const first = removed === 0 ? from + 1 : from
        if (line < first) break
        if (line < first + removed) return to + Math.min(line - first, Math.max(added - 1, 0))
        shift += added - removed
      }
      return line + shift
    },
    stood(file, line) {
      const change = byNow.get(file)
      if (change === undefined) return true
      if (change.before === undefined) return false
      if (change.hunks === undefined) return undefined
      if (line === undefined) return change.hunks.length === 0
      return !change.hunks.some(({ to, added }) => line >= to && line < to + added)
    },
  }
}

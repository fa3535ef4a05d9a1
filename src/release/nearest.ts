/**
 * The candidate that a person most likely meant, or undefined when none is near. At most a third of the
 * letters may differ: further away a suggestion misleads more often than it helps.
 */
export function nearest(typed: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(typed).slice(0, 100)
  let best: { name: string; distance: number } | undefined
  for (const name of candidates) {
    const distance = editDistance(wanted, fold(name))
    const bound = Math.max(1, Math.floor(Math.max(wanted.length, name.length) / 3))
    if (distance <= bound && (best === undefined || distance < best.distance)) best = { name, distance }
  }
  return best?.name
}

/** `lockTimeout`, `lock_timeout` and `lock-timeout` are one word to a person. */
function fold(name: string): string {
  return name.replaceAll(/[-_\s]/g, '').toLowerCase()
}

/** Optimal string alignment: a swap of two neighbours is one slip, as it is for a person who types. */
function editDistance(left: string, right: string): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= left.length; row += 1) {
    const line = [row]
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1] ? 0 : 1
      let cost = Math.min(
        cell(rows, row - 1, column) + 1,
        (line[column - 1] ?? 0) + 1,
        cell(rows, row - 1, column - 1) + same,
      )
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, cell(rows, row - 2, column - 2) + 1)
      line.push(cost)
    }
    rows.push(line)
  }
  return cell(rows, left.length, right.length)
}

function cell(rows: readonly (readonly number[])[], row: number, column: number): number {
  return rows[row]?.[column] ?? 0
}

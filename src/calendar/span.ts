/** A stretch of time: `from` is inside, `to` is outside. Milliseconds since 1970, UTC. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Sorted, disjoint and without gaps of nothing between: two that touch are one. Empty ones are dropped. */
export function union(spans: readonly Span[]): readonly Span[] {
  const sorted = spans.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from)
  const joined: Span[] = []
  for (const span of sorted) {
    const last = joined.at(-1)
    if (last === undefined || span.from > last.to) joined.push(span)
    else if (span.to > last.to) joined[joined.length - 1] = { from: last.from, to: span.to }
  }
  return joined
}

/** What of `spans` is not in `holes`; both as `union` leaves them. */
export function subtract(spans: readonly Span[], holes: readonly Span[]): readonly Span[] {
  return spans.flatMap((span) => {
    const left: Span[] = []
    let from = span.from
    for (const hole of holes) {
      if (hole.to <= from) continue
      if (hole.from >= span.to) break
      if (hole.from > from) left.push({ from, to: hole.from })
      from = hole.to
    }
    if (from < span.to) left.push({ from, to: span.to })
    return left
  })
}

/** What is in both; both as `union` leaves them. */
export function intersect(left: readonly Span[], right: readonly Span[]): readonly Span[] {
  return left.flatMap((a) =>
    right.flatMap((b) => {
      const span = { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) }
      return span.from < span.to ? [span] : []
    }),
  )
}

export function covers(spans: readonly Span[], at: number): Span | undefined {
  return spans.find(({ from, to }) => from <= at && at < to)
}

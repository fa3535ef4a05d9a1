/** Steps of a build, and those whose result was there already. */
export interface CacheHits {
  readonly hits: number
  readonly steps: number
}

/** As BuildKit (`#7 [2/4] COPY …`, `#7 CACHED`) and buildah (`STEP 2/4: COPY …`, `--> Using cache 3f…`) print it. */
export function cacheHits(lines: readonly string[]): CacheHits {
  const buildkit = new Set(lines.flatMap((line) => /^#(\d+) \[.*\d+\/\d+\] /.exec(line)?.[1] ?? []))
  if (buildkit.size > 0) {
    const cached = lines.flatMap((line) => /^#(\d+) CACHED/.exec(line)?.[1] ?? [])
    return { hits: cached.filter((number) => buildkit.has(number)).length, steps: buildkit.size }
  }
  // FROM is no step that is run, and the base is no hit.
  const steps = lines.filter((line) => /^(?:\[\d+\/\d+\] )?STEP \d+\/\d+: (?!FROM)/.test(line)).length
  return { hits: lines.filter((line) => /^--> Using cache /.test(line)).length, steps }
}

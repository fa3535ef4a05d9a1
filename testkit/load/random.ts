/** Uniform on [0, 1). */
export type Random = () => number

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded from a text by FNV-1a: the same key gives the same stream. */
export function random(key: string): Random {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  let a = 0x9e3779b9
  let b = 0x243f6a88
  let c = hash | 0
  let counter = 1
  const next = () => {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return (t >>> 0) / 4294967296
  }
  for (let i = 0; i < 15; i++) next()
  return next
}

/**
 * Number of arrivals in an interval whose mean is `mean`: Knuth's product of uniforms, in chunks because
 * exp(-mean) underflows above 745. Costs O(mean), as the requests that follow do anyway.
 */
export function poisson(next: Random, mean: number): number {
  let arrivals = 0
  for (let left = mean; left > 0; left -= 30) {
    const floor = Math.exp(-Math.min(left, 30))
    for (let product = next(); product > floor; product *= next()) arrivals++
  }
  return arrivals
}

/** Log-normal with the given median; sigma 0 is the median itself. */
export function logNormal(next: Random, median: number, sigma: number): number {
  if (sigma === 0) return median
  // Box-Muller; 1 - u keeps the logarithm away from zero.
  const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  return median * Math.exp(sigma * normal)
}

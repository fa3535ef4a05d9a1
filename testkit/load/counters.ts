import type { Sample } from './types.ts'

/** Upper bounds in seconds; the default buckets of Prometheus' client libraries. */
export const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** What one container has counted since it started. */
export interface Counters {
  record(code: string, seconds: number): void
  samples(labels: Readonly<Record<string, string>>): Sample[]
}

export function counters(): Counters {
  const byCode = new Map<string, number>()
  const buckets = BUCKETS.map(() => 0)
  let count = 0
  let sum = 0
  return {
    record(code, seconds) {
      byCode.set(code, (byCode.get(code) ?? 0) + 1)
      const bucket = BUCKETS.findIndex((bound) => seconds <= bound)
      if (bucket >= 0) buckets[bucket] = (buckets[bucket] ?? 0) + 1
      count++
      sum += seconds
    },
    samples(labels) {
      // A labelled counter shows up with its first increment, as in the client libraries: a pod without a
      // failure has no series for 500, and a reader has to take that for zero.
      const samples: Sample[] = [...byCode].map(([code, value]) => ({
        name: 'http_requests_total',
        labels: { ...labels, code },
        value,
      }))
      const histogram = 'http_request_duration_seconds'
      let cumulative = 0
      for (const [i, bound] of BUCKETS.entries()) {
        cumulative += buckets[i] ?? 0
        samples.push({
          name: `${histogram}_bucket`,
          labels: { ...labels, le: String(bound) },
          value: cumulative,
        })
      }
      samples.push({ name: `${histogram}_bucket`, labels: { ...labels, le: '+Inf' }, value: count })
      samples.push({ name: `${histogram}_sum`, labels, value: sum })
      samples.push({ name: `${histogram}_count`, labels, value: count })
      return samples
    },
  }
}

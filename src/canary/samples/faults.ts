import type { Fault } from '../../release/index.ts'

/** More than this between the clocks of Prometheus and this machine, and blocks cannot be trusted. */
export const SKEW_MS = 60_000

export function noSeries(host: string, query: string): Fault {
  return {
    blame: 'user',
    reason: 'prometheus-no-series',
    cause: `Prometheus at ${host} has no series for ${query}.`,
    likely: 'The label `pod` is missing or named otherwise, or the pods are not scraped.',
    next: 'Try the selector without its pod matcher in the Prometheus page of this region and correct tuesday.yaml.',
  }
}

export function stale(host: string, ageMs: number): Fault {
  return {
    blame: 'world',
    reason: 'prometheus-stale',
    cause: `The newest sample of Prometheus at ${host} is ${Math.round(ageMs / 1000)} s old.`,
    likely: 'The targets are no longer scraped, or Prometheus is catching up after a restart.',
    next: 'Look at the targets page of Prometheus; nothing moves on until samples come again.',
  }
}

export function clocksDiffer(host: string, skewMs: number): Fault {
  return {
    blame: 'world',
    reason: 'prometheus-clock',
    cause: `The clock of Prometheus at ${host} differs from this machine's by ${Math.round(skewMs / 1000)} s.`,
    likely: 'One of the machines does not synchronise its clock.',
    next: 'Correct the clock; samples cannot be put beside the weights of the rollout until then.',
  }
}

export function ambiguous(query: string, problem: string): Fault {
  return {
    blame: 'user',
    reason: 'prometheus-series-ambiguous',
    cause: `The series of ${query} cannot be counted by pod: ${problem}.`,
    likely: 'Two collectors scrape the same pods, or the metric comes from outside of the pods.',
    next: 'Name the collector in the selector of tuesday.yaml, or drop the duplicate.',
  }
}

export function badHistogram(query: string, problem: string): Fault {
  return {
    blame: 'user',
    reason: 'prometheus-histogram-incomplete',
    cause: `The histogram ${query} cannot be counted: ${problem}.`,
    likely: 'A relabelling drops buckets, or the selector names another kind of metric.',
    next: 'Keep all buckets of this metric in the scrape configuration, or name a histogram in tuesday.yaml.',
  }
}

export function unknownCut(query: string, seconds: number, bounds: readonly number[]): Fault {
  return {
    blame: 'user',
    reason: 'prometheus-histogram-incomplete',
    cause: `The histogram ${query} has no bound at ${seconds} s; it has ${bounds.join(', ') || 'none'}.`,
    likely: 'The limit of tuesday.yaml lies between two buckets, where nobody can count.',
    next: 'Take one of these bounds as the limit, or add a bucket to the histogram.',
  }
}

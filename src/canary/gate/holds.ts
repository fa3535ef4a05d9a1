import type { LiveTarget } from '../../cluster/index.ts'

const MINUTE = 60_000
const FIRST_MS = 30 * MINUTE
const LATER_MS = 10 * MINUTE
/** At full capacity a weight shows load defects at once; the first weight needs less time for them. */
const FIRST_AT_FULL_CAPACITY_MS = 15 * MINUTE

/** Weights below 100 of a Rollout's steps, in their order. */
export function weightsOf(live: LiveTarget): readonly number[] {
  if (live.kind !== 'canary') return []
  return live.view.steps.flatMap(({ setWeight }) =>
    setWeight === undefined || setWeight >= 100 ? [] : [setWeight],
  )
}

/**
 * Canary pods at full capacity before the first weight: the weighted form of blue-green. Traffic then moves between
 * two complete sets of pods, and the old one is what a way back needs.
 */
export function isWeightedBlueGreen(live: LiveTarget): boolean {
  if (live.kind !== 'canary' || live.router === 'none') return false
  const first = live.view.steps.findIndex((step) => (step.setWeight ?? 0) > 0)
  return live.view.steps
    .slice(0, Math.max(0, first))
    .some(({ setCanaryScale }) => (setCanaryScale?.weight ?? 0) >= 100)
}

/** Minimum time at each weight, and under 100 the time to watch when nothing is left to compare with. */
export function holdsOf(
  live: LiveTarget,
  given: Readonly<Record<number, number>> | undefined,
): Readonly<Record<number, number>> {
  if (given !== undefined) return given
  const holds: Record<number, number> = { 100: LATER_MS }
  for (const [index, weight] of weightsOf(live).entries()) {
    const first = isWeightedBlueGreen(live) ? FIRST_AT_FULL_CAPACITY_MS : FIRST_MS
    holds[weight] ??= index === 0 ? first : LATER_MS
  }
  return holds
}

/** Seconds that the old pods stay up after a release; the controller's default is 30. */
export function warmTooShort(
  scaleDownDelaySeconds: number | undefined,
  holds: Readonly<Record<number, number>>,
): string | undefined {
  const seconds = scaleDownDelaySeconds ?? 30
  const watched = (holds[100] ?? LATER_MS) / 1000
  return seconds >= watched
    ? undefined
    : `the old pods are kept for ${seconds} s (scaleDownDelaySeconds) and the new ones are watched for ${watched} s: a way back after that has to start pods first`
}

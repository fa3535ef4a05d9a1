const first = 500
const longest = 5_000

/**
 * Pause after the n-th failed attempt: 0.5 s doubling to 5 s, half of it by chance. With attempts of 100 ms others
 * have the table for more than nine tenths of the time, and two runs do not fall into step.
 */
export function pauseMs(attempt: number, random: () => number): number {
  const full = Math.min(longest, first * 2 ** (attempt - 1))
  return full / 2 + (random() * full) / 2
}

import type { Severity } from '../types.ts'

/**
 * GitHub's ranges of `security-severity`: 9.0 and over critical, 7.0 high, 4.0 medium, 0.1 low. Its documentation says
 * "over 9.0"; CVSS calls 9.0 itself critical, and the worse reading is taken.
 */
export function severityOfScore(score: number): Severity | undefined {
  if (!Number.isFinite(score) || score < 0 || score > 10) return undefined
  if (score >= 9) return 'critical'
  if (score >= 7) return 'high'
  if (score >= 4) return 'medium'
  return score > 0 ? 'low' : 'none'
}

/** `CRITICAL`, `High`, `moderate`: the words of advisories. */
export function severityOfWord(word: unknown): Severity | undefined {
  if (typeof word !== 'string') return undefined
  return words[word.toLowerCase()]
}

const words: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  important: 'high',
  medium: 'medium',
  moderate: 'medium',
  low: 'low',
  negligible: 'low',
  minor: 'low',
  info: 'none',
  informational: 'none',
  none: 'none',
}

/** An advisory without a score is not a harmless one: nobody has judged it yet. */
export const unscored: Severity = 'high'

/** `cwe-079`, `CWE-79: …`, `79` -> `CWE-79`. */
export function cweOf(text: string): string | undefined {
  const number = /(?:^|\bcwe[-_/: ]*)0*([1-9][0-9]{0,5})\b/i.exec(text)?.[1]
  return number === undefined ? undefined : `CWE-${number}`
}

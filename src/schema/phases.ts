import type { Danger, Finding } from '../hazards/index.ts'
import { rules } from '../hazards/index.ts'
import { type Phase, phases } from './declaration.ts'

const rowChanges = /^\s*(insert|update|delete|merge|copy)\b/i

/**
 * What a file does to the releases on both sides of it. `contract`: the previous release meets a schema that it
 * does not know. `migrate`: rows change, the shape stays good for both. `expand`: something is added.
 */
export function derivePhase(dangers: readonly Danger[], statements: readonly string[]): Phase {
  if (dangers.includes('breaks')) return 'contract'
  return statements.some((sql) => rowChanges.test(sql)) ? 'migrate' : 'expand'
}

export function dangersOf(findings: readonly Pick<Finding, 'rule'>[]): readonly Danger[] {
  return findings.map(({ rule }) => rules[rule].danger)
}

/** Declared stricter is a choice; declared milder hides what the file does. */
export function isMilder(declared: Phase, derived: Phase): boolean {
  return phases.indexOf(declared) < phases.indexOf(derived)
}

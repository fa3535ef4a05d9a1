/** Our rules that together say what one rule of another linter says. */
import type { RuleId } from '../../src/hazards/index.ts'

export const volatile: readonly RuleId[] = [
  'add-column-volatile-default',
  'add-column-generated-stored',
  'add-column-of-constrained-domain',
  'add-column-serial',
  'add-column-identity',
]
export const changed: readonly RuleId[] = [
  'change-type',
  'change-type-rewrite',
  'change-type-index-rebuild',
  'change-type-with-check',
  'change-type-narrowing',
  'change-type-of-fk-column',
  'change-type-used-by-view',
  'array-length-change',
]
export const foreignKey: readonly RuleId[] = [
  'add-fk-without-not-valid',
  'add-column-inline-references',
  'fk-not-valid-on-partitioned',
]
export const check: readonly RuleId[] = ['add-check-without-not-valid', 'add-column-inline-check']
export const notValid: readonly RuleId[] = [...foreignKey, ...check]
export const unique: readonly RuleId[] = ['add-unique-without-index', 'add-column-inline-unique-or-pk']
export const primary: readonly RuleId[] = ['add-pk-without-index', 'add-column-inline-unique-or-pk']
export const index: readonly RuleId[] = ['create-index', 'cic-on-partitioned-parent']
export const noLockTimeout: readonly RuleId[] = ['no-lock-timeout', 'lock-timeout-overridden']

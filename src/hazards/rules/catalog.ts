/** Every rule once: what it is about and what it costs. */
import { objectRuleTexts } from './catalog-objects.ts'
import { schemaRuleTexts } from './catalog-schema.ts'

export type { Danger } from './catalog-schema.ts'

export const rules = { ...schemaRuleTexts, ...objectRuleTexts }

export type RuleId = keyof typeof rules

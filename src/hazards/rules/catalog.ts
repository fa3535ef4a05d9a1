/** Every rule once: what it is about, what it costs and what to write instead. */
import { objectRuleTexts } from './catalog-objects.ts'
import { type Danger, schemaRuleTexts } from './catalog-schema.ts'
import { objectWays } from './ways-objects.ts'
import { schemaWays } from './ways-schema.ts'

export type { Danger } from './catalog-schema.ts'

const texts = { ...schemaRuleTexts, ...objectRuleTexts }
const ways = { ...schemaWays, ...objectWays }

export type RuleId = keyof typeof texts

export interface Rule {
  readonly danger: Danger
  readonly title: string
  /** SQL with stand-in names, for a finding that cannot say it with its own. */
  readonly way: string
}

export const ruleIds = Object.keys(texts) as readonly RuleId[]

export const rules = Object.fromEntries(
  ruleIds.map((id) => [id, { ...texts[id], way: ways[id] }]),
) as Readonly<Record<RuleId, Rule>>

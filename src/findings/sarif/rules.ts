import { type JsonMap, mapOf, mapsOf, textOf, textsOf } from '../json/access.ts'
import { cweOf, severityOfScore } from '../read/severity.ts'
import type { Severity } from '../types.ts'

/** Rules of a run: of the driver and of its extensions (plug-ins, rule packs). */
export interface Rules {
  readonly ids: readonly string[]
  find(result: JsonMap): { readonly id: string; readonly rule: JsonMap | undefined }
}

export function rulesOf(run: JsonMap): Rules {
  const tool = mapOf(run.tool) ?? {}
  const components = [mapOf(tool.driver) ?? {}, ...mapsOf(tool.extensions)].map((one) => mapsOf(one.rules))
  const byId = new Map<string, JsonMap>()
  for (const rule of components.flat()) {
    const id = textOf(rule.id)
    if (id !== undefined && !byId.has(id)) byId.set(id, rule)
  }
  return {
    ids: [...byId.keys()],
    find(result) {
      const reference = mapOf(result.rule)
      const index = result.ruleIndex ?? reference?.index
      const component = mapOf(reference?.toolComponent)?.index
      const list = components[typeof component === 'number' ? component + 1 : 0]
      const indexed = typeof index === 'number' ? list?.[index] : undefined
      const named = textOf(result.ruleId) ?? textOf(reference?.id)
      const id = named ?? textOf(indexed?.id) ?? 'unknown'
      // A result may name a part of a rule: `CA1000/1` (3.27.5 with 3.5.4).
      return { id, rule: indexed ?? byId.get(id) ?? byId.get(id.split('/').slice(0, -1).join('/')) }
    },
  }
}

/** Reference 3.2: score of the result or the rule, then the level by its rules of fallback, then `warning`. */
export function severityOf(result: JsonMap, rule: JsonMap | undefined, overridden: unknown): Severity {
  for (const properties of [mapOf(result.properties), mapOf(rule?.properties)]) {
    const given = properties?.['security-severity']
    if (typeof given !== 'string' && typeof given !== 'number') continue
    if (given === '') continue
    // Out of range is no statement, and GitHub shows it as none; a gate must not pass on it.
    const severity = severityOfScore(Number(given))
    if (severity !== undefined) return severity
  }
  const level = result.level ?? overridden ?? mapOf(rule?.defaultConfiguration)?.level
  return levels[typeof level === 'string' ? level : ''] ?? 'medium'
}

const levels: Readonly<Record<string, Severity>> = {
  error: 'high',
  warning: 'medium',
  note: 'low',
  none: 'none',
}

/** Tags of CodeQL and Semgrep, taxa, relationships and `properties.cwe`. */
export function cwesOf(result: JsonMap, rule: JsonMap | undefined): readonly string[] {
  const found: string[] = []
  for (const properties of [mapOf(rule?.properties), mapOf(result.properties)]) {
    for (const tag of textsOf(properties?.tags)) if (/\bcwe\b/i.test(tag)) found.push(tag)
    const own = properties?.cwe
    found.push(...(typeof own === 'string' ? [own] : textsOf(own)))
  }
  const targets = mapsOf(rule?.relationships).map((one) => mapOf(one.target) ?? {})
  for (const taxon of [...mapsOf(result.taxa), ...targets]) {
    const name = textOf(mapOf(taxon.toolComponent)?.name)
    const id = textOf(taxon.id)
    if (id !== undefined && (name?.toUpperCase() === 'CWE' || /^cwe/i.test(id))) found.push(id)
  }
  return [...new Set(found.flatMap((text) => cweOf(/cwe[-_/ ]*0*[1-9]\d*\b/i.exec(text)?.[0] ?? text) ?? []))]
}

/** `ruleConfigurationOverrides` of the invocations: rule id or index -> level. */
export function levelOverrides(run: JsonMap): ReadonlyMap<string | number, unknown> {
  const found = new Map<string | number, unknown>()
  for (const invocation of mapsOf(run.invocations)) {
    for (const override of mapsOf(invocation.ruleConfigurationOverrides)) {
      const { id, index } = mapOf(override.descriptor) ?? {}
      const level = mapOf(override.configuration)?.level
      if (typeof id === 'string') found.set(id, level)
      else if (typeof index === 'number') found.set(index, level)
    }
  }
  return found
}

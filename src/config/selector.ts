import { nearest } from '../release/index.ts'

/**
 * What stands for the environment and workload that are being judged in a selector of tuesday.yaml.
 * `$namespace` is the environment's namespace, `$environment` its name, `$workload` the workload's name.
 */
export const selectorVariables = ['namespace', 'environment', 'workload'] as const

export type SelectorValues = Readonly<Record<(typeof selectorVariables)[number], string>>

const QUOTED = /"(?:[^"\\\n]|\\.)*"/.source
const MATCHER = `[a-zA-Z_][a-zA-Z0-9_]*\\s*(?:=~|!~|!=|=)\\s*${QUOTED}`
const SELECTOR = new RegExp(
  `^([a-zA-Z_:][a-zA-Z0-9_:]*)\\s*(?:\\{\\s*(?:${MATCHER}(?:\\s*,\\s*${MATCHER})*\\s*,?\\s*)?\\})?$`,
)
const VARIABLE = /\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?/g

/**
 * The suite reads raw counters and counts by itself, so that a reset, a missing scrape or a new pod is seen
 * and not smoothed over. So functions, ranges and offsets are refused: `rate(…)` hides all three.
 */
export function selectorProblem(selector: string): string | undefined {
  if (selector.length > 2000) return 'is longer than 2000 characters'
  for (const [written, name = ''] of selector.matchAll(VARIABLE)) {
    if (selectorVariables.some((known) => known === name)) continue
    // `$` also ends a regular expression: `code=~"5..$"` is no variable, since no name follows it.
    const near = nearest(name, selectorVariables)
    return `asks for ${written}, which is none of ${selectorVariables.map((known) => `$${known}`).join(', ')}${near === undefined ? '' : `; did you mean $${near}?`}`
  }
  if (SELECTOR.test(selector)) return undefined
  if (/[([]/.test(selector.replaceAll(new RegExp(QUOTED, 'g'), ''))) {
    return 'has to be a plain series selector: no function and no range, since the suite counts raw samples itself'
  }
  return 'has to be a series selector such as http_requests_total{namespace="$namespace"}'
}

/** Puts the values in place of the variables, escaped as PromQL strings want it. */
export function fillSelector(selector: string, values: SelectorValues): string {
  return selector.replaceAll(VARIABLE, (written, name: string) => {
    const known = selectorVariables.find((variable) => variable === name)
    return known === undefined ? written : values[known].replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')
  })
}

import { createHash } from 'node:crypto'
import type { Config } from './config.ts'

/**
 * What a person approves besides the release itself. Policy is everything that can change what is shipped,
 * where to, in which order, when, or on which evidence: so everything but the links for people
 * (`dashboards`), those who are told (`notify`) and the machine that does the work (`runner`). An approval dies with a change of it.
 * It is taken from the loaded form: comments, order of keys and a default written out change nothing.
 */
export function policyHash(config: Config): string {
  const before = hashes.get(config)
  if (before !== undefined) return before
  const hash = hashOf(config)
  hashes.set(config, hash)
  return hash
}

/** A Config is never changed, and one decision asks several times. */
const hashes = new WeakMap<Config, string>()

function hashOf(config: Config): string {
  const { notify: _told, ...policy } = config
  const environments = Object.fromEntries(
    Object.entries(config.environments).map(([name, { dashboards: _links, runner: _machine, ...rest }]) => [
      name,
      rest,
    ]),
  )
  return createHash('sha256')
    .update(`tuesday-policy/1\n${canonicalJson({ ...policy, environments })}`)
    .digest('hex')
}

/** JSON with sorted keys (RFC 8785 for the values that stand in a Config: texts, finite numbers, booleans). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      // By UTF-16 code units, which is what comparing with < does; never by locale.
      .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
    return `{${members.join(',')}}`
  }
  return JSON.stringify(value)
}

import type { Level, Policy } from '../types.ts'

type Entry = readonly [pattern: string, level: Level]

/**
 * An edit that breaks is an error and any other one is information; only what differs from that stands here, each
 * entry a decision about a rule that people argue about, with its reason. These are the ones that break by variance
 * and are no stop of their own.
 */
const softened: readonly Entry[] = [
  // What used to be sent may be hidden from now on; the specification says SHOULD NOT, so it may go on as well.
  ['response-required-property-became-write-only', 'warning'],
  // Objects in the text of a parameter travel in several ways, some of which allow the edit.
  ['request-parameter-property-type-changed', 'warning'],
  // Patterns are not run, and clients rarely validate what they read against one.
  ['response-*-pattern-changed', 'warning'],
  ['response-*-pattern-removed', 'warning'],
  // Many generators close every object. Only a client that validates answers minds a new property.
  ['response-*-additional-properties-opened', 'warning'],
  ['response-property-added-to-closed-object', 'warning'],
  ['response-body-media-type-schema-removed', 'warning'],
  // Two branches of a oneOf may take the same instance, which cannot be decided in general.
  ['*-one-of-overlap', 'warning'],
  ['*-unevaluated-scope-changed', 'warning'],
  // The same operations elsewhere: deployments differ by host, and a document often lists one of them only.
  ['api-server-removed', 'warning'],
]

/** These break nobody by variance and still take something away that somebody may rely on. */
const announced: readonly Entry[] = [
  ['optional-response-header-removed', 'warning'],
  ['response-optional-property-removed', 'warning'],
  ['request-property-removed', 'warning'],
  ['request-parameter-removed', 'warning'],
  ['request-parameter-property-removed', 'warning'],
  ['request-*-all-of-removed', 'warning'],
  ['response-required-property-became-not-write-only', 'warning'],
  // A discriminator helps to choose a type; the schemas of the branches say what is valid.
  ['*-discriminator-property-name-changed', 'warning'],
  ['*-discriminator-mapping-changed', 'warning'],
  ['*-discriminator-mapping-deleted', 'warning'],
  // The data vanishes, and who reads it finds out by itself.
  ['event-optional-property-removed', 'warning'],
  // Whoever fills in a default means another thing from now on.
  ['event-default-value-*', 'warning'],
  ['event-needless-major', 'warning'],
  ['event-dual-publish-unproven', 'warning'],
]

/** What oasdiff publishes for its own rules where it is below ours; it has no rule for the last ones. */
const oasdiff: readonly Entry[] = [
  ['api-security-*', 'info'],
  ['api-global-security-*', 'info'],
  ['api-server-removed', 'info'],
  ['request-*-max-set', 'warning'],
  ['request-*-min-set', 'warning'],
  ['request-*-length-set', 'warning'],
  ['request-*-items-set', 'warning'],
  ['request-*-pattern-changed', 'warning'],
  ['response-*-enum-value-added', 'warning'],
  ['response-*-pattern-added', 'info'],
  ['response-*-pattern-changed', 'info'],
  ['response-*-pattern-removed', 'info'],
  ['response-*-any-of-added', 'info'],
  ['*-multiple-of-*', 'info'],
  ['*-unique-items-*', 'info'],
  ['*-min-properties-*', 'info'],
  ['*-max-properties-*', 'info'],
  ['*-additional-properties-*', 'info'],
  ['*-one-of-overlap', 'info'],
  ['request-*-property-became-not-read-only', 'info'],
  ['response-*-property-became-write-only', 'info'],
]

const presets = {
  default: { breaking: softened, compatible: announced },
  oasdiff: {
    breaking: [...softened, ...oasdiff],
    compatible: [...announced, ['*-discriminator-*', 'info']] satisfies readonly Entry[],
  },
}

/** The level of a rule id under a policy; `breaking` is what variance says of the edit. */
export function createLevels(policy: Policy): (id: string, breaking: boolean) => Level | 'off' {
  const { breaking: first, compatible: second } = presets[policy.preset ?? 'default']
  const compile = (entries: readonly (readonly [string, Level | 'off'])[]): readonly Matcher[] =>
    entries.map(([pattern, level]) => matcher(pattern, level))
  // The last entry of a preset counts, and of a policy the longest pattern.
  const [breaks, passes] = [compile(first).toReversed(), compile(second).toReversed()]
  const own = compile(
    Object.entries(policy.levels ?? {}).sort(([left], [right]) => right.length - left.length),
  )
  const known = new Map<string, Level | 'off'>()
  return (id, breaking) => {
    const key = `${breaking} ${id}`
    const found = known.get(key)
    if (found !== undefined) return found
    const named = [...own, ...(breaking ? breaks : passes)].find(({ matches }) => matches(id))
    const level = named?.level ?? (breaking ? 'error' : 'info')
    known.set(key, level)
    return level
  }
}

interface Matcher {
  readonly matches: (id: string) => boolean
  readonly level: Level | 'off'
}

function matcher(pattern: string, level: Level | 'off'): Matcher {
  if (!pattern.includes('*')) return { matches: (id) => id === pattern, level }
  const parts = pattern.split('*')
  return { matches: (id) => globMatches(parts, id), level }
}

/** Parts in order, first and last anchored; without a regular expression made of somebody's text. */
export function globMatches(parts: readonly string[], id: string): boolean {
  const [first = '', ...others] = parts
  const last = others.pop() ?? ''
  if (!id.startsWith(first) || !id.endsWith(last) || id.length < first.length + last.length) return false
  let offset = first.length
  for (const part of others) {
    const found = id.indexOf(part, offset)
    if (found < 0) return false
    offset = found + part.length
  }
  return offset <= id.length - last.length
}

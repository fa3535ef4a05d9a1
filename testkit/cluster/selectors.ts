import { badRequest, unsupported } from './faults.ts'
import type { KubeObject } from './objects.ts'

export type Matcher = (object: KubeObject) => boolean

/** `labelSelector` and `fieldSelector` of a list or a watch. */
export function matcherOf(query: URLSearchParams): Matcher {
  const labels = labelMatcher(query.get('labelSelector') ?? '')
  const fields = fieldMatcher(query.get('fieldSelector') ?? '')
  return (object) => labels(object) && fields(object)
}

function labelMatcher(selector: string): Matcher {
  if (selector === '') return () => true
  const terms = splitTerms(selector).map((term): ((labels: Record<string, string>) => boolean) => {
    const set = /^([^\s!=]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term)
    if (set !== null) {
      const [, name = '', operator, list = ''] = set
      const values = list.split(',').map((value) => value.trim())
      const among = (labels: Record<string, string>) =>
        labels[name] !== undefined && values.includes(labels[name])
      return operator === 'in' ? among : (labels) => !among(labels)
    }
    const compared = /^([^\s!=]+)\s*(==|=|!=)\s*(\S*)$/.exec(term)
    if (compared !== null) {
      const [, name = '', operator, value = ''] = compared
      return operator === '!=' ? (labels) => labels[name] !== value : (labels) => labels[name] === value
    }
    const exists = /^(!?)([^\s!=()]+)$/.exec(term)
    if (exists === null) throw badRequest(`unable to parse requirement: ${term}`)
    const [, not, name = ''] = exists
    return (labels) => (labels[name] !== undefined) === (not === '')
  })
  return (object) => terms.every((term) => term(object.metadata.labels ?? {}))
}

/** Commas separate terms, but not inside the brackets of `in (…)`. */
function splitTerms(selector: string): string[] {
  return selector.split(/,(?![^(]*\))/).map((term) => term.trim())
}

function fieldMatcher(selector: string): Matcher {
  if (selector === '') return () => true
  const terms = selector.split(',').map((term): Matcher => {
    const [, name = '', operator = '=', value = ''] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term) ?? []
    if (name !== 'metadata.name' && name !== 'metadata.namespace')
      throw unsupported(`the field selector ${term}`)
    const field = name === 'metadata.name' ? 'name' : 'namespace'
    return (object) => (object.metadata[field] === value) === (operator !== '!=')
  })
  return (object) => terms.every((term) => term(object))
}

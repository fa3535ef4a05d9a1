/** Adds a matcher for the pods whose names start with one of the prefixes (names of ReplicaSets). */
export function selectPods(selector: string, prefixes: readonly string[]): string {
  const matcher = `pod=~"(${prefixes.map(quote).join('|')})-.*"`
  const open = selector.indexOf('{')
  if (open < 0) return `${selector.trim()}{${matcher}}`
  const inside = selector
    .slice(open + 1, selector.lastIndexOf('}'))
    .trim()
    .replace(/,$/, '')
    .trim()
  return `${selector.slice(0, open).trim()}{${inside === '' ? '' : `${inside},`}${matcher}}`
}

/** Names of Kubernetes objects are letters, digits, `-` and `.`; only the last means more in a regular expression. */
const quote = (name: string) => name.replaceAll('.', '\\\\.')

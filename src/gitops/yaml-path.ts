/** One step into a YAML document: a key of a map, or the one list element whose `key` has this `value`. */
export type YamlStep = string | { readonly key: string; readonly value: string }

export type YamlPath = readonly YamlStep[]

/** Never by index: `containers[0]` is another container after someone adds a sidecar before it. */
const STEP =
  /^(?:(?<dot>\.?)(?<key>[^.[\]"]+)|\[(?<quoted>"(?:[^"\\]|\\.)*")\]|\[(?<by>[^=[\]"]+)=(?:(?<match>[^[\]"]+)|(?<matchQuoted>"(?:[^"\\]|\\.)*"))\])/

/**
 * `spec.template.spec.containers[name=api].image`, `labels["app.kubernetes.io/name"]`. Undefined for a text that
 * is no such path; an index is none.
 */
export function parseYamlPath(text: string): YamlPath | undefined {
  const steps: YamlStep[] = []
  let rest = text
  while (rest !== '') {
    const found = STEP.exec(rest)
    if (found === null) return undefined
    const { dot, key, quoted, by, match, matchQuoted } = found.groups ?? {}
    if (key !== undefined && (dot === '') !== (steps.length === 0)) return undefined
    const step =
      key ?? (by === undefined ? unquote(quoted) : { key: by, value: match ?? unquote(matchQuoted) ?? '' })
    if (step === undefined) return undefined
    steps.push(step)
    rest = rest.slice(found[0].length)
  }
  return steps.length === 0 ? undefined : steps
}

/** The text that `parseYamlPath` reads back. */
export function formatYamlPath(path: YamlPath): string {
  return path
    .map((step, at) => {
      if (typeof step !== 'string')
        return `[${step.key}=${plain(step.value) ? step.value : JSON.stringify(step.value)}]`
      if (!plain(step)) return `[${JSON.stringify(step)}]`
      return at === 0 ? step : `.${step}`
    })
    .join('')
}

function plain(text: string): boolean {
  return /^[^.[\]"]+$/.test(text)
}

function unquote(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** `**` any folders, `*` and `?` within a name, `{a,b}` one of them; a pattern without `/` names a file anywhere. */
export function globMatcher(pattern: string): (path: string) => boolean {
  const anywhere = !pattern.includes('/')
  const trimmed = pattern.replace(/^\.?\//, '')
  const whole = trimmed.endsWith('/') ? `${trimmed}**` : trimmed
  const form = new RegExp(`^${anywhere ? '(?:.*/)?' : ''}${source(whole)}$`, 'u')
  return (path) => form.test(path)
}

/** Longer ones, or ones with more stars, could make the matching of one long path slow. */
export function globFault(pattern: string): string | undefined {
  if (pattern === '') return 'is empty'
  if (pattern.length > 200) return 'is longer than 200 characters'
  if ((pattern.match(/\*+/g)?.length ?? 0) > 6) return 'has more than 6 stars'
  if ((pattern.match(/\{/g)?.length ?? 0) !== (pattern.match(/\}/g)?.length ?? 0)) return 'has an open brace'
  if (/\{[^}]*\{/.test(pattern)) return 'has a brace within a brace'
  return undefined
}

function source(glob: string): string {
  let text = ''
  let braces = 0
  for (let index = 0; index < glob.length; index += 1) {
    const char = glob[index] as string
    if (char === '*' && glob[index + 1] === '*') {
      const folders = glob[index + 2] === '/'
      text += folders ? '(?:.*/)?' : '.*'
      index += folders ? 2 : 1
    } else if (char === '*') text += '[^/]*'
    else if (char === '?') text += '[^/]'
    else if (char === '{') {
      text += '(?:'
      braces += 1
    } else if (char === '}' && braces > 0) {
      text += ')'
      braces -= 1
    } else if (char === ',' && braces > 0) text += '|'
    else text += char.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&')
  }
  return text
}

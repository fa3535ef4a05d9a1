/** What a page points at, and the examples in it. Fenced text is left out of the search for links. */
export interface MarkdownPage {
  readonly anchors: ReadonlySet<string>
  readonly links: readonly { readonly line: number; readonly target: string }[]
  readonly fences: readonly Fence[]
}

export interface Fence {
  readonly line: number
  readonly language: string
  readonly text: string
}

export function readMarkdown(text: string): MarkdownPage {
  const anchors = new Set<string>()
  const links: { line: number; target: string }[] = []
  const fences: Fence[] = []
  let open: { line: number; language: string; mark: string; lines: string[] } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^\s*(`{3,}|~{3,})\s*(\S*)/.exec(line)
    if (open !== undefined) {
      if (fence !== null && fence[1] === open.mark && fence[2] === '') {
        fences.push({ line: open.line, language: open.language, text: `${open.lines.join('\n')}\n` })
        open = undefined
      } else open.lines.push(line)
      continue
    }
    if (fence !== null) {
      open = { line: index + 1, language: fence[2] ?? '', mark: fence[1] ?? '', lines: [] }
      continue
    }
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)
    if (heading !== null) anchors.add(unique(slug(heading[1] ?? ''), anchors))
    const prose = line.replace(/`[^`]*`/g, '')
    for (const [, target = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) links.push({ line: index + 1, target })
  }
  return { anchors, links, fences }
}

/** As GitHub makes the anchor of a heading: lower case, no punctuation, a hyphen for each space. */
export function slug(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
}

function unique(name: string, taken: ReadonlySet<string>): string {
  let found = name
  for (let count = 1; taken.has(found); count += 1) found = `${name}-${count}`
  return found
}

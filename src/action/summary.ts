import type { SummarySection } from './outcome.ts'

/** Over 1 MiB the runner refuses the whole summary and fails the upload (FileCommandManager.cs). */
export const summaryLimitBytes = 1024 * 1024

/**
 * Sections as one Markdown text of at most `limit` bytes. What does not fit is taken from the end of the last
 * section, then of the one before it; every cut is stated where it was made.
 */
export function fitSummary(sections: readonly SummarySection[], limit: number): string {
  const texts = sections.map(render)
  let over = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) - limit
  for (let index = texts.length - 1; index >= 0 && over > 0; index -= 1) {
    const text = texts[index] ?? ''
    const bytes = Buffer.byteLength(text)
    const cut = shorten(text, bytes - over)
    over -= bytes - Buffer.byteLength(cut)
    texts[index] = cut
  }
  // Only thousands of sections, each cut to its title, come here.
  return over > 0 ? shorten(texts.join(''), limit) : texts.join('')
}

function render({ title, body }: SummarySection): string {
  return `### ${title}\n\n${body.trimEnd()}\n\n`
}

/** Room for the note that states the cut. */
const noteBytes = 130

/** The first lines of a text that fit with the note and with what the cut leaves open; at least the first line. */
function shorten(text: string, bytes: number): string {
  const lines = text.split('\n')
  const open = openParts()
  const kept: string[] = []
  let closing = ''
  let used = noteBytes
  for (const line of lines) {
    open.add(line)
    used += Buffer.byteLength(line) + 1
    const closed = open.closing()
    if (kept.length > 0 && used + Buffer.byteLength(closed) > bytes) break
    kept.push(line)
    closing = closed
  }
  const rest = lines.length - kept.length
  const note = `_${rest} lines were cut here: GitHub takes 1 MiB of summary a step. The log has all of them._`
  return `${kept.join('\n')}${closing}\n\n${note}\n\n`
}

/** A fence or a fold that stays open would swallow the note and all that follows. */
function openParts() {
  let fence: string | undefined
  let folds = 0
  return {
    add(line: string): void {
      const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1]
      if (mark !== undefined && fence === undefined) fence = mark
      else if (mark !== undefined && fence !== undefined && mark.startsWith(fence)) fence = undefined
      else if (fence === undefined) folds += count(line, '<details') - count(line, '</details>')
    },
    closing(): string {
      return `${fence === undefined ? '' : `\n${fence}`}${'\n\n</details>'.repeat(Math.max(0, folds))}`
    },
  }
}

function count(line: string, part: string): number {
  return line.split(part).length - 1
}

/** Text of others in Markdown: shows what it says. */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/([\\`*_[\]|~#])/g, '\\$1')
}

/** Cells are text, not Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => escapeMarkdown(cell).replaceAll(/\s*[\r\n]+\s*/g, '<br>')).join(' | ')} |`
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

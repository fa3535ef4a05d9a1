/** Why a file does not parse, in words that say what to do, with the place as a reader sees it. */
import type { Grammar } from './grammar.ts'
import type { Finding } from './rules/context.ts'
import type { SyntaxFault } from './types.ts'

/** What psql reads and the server does not; the rows behind COPY … FROM STDIN are not even text of a statement. */
const foreign: readonly (readonly [RegExp, string])[] = [
  [/^[ \t]*copy\b[^;]*\bfrom\s+stdin\b/im, 'COPY FROM STDIN has its data outside the statement'],
  [/^[ \t]*\\(?!\.)/m, 'a meta-command of psql'],
]

export function notSql(
  sql: string,
  fault: SyntaxFault,
  grammar: Grammar,
  newest: Grammar | undefined,
): Finding {
  const newer = newest !== undefined && newest.major > grammar.major && newest.parse(sql).ok
  if (newer) return found('newer-syntax', sql, fault, `PostgreSQL ${grammar.major}: ${fault.message}`)
  const end = sql.split('\n').slice(0, fault.line).join('\n').length
  for (const [form, what] of foreign) {
    const at = form.exec(sql)
    // Behind the fault it may be as right as the rest: only the first fault is known.
    if (at === null || at.index > end) continue
    const lead = at[0].length - at[0].trimStart().length
    const before = sql.slice(0, at.index + lead).split('\n')
    const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
    return found('not-sql', sql, place, what)
  }
  return found('not-sql', sql, fault, fault.message)
}

function found(
  rule: 'newer-syntax' | 'not-sql',
  sql: string,
  { line, column }: Pick<SyntaxFault, 'line' | 'column'>,
  message: string,
): Finding {
  const text = (sql.split('\n')[line - 1] ?? '').replace(/\r$/, '')
  // A long line is cut around the place, so that the caret still stands under it.
  const from = Math.max(0, column - 80)
  const caret = `${text.slice(from, from + 120)}\n${' '.repeat(column - 1 - from)}^`
  return { rule, certainty: 'unsafe', what: `${message}\n${caret}`, line, column }
}

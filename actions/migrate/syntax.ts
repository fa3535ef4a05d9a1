import { loadGrammar, majors } from '../../src/hazards/index.ts'
import type { Standing } from '../../src/migrate/index.ts'
import type { Fault } from '../../src/release/index.ts'

/**
 * What the server will not parse, told before the first change: by the grammar of the server's own version. Servers
 * that are older or newer than every grammar are left to say it themselves, statement by statement.
 */
export async function syntaxFault(
  pending: Standing['pending'],
  version: number,
  folder: string,
): Promise<Fault | undefined> {
  const major = majors.find((one) => one === Math.trunc(version / 10_000))
  if (major === undefined || pending.length === 0) return undefined
  const grammar = await loadGrammar(major)
  for (const { migration, statement } of pending) {
    const parsed = grammar.parse(statement.sql)
    if (parsed.ok) continue
    const before = statement.sql.slice(0, parsed.position).split('\n')
    const last = before.at(-1) ?? ''
    const own = before.length - 1
    const line = statement.line + own
    const column = own === 0 ? statement.column + last.length : last.length + 1
    // A long line is cut around the place, so that the caret still stands under it.
    const text = statement.sql.split('\n')[own] ?? ''
    const from = Math.max(0, last.length - 79)
    const shown = `${text.slice(from, from + 120)}\n${' '.repeat(last.length - from)}^`
    return {
      blame: 'user',
      reason: 'migration-unreadable',
      cause: `${migration.file}:${line}:${column}: PostgreSQL ${major} does not parse it: ${parsed.message}.\n${shown}`,
      likely: 'A typing mistake, or syntax of another version or of psql.',
      next: 'Correct the statement; nothing was changed.',
      at: { file: `${folder}/${migration.file}`, line, column },
    }
  }
  return undefined
}

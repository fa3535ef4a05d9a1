import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { err, type Fault, ok, type Result } from '../release/index.ts'
import { classify } from './classify.ts'
import { type SplitFault, type Statement, split } from './split.ts'
import type { Migration, MigrationStatement } from './types.ts'

/** A file of the migrations folder as it lies there. */
export interface MigrationText {
  readonly file: string
  readonly text: string
}

const form = /^(\d{4})_([A-Za-z0-9][A-Za-z0-9_-]*)\.sql$/
const downwards = /(^|[._-])(down|undo|rollback|revert)([._-]|$)/i

/** `folder` is the path for messages and annotations. */
export function parseMigrations(
  folder: string,
  texts: readonly MigrationText[],
): Result<readonly Migration[]> {
  const migrations: Migration[] = []
  for (const { file, text } of [...texts].sort((a, b) => (a.file < b.file ? -1 : 1))) {
    const where = `${folder}/${file}`
    const number = numberOf(where, file)
    if (!number.ok) return number
    const twin = migrations.find((other) => other.number === number.value)
    if (twin !== undefined) return err(twice(where, twin.file, file))
    const previous = migrations.at(-1)
    if (previous !== undefined && number.value !== previous.number + 1)
      return err(gap(where, previous, number.value))
    const statements = parseFile(where, text)
    if (!statements.ok) return statements
    migrations.push({
      number: number.value,
      file,
      textChecksum: textChecksum(text),
      lineChecksum: crc32(text.replace(/^\ufeff/, '').replaceAll(/\r\n|\r|\n/g, '')) | 0,
      statements: statements.value,
    })
  }
  return ok(migrations)
}

function numberOf(where: string, file: string): Result<number> {
  if (downwards.test(file.replace(/^\d+_/, '').replace(/\.sql$/, ''))) {
    return err({
      blame: 'user',
      reason: 'migration-name-invalid',
      cause: `${where} looks like a migration that goes back.`,
      likely: 'The files come from a runner with up and down scripts.',
      next: 'Remove it: a schema goes forward only; what undoes a change is a new migration with the next number.',
      at: { file: where },
    })
  }
  const digits = form.exec(file)?.[1]
  if (digits !== undefined) return ok(Number(digits))
  return err({
    blame: 'user',
    reason: 'migration-name-invalid',
    cause: `${where} is no migration by its name; the form is 0001_what_it_does.sql.`,
    next: 'Rename it, or move it out of the folder if it is no migration.',
    at: { file: where },
  })
}

function parseFile(where: string, text: string): Result<readonly MigrationStatement[]> {
  const nul = text.indexOf('\0')
  if (nul >= 0 || text.includes('\ufffd')) return err(notText(where))
  const parts = split(text.replace(/^\ufeff/, ''))
  // Rows behind COPY … FROM STDIN are no SQL: what stops the reading is often what they begin with.
  const statements = classifyAll(where, parts.ok ? parts.value : parts.fault.before)
  if (!statements.ok) return statements
  if (!parts.ok) return err(unended(where, parts.fault))
  return statements.value.length === 0 ? err(empty(where)) : statements
}

function classifyAll(where: string, parts: readonly Statement[]): Result<readonly MigrationStatement[]> {
  const statements: MigrationStatement[] = []
  for (const [index, part] of parts.entries()) {
    const path = classify(part)
    const { line, column } = part
    if (!path.ok) {
      return err({
        blame: 'user',
        reason: 'migration-statement-refused',
        cause: `${where}:${line} cannot be run as a migration: ${path.fault.cause}.`,
        next: path.fault.next,
        at: { file: where, line, column },
      })
    }
    statements.push({ ...part, position: index + 1, path: path.value })
  }
  return ok(statements)
}

/** A checkout with other line ends, or with a byte order mark, is the same file. */
function textChecksum(text: string): string {
  return createHash('sha256')
    .update(text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n'))
    .digest('hex')
}

function unended(where: string, { line, column, what }: SplitFault): Fault {
  return {
    blame: 'user',
    reason: 'migration-unreadable',
    cause: `At ${where}:${line}:${column} begins ${what}.`,
    next: 'Close it, and run again.',
    at: { file: where, line, column },
  }
}

function twice(where: string, first: string, second: string): Fault {
  return {
    blame: 'user',
    reason: 'migration-number-twice',
    cause: `${first} and ${second} have the same number.`,
    likely: 'Two branches added a migration and both were merged.',
    next: 'Give the one that no database has applied yet the next free number.',
    at: { file: where },
  }
}

function gap(where: string, previous: Migration, number: number): Fault {
  return {
    blame: 'user',
    reason: 'migration-gap',
    cause: `After ${previous.file} comes number ${String(number).padStart(4, '0')}; ${String(previous.number + 1).padStart(4, '0')} is missing.`,
    likely: 'A file was removed or misnumbered, or a branch is not merged yet.',
    next: 'Number the files without gaps, so that every database applies them in one order.',
    at: { file: where },
  }
}

function empty(where: string): Fault {
  return {
    blame: 'user',
    reason: 'migration-unreadable',
    cause: `${where} has no statement in it.`,
    next: 'Write the change, or remove the file while no database has applied it.',
    at: { file: where },
  }
}

function notText(where: string): Fault {
  return {
    blame: 'user',
    reason: 'migration-unreadable',
    cause: `${where} is not UTF-8 text.`,
    next: 'Save the file as UTF-8 without NUL bytes.',
    at: { file: where },
  }
}

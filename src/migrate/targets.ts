import { type Token, tokens } from './lexer.ts'
import { type Reader, reader } from './reader.ts'
import type { MigrationStatement, ObjectName } from './types.ts'

/** Lock modes of tables, in the words of LOCK TABLE. */
export type LockMode =
  | 'SHARE UPDATE EXCLUSIVE'
  | 'SHARE'
  | 'SHARE ROW EXCLUSIVE'
  | 'EXCLUSIVE'
  | 'ACCESS EXCLUSIVE'

/**
 * A table that a statement is known to lock. `also` names tables that are locked with it and that only the catalogue
 * knows: those which a foreign key of that name points to, those around a dropped table, the default partition.
 */
export interface Target {
  readonly table: ObjectName
  readonly mode: LockMode
  readonly also?: 'referenced' | 'neighbours' | 'default-partition'
  /** With `referenced`: the constraint that is dropped. */
  readonly constraint?: string
}

/** A longer statement carries rows; what it locks stands in its first words. */
const longestRead = 200_000

/**
 * The tables that a statement will lock, as far as its words tell. It has to be right where it speaks: a stronger mode
 * than the statement takes would stall more than it has to. Where it is silent, the bound of the attempt and the
 * watchdog still hold. Modes: PostgreSQL's documentation of explicit locking, measured in migrations reference §1.
 */
export function targets({ sql, head, path }: MigrationStatement): readonly Target[] {
  if (path.kind !== 'transaction') return []
  const all = sql.length > longestRead ? head : [...tokens(sql)]
  const read = reader(all)
  if (read.skip('alter', 'table')) return alterTable(read)
  if (read.skip('drop', 'table')) return dropTable(read)
  if (read.skip('truncate')) {
    read.skip('table')
    return read.names().map((table) => ({ table, mode: 'ACCESS EXCLUSIVE' }))
  }
  if (read.skip('create', 'index') || read.skip('create', 'unique', 'index')) return on(read, 'SHARE')
  if (/^create (or replace )?(constraint )?trigger /.test(read.words(4)))
    return on(read, 'SHARE ROW EXCLUSIVE')
  if (/^(create (or replace )?rule|create policy|(alter|drop) (policy|rule|trigger)) /.test(read.words(4)))
    return on(read, 'ACCESS EXCLUSIVE')
  if (/^create (unlogged )?table /.test(read.words(3))) return createTable(read)
  return []
}

function alterTable(read: Reader): readonly Target[] {
  read.skip('if', 'exists')
  read.skip('only')
  const table = read.name()
  if (table === undefined) return []
  if (read.skip('attach', 'partition')) return partition(read, table, 'SHARE UPDATE EXCLUSIVE')
  if (read.skip('detach', 'partition')) return partition(read, table, 'ACCESS EXCLUSIVE')
  const parts = read.parts()
  const found: Target[] = [{ table, mode: strongest(parts.map(modeOf)) }]
  for (const part of parts) {
    const at = reader(part)
    if (at.skip('drop', 'constraint')) {
      at.skip('if', 'exists')
      const constraint = at.name()?.name
      if (constraint !== undefined)
        found.push({ table, mode: 'ACCESS EXCLUSIVE', also: 'referenced', constraint })
    }
    found.push(...references(reader(part)))
  }
  return found
}

/** A part of ALTER TABLE that lets reads pass takes less than ACCESS EXCLUSIVE. */
function modeOf(part: readonly Token[]): LockMode {
  const words = reader(part).words(12)
  if (/^(validate constraint|cluster on|set without cluster) /.test(words)) return 'SHARE UPDATE EXCLUSIVE'
  if (/^alter (column )?\S+ set statistics /.test(words)) return 'SHARE UPDATE EXCLUSIVE'
  if (/^(enable|disable) (always |replica )?trigger /.test(words)) return 'SHARE ROW EXCLUSIVE'
  if (/^add (constraint \S+ )?foreign key /.test(words)) return 'SHARE ROW EXCLUSIVE'
  return 'ACCESS EXCLUSIVE'
}

const order: readonly LockMode[] = [
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
]

export function strongest(modes: readonly LockMode[]): LockMode {
  const rank = Math.max(...modes.map((mode) => order.indexOf(mode)))
  return order[rank] ?? 'ACCESS EXCLUSIVE'
}

function partition(read: Reader, parent: ObjectName, mode: LockMode): readonly Target[] {
  const child = read.name()
  return [
    { table: parent, mode, also: 'default-partition' },
    ...(child === undefined ? [] : [{ table: child, mode: 'ACCESS EXCLUSIVE' as const }]),
  ]
}

function dropTable(read: Reader): readonly Target[] {
  read.skip('if', 'exists')
  return read.names().map((table) => ({ table, mode: 'ACCESS EXCLUSIVE', also: 'neighbours' }))
}

function createTable(read: Reader): readonly Target[] {
  const found = [...references(read)]
  for (const table of read.everyAfter('partition', 'of'))
    found.push({ table, mode: 'ACCESS EXCLUSIVE', also: 'default-partition' })
  return found
}

function references(read: Reader): readonly Target[] {
  return read.everyAfter('references').map((table) => ({ table, mode: 'SHARE ROW EXCLUSIVE' }))
}

function on(read: Reader, mode: LockMode): readonly Target[] {
  if (!read.past('on')) return []
  read.skip('only')
  const table = read.name()
  return table === undefined ? [] : [{ table, mode }]
}

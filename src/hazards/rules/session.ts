/** What the statements of a file do to each other: transactions, timeouts, order. */
import { as, kindOf, literal, type Node, text } from '../ast.ts'
import { findRelation, nameOf } from '../catalogue/lookup.ts'
import type { Catalogue } from '../catalogue/model.ts'
import { blocksWrites } from '../types.ts'
import type { At, Progress } from './context.ts'

export function newProgress(): Progress {
  return {
    open: false,
    left: false,
    exclusive: new Set(),
    notValid: new Set(),
    defaultsAdded: new Set(),
    validated: new Set(),
    debts: new Set(),
    altered: new Map(),
    enumValues: new Set(),
    lockTimeout: 'unset',
    lockWait: undefined,
    statementTimeout: undefined,
    transactional: 0,
    nonTransactional: 0,
    dataChanges: 0,
  }
}

/** SQL that the server refuses in a transaction, in whatever way it is spelled. */
export function needsNoTransaction(node: Node, sql: string, catalogue?: Catalogue): boolean {
  const kind = kindOf(node)
  if (
    ['CreatedbStmt', 'DropdbStmt', 'AlterSystemStmt', 'CreateTableSpaceStmt', 'DropTableSpaceStmt'].includes(
      kind,
    )
  )
    return true
  if (kind === 'VacuumStmt') return as(node, 'VacuumStmt')?.is_vacuumcmd === true
  if (kind === 'ClusterStmt') return as(node, 'ClusterStmt')?.relation === undefined
  if (kind === 'ReindexStmt') {
    const { relation } = as(node, 'ReindexStmt') ?? {}
    const partitioned =
      catalogue !== undefined &&
      relation !== undefined &&
      findRelation(catalogue, nameOf(relation))?.kind === 'partitioned'
    return partitioned || /\bconcurrently\b|\b(schema|database|system)\b/i.test(sql)
  }
  if (kind === 'IndexStmt') return as(node, 'IndexStmt')?.concurrent === true
  if (kind === 'DropStmt') return as(node, 'DropStmt')?.concurrent === true
  return kind === 'AlterTableStmt' && JSON.stringify(node).includes('"concurrent":true')
}

/** Locks a table even when it is not known which. */
const locking = new Set(['ReindexStmt', 'VacuumStmt', 'ClusterStmt', 'RefreshMatViewStmt', 'LockStmt'])

const rowChanges = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']

/** Before the other rules of the statement. */
export function sessionRules(at: At) {
  const { node, progress, report, options, inTransaction } = at
  const kind = kindOf(node)
  const set = as(node, 'VariableSetStmt')
  if (set !== undefined) return setting(at, set.name ?? '', set.kind ?? '', literal(set.args?.[0]))
  for (const [name = '', value] of settingCalls(node)) setting(at, name, 'VAR_SET_VALUE', value)
  const transaction = as(node, 'TransactionStmt')
  if (transaction !== undefined) {
    const begins = ['TRANS_STMT_BEGIN', 'TRANS_STMT_START'].includes(transaction.kind ?? '')
    const ends = ['TRANS_STMT_COMMIT', 'TRANS_STMT_ROLLBACK'].includes(transaction.kind ?? '')
    const unpaired = (begins && progress.open) || (ends && !progress.open)
    if ((begins || ends) && (options.inTransaction || unpaired))
      report(
        'transaction-in-file',
        transaction.kind?.replace('TRANS_STMT_', '') ?? '',
        'Leave transactions to the runner.',
      )
    if (begins) progress.open = true
    if (ends) {
      progress.open = false
      progress.left = true
    }
    if (begins || ends) {
      progress.exclusive.clear()
      progress.notValid.clear()
      progress.dataChanges = 0
      progress.enumValues.clear()
    }
    return
  }
  const bare = needsNoTransaction(node, at.statement.sql, at.catalogue)
  if (bare) progress.nonTransactional += 1
  else progress.transactional += 1
  const strong = Object.entries(at.prediction.locks).filter(([, mode]) => blocksWrites(mode))
  if (options.timeouts === 'file' && (strong.length > 0 || locking.has(kind))) {
    if (progress.lockTimeout !== 'set')
      report('no-lock-timeout', strong.map(([name]) => name).join(', '), "SET LOCAL lock_timeout = '300ms';")
    if (progress.statementTimeout === undefined)
      report('no-statement-timeout', kind, "SET LOCAL statement_timeout = '5s';")
    else if (progress.statementTimeout <= (progress.lockWait ?? 0))
      report(
        'no-statement-timeout',
        `${kind}: ${progress.statementTimeout} ms end the wait for a lock before lock_timeout does`,
        `SET LOCAL statement_timeout = '${(progress.lockWait ?? 0) + 5_000}ms';`,
      )
  }
  if (!inTransaction) return
  for (const value of progress.enumValues)
    if (kind !== 'AlterEnumStmt' && at.statement.sql.includes(`'${value}'`))
      report('enum-value-in-same-transaction', `'${value}'`, 'Add the value in a file of its own.')
  const working = rowChanges.includes(kind) || strong.length > 0 || at.prediction.scans.length > 0
  if (progress.exclusive.size > 0 && working)
    report(
      'statements-after-exclusive-lock',
      [...progress.exclusive].join(', '),
      'One statement a file, or the short ones last.',
    )
  if (rowChanges.includes(kind)) {
    progress.dataChanges += 1
    if (progress.exclusive.size > 0)
      report(
        'ddl-and-data-in-one-transaction',
        [...progress.exclusive].join(', '),
        'Change rows in a file of its own.',
      )
  } else if (progress.dataChanges > 0 && strong.some(([, mode]) => mode === 'AccessExclusive'))
    report(
      'ddl-and-data-in-one-transaction',
      strong.map(([name]) => name).join(', '),
      'Change rows in a file of its own.',
    )
}

/** `SELECT set_config('lock_timeout', '0', false)` is SET by another name. */
function settingCalls(node: Node): (readonly (string | undefined)[])[] {
  return (as(node, 'SelectStmt')?.targetList ?? []).flatMap((target) => {
    const call = as(as(target, 'ResTarget')?.val, 'FuncCall')
    const isSetting = text(call?.funcname?.at(-1)) === 'set_config'
    return isSetting ? [(call?.args ?? []).map((argument) => literal(argument))] : []
  })
}

function setting(at: At, name: string, kind: string, value: string | undefined): void {
  const { progress, report } = at
  const lifted =
    kind === 'VAR_RESET' ||
    kind === 'VAR_SET_DEFAULT' ||
    kind === 'VAR_RESET_ALL' ||
    milliseconds(value) === 0
  if (name === 'lock_timeout' || kind === 'VAR_RESET_ALL') {
    progress.lockTimeout = lifted ? 'lifted' : 'set'
    if (lifted) report('lock-timeout-overridden', 'lock_timeout is lifted', 'Leave it to the runner.')
    else if ((milliseconds(value) ?? 0) > 5_000)
      report(
        'lock-timeout-overridden',
        `lock_timeout ${value}: every query queues that long`,
        "SET LOCAL lock_timeout = '300ms';",
      )
  }
  if (name === 'statement_timeout') progress.statementTimeout = lifted ? undefined : milliseconds(value)
  if (name === 'lock_timeout') progress.lockWait = lifted ? undefined : milliseconds(value)
}

const units: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** The server's spelling of a time; a bare number is milliseconds. */
export function milliseconds(value: string | undefined): number | undefined {
  const [, count, unit = 'ms'] = /^\s*(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d)?\s*$/.exec(value ?? '') ?? []
  return count === undefined ? undefined : Number(count) * (units[unit] ?? 1)
}

/** After the statement: what it leaves behind for the next. */
export function remember(at: At): void {
  const { progress, report, node } = at
  const exclusive = Object.entries(at.prediction.locks).flatMap(([name, mode]) =>
    mode === 'AccessExclusive' ? [name] : [],
  )
  const alter = as(node, 'AlterTableStmt')
  if (alter !== undefined && alter.objtype === 'OBJECT_TABLE') {
    const name = `${alter.relation?.schemaname ?? ''}.${alter.relation?.relname}`
    const times = (progress.altered.get(name) ?? 0) + 1
    progress.altered.set(name, times)
    if (times > 1 && exclusive.length > 0)
      report('several-alter-tables', alter.relation?.relname ?? '', 'One ALTER TABLE with several commands.')
  }
  if (!at.inTransaction) return
  const before = progress.exclusive.size
  for (const name of exclusive) progress.exclusive.add(name)
  if (progress.exclusive.size > 1 && progress.exclusive.size > before)
    report(
      'exclusive-locks-on-several-tables',
      [...progress.exclusive].join(', '),
      'One table a transaction.',
    )
}

/** A statement outside a transaction that fails when it is run again. */
export function rerunRules(at: At): void {
  const { node, report } = at
  if (at.inTransaction || at.options.journal === true) return
  const again = (exists: boolean | undefined, what: string) => {
    if (exists !== true)
      report('not-rerunnable', what, 'IF EXISTS or IF NOT EXISTS, or a transaction around it.')
  }
  const alter = as(node, 'AlterTableStmt')
  const kind = kindOf(node)
  if (kind === 'CreateStmt') again(as(node, 'CreateStmt')?.if_not_exists, 'CREATE TABLE')
  if (kind === 'IndexStmt') again(as(node, 'IndexStmt')?.if_not_exists, 'CREATE INDEX')
  if (kind === 'DropStmt') again(as(node, 'DropStmt')?.missing_ok, 'DROP')
  if (kind === 'CreateEnumStmt') again(false, 'CREATE TYPE')
  if (kind === 'AlterEnumStmt') again(as(node, 'AlterEnumStmt')?.skipIfNewValExists, 'ALTER TYPE … ADD VALUE')
  if (kind === 'CreateSeqStmt') again(as(node, 'CreateSeqStmt')?.if_not_exists, 'CREATE SEQUENCE')
  if (kind === 'CreateSchemaStmt') again(as(node, 'CreateSchemaStmt')?.if_not_exists, 'CREATE SCHEMA')
  if (kind === 'CreateExtensionStmt')
    again(as(node, 'CreateExtensionStmt')?.if_not_exists, 'CREATE EXTENSION')
  for (const one of alter?.cmds ?? []) {
    const cmd = as(one, 'AlterTableCmd')
    if (
      cmd?.subtype === 'AT_AddColumn' ||
      cmd?.subtype === 'AT_DropColumn' ||
      cmd?.subtype === 'AT_DropConstraint'
    )
      again(cmd.missing_ok, cmd.subtype.slice(3))
    if (cmd?.subtype === 'AT_AddConstraint') again(false, 'ADD CONSTRAINT')
  }
}

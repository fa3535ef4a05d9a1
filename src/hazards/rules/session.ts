/** What the statements of a file do to each other: transactions, timeouts, order. */
import { as, kindOf, type Node, optionOn } from '../ast.ts'
import { findRelation, nameOf } from '../catalogue/lookup.ts'
import type { Catalogue } from '../catalogue/model.ts'
import { blocksWrites } from '../types.ts'
import type { At, Progress } from './context.ts'
import { followSet, followSettingCalls, newTimeouts } from './settings.ts'

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
    timeouts: newTimeouts(),
    named: new Set(),
    transactional: 0,
    nonTransactional: 0,
    dataChanges: 0,
  }
}

/** SQL that the server refuses in a transaction, in whatever way it is spelled. */
export function needsNoTransaction(node: Node, catalogue?: Catalogue): boolean {
  const kind = kindOf(node)
  if (
    ['CreatedbStmt', 'DropdbStmt', 'AlterSystemStmt', 'CreateTableSpaceStmt', 'DropTableSpaceStmt'].includes(
      kind,
    )
  )
    return true
  if (kind === 'VacuumStmt') return as(node, 'VacuumStmt')?.is_vacuumcmd === true
  if (kind === 'ClusterStmt') return as(node, 'ClusterStmt')?.relation === undefined
  const reindex = as(node, 'ReindexStmt')
  if (reindex !== undefined) {
    const { relation } = reindex
    const partitioned =
      catalogue !== undefined &&
      relation !== undefined &&
      findRelation(catalogue, nameOf(relation))?.kind === 'partitioned'
    return partitioned || relation === undefined || optionOn(reindex.params, 'concurrently')
  }
  if (kind === 'IndexStmt') return as(node, 'IndexStmt')?.concurrent === true
  if (kind === 'DropStmt') return as(node, 'DropStmt')?.concurrent === true
  return kind === 'AlterTableStmt' && JSON.stringify(node).includes('"concurrent":true')
}

/**
 * Locks a table even when it is not known which. CONCURRENTLY, plain VACUUM and ANALYZE wait for ShareUpdateExclusive,
 * behind which neither readers nor writers queue; a bound on the wait would leave an invalid index.
 */
function locksSomething(node: Node): boolean {
  const reindex = as(node, 'ReindexStmt')
  if (reindex !== undefined) return !optionOn(reindex.params, 'concurrently')
  const vacuum = as(node, 'VacuumStmt')
  if (vacuum !== undefined) return optionOn(vacuum.options, 'full')
  return ['ClusterStmt', 'RefreshMatViewStmt', 'LockStmt'].includes(kindOf(node))
}

/** Milliseconds that a statement may keep others waiting before a bound is none. */
const longest = 600_000

const rowChanges = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']

/** Before the other rules of the statement. */
export function sessionRules(at: At) {
  const { node, progress, report, options, inTransaction } = at
  const kind = kindOf(node)
  const set = as(node, 'VariableSetStmt')
  if (set !== undefined) return followSet(at, set)
  followSettingCalls(at)
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
    if (begins) {
      progress.open = true
      progress.timeouts.begin()
    }
    if (ends) {
      progress.open = false
      progress.left = true
      progress.timeouts.end(transaction.kind === 'TRANS_STMT_COMMIT')
    }
    if (begins || ends) {
      progress.exclusive.clear()
      progress.notValid.clear()
      progress.dataChanges = 0
      progress.enumValues.clear()
    }
    return
  }
  const bare = needsNoTransaction(node, at.catalogue)
  if (bare) progress.nonTransactional += 1
  else progress.transactional += 1
  const strong = Object.entries(at.prediction.locks).filter(([, mode]) => blocksWrites(mode))
  if (options.timeouts === 'file' && (strong.length > 0 || locksSomething(node))) {
    if (progress.timeouts.now.lock !== 'set')
      report('no-lock-timeout', strong.map(([name]) => name).join(', '), "SET LOCAL lock_timeout = '300ms';")
    if (progress.timeouts.now.statement === undefined)
      report('no-statement-timeout', kind, "SET LOCAL statement_timeout = '5s';")
    else if (progress.timeouts.now.statement > longest)
      report(
        'no-statement-timeout',
        `${kind}: ${progress.timeouts.now.statement / 60_000} minutes under its lock are no bound`,
        "SET LOCAL statement_timeout = '5s';",
      )
    else if (progress.timeouts.now.statement <= (progress.timeouts.now.lockWait ?? 0))
      report(
        'no-statement-timeout',
        `${kind}: ${progress.timeouts.now.statement} ms end the wait for a lock before lock_timeout does`,
        `SET LOCAL statement_timeout = '${(progress.timeouts.now.lockWait ?? 0) + 5_000}ms';`,
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

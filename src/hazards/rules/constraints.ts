import { as, type Of, text } from '../ast.ts'
import { column, nameOf, relationOrStandIn } from '../catalogue/lookup.ts'
import type { Relation } from '../catalogue/model.ts'
import { provenNotNull } from '../proofs.ts'
import { type At, certainty, isOld, path, quoted } from './context.ts'

type Cmd = Of<'AlterTableCmd'>

export function constraintRules(at: At, table: Relation, cmd: Cmd) {
  const constraint = as(cmd.def, 'Constraint')
  if (cmd.subtype === 'AT_AddConstraint' && constraint !== undefined) return added(at, table, constraint)
  if (cmd.subtype === 'AT_ValidateConstraint') {
    at.progress.debts.delete(`${path(table)}.${cmd.name}`)
    if (table.unknown) at.progress.validated.add(path(table))
    if (at.inTransaction && at.progress.notValid.has(`${path(table)}.${cmd.name}`))
      at.report(
        'validate-in-same-transaction',
        `${cmd.name} on ${path(table)}`,
        'Validate in a transaction of its own.',
      )
    return
  }
  if (cmd.subtype === 'AT_DropConstraint') dropped(at, table, cmd)
}

function added(at: At, table: Relation, node: Of<'Constraint'>) {
  const { report } = at
  const name = node.conname === undefined ? '…' : quoted(node.conname)
  const sure = certainty(table)
  const unforced = node.is_enforced === false
  const open = node.skip_validation === true
  const validate = `-- in another transaction:\nALTER TABLE ${path(table)} VALIDATE CONSTRAINT ${name};`
  if (node.conname === undefined && node.indexname === undefined)
    report('unnamed-index-or-constraint', `a constraint on ${path(table)}`)
  if (unforced) return report('not-enforced', `${name} on ${path(table)}`)
  if (open) {
    at.progress.notValid.add(`${path(table)}.${node.conname}`)
    at.progress.debts.add(`${path(table)}.${node.conname}`)
    report(
      'not-valid-constraint-hits-previous-release',
      `${name} on ${path(table)} checks new rows from now on`,
    )
  }
  switch (node.contype) {
    case 'CONSTR_CHECK':
      if (!open)
        report(
          'add-check-without-not-valid',
          path(table),
          `ALTER TABLE ${path(table)} ADD CONSTRAINT ${name} CHECK (…) NOT VALID;\n${validate}`,
          sure,
        )
      return
    case 'CONSTR_NOTNULL':
      if (
        !open &&
        column(table, text(node.keys?.[0]))?.notNull !== true &&
        !provenNotNull(table, text(node.keys?.[0]) ?? '')
      )
        report(
          'set-not-null',
          path(table),
          `ALTER TABLE ${path(table)} ADD CONSTRAINT ${name} NOT NULL … NOT VALID;\n${validate}`,
          sure,
        )
      return
    case 'CONSTR_FOREIGN':
      return foreign(at, table, node, validate)
    case 'CONSTR_UNIQUE':
      if (node.indexname === undefined)
        report(
          'add-unique-without-index',
          path(table),
          `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${path(table)} (…);\nALTER TABLE ${path(table)} ADD CONSTRAINT ${name} UNIQUE USING INDEX ${name};`,
        )
      return
    case 'CONSTR_PRIMARY':
      if (node.indexname === undefined)
        report(
          'add-pk-without-index',
          path(table),
          `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${path(table)} (…);\nALTER TABLE ${path(table)} ADD CONSTRAINT ${name} PRIMARY KEY USING INDEX ${name};`,
        )
      else if (at.prediction.scans.length > 0)
        report(
          'pk-using-index-on-nullable',
          path(table),
          'SET NOT NULL by way of a validated CHECK first.',
          sure,
        )
      return
    case 'CONSTR_EXCLUSION':
      report('add-exclusion', path(table), 'A new table with the constraint, filled in batches.')
  }
}

function foreign(at: At, table: Relation, node: Of<'Constraint'>, validate: string): void {
  const { report } = at
  const parent = relationOrStandIn(at.catalogue, nameOf(node.pktable))
  const columns = (node.fk_attrs ?? []).flatMap((key) => text(key) ?? [])
  const target = parent === undefined ? '…' : path(parent)
  const open = node.skip_validation === true
  if (!open && table.kind !== 'partitioned')
    report(
      'add-fk-without-not-valid',
      `${path(table)} and ${target}`,
      `ALTER TABLE ${path(table)} ADD CONSTRAINT ${node.conname ?? '…'} FOREIGN KEY (${columns.map(quoted).join(', ')}) REFERENCES ${target} NOT VALID;\n${validate}`,
    )
  if (table.kind === 'partitioned' && at.version < 18) {
    if (open)
      report(
        'fk-not-valid-on-partitioned',
        path(table),
        'Add it to each partition NOT VALID and validate, then to the parent.',
      )
    else
      report(
        'add-fk-without-not-valid',
        `${path(table)} and ${target}`,
        'Add it to each partition NOT VALID and validate, then to the parent.',
      )
  } else if (table.kind === 'partitioned' && !open)
    report('add-fk-without-not-valid', `${path(table)} and ${target}`, validate)
  if (node.fk_del_action === 'c') report('on-delete-cascade', `${path(table)} follows ${target}`)
}

function dropped(at: At, table: Relation, cmd: Cmd) {
  const { report } = at
  const own = table.constraints.find(({ name }) => name === cmd.name)
  const name = `${quoted(cmd.name ?? '')} of ${path(table)}`
  at.progress.debts.delete(`${path(table)}.${cmd.name}`)
  if (cmd.behavior === 'DROP_CASCADE') report('drop-cascade', name)
  switch (own?.kind) {
    case 'foreign': {
      const parent = own.references?.table
      return report(
        'drop-fk',
        name,
        `-- in one short transaction:\nLOCK TABLE ${parent === undefined ? '…' : path(parent)}, ${path(table)} IN ACCESS EXCLUSIVE MODE;\nALTER TABLE ${path(table)} DROP CONSTRAINT ${quoted(cmd.name ?? '')};`,
      )
    }
    case 'primary':
      return report('drop-primary-key', name, `ALTER TABLE ${path(table)} REPLICA IDENTITY FULL;`)
    case 'unique':
      return report('drop-unique', name, 'Only once no release names it in ON CONFLICT.')
    case 'check':
    case 'notnull':
    case 'exclude':
      return report('drop-constraint', name)
    default: {
      // The usual names tell what it is where no catalogue does.
      const usual = /(_pkey|_pk|primary_?key)$/.test(cmd.name ?? '')
        ? 'drop-primary-key'
        : /_(fkey|fk)\d*$/.test(cmd.name ?? '')
          ? 'drop-fk'
          : 'drop-constraint'
      report(usual, name, undefined, 'assumed')
    }
  }
}

export function indexRules(at: At, node: Of<'IndexStmt'>): void {
  const { report } = at
  const table = relationOrStandIn(at.catalogue, nameOf(node.relation))
  if (table === undefined) return
  const columns = node.indexParams?.length ?? 0
  if (node.idxname === undefined) report('unnamed-index-or-constraint', `an index on ${path(table)}`)
  if (!isOld(table)) return
  const statement = at.statement.sql.replace(/\bindex\b/i, 'INDEX CONCURRENTLY')
  // A unique index needs every column for what it guarantees.
  if (columns > 3 && node.unique !== true) report('wide-index', `${columns} columns`)
  if (node.concurrent !== true) {
    const exists = table.indexes.some(({ name }) => name === node.idxname)
    if (!exists && !(table.kind === 'partitioned' && node.relation?.inh !== true))
      report('create-index', path(table), `${statement};`)
    return
  }
  if (at.inTransaction)
    report(
      'concurrently-in-transaction',
      'CREATE INDEX CONCURRENTLY',
      'Put it alone into a file that runs without a transaction.',
    )
  if (node.if_not_exists === true)
    report(
      'cic-if-not-exists-over-invalid',
      `${node.idxname}`,
      `DROP INDEX CONCURRENTLY IF EXISTS ${quoted(node.idxname ?? '…')};\n-- then create it without IF NOT EXISTS`,
    )
  if (at.progress.timeouts.now.lock === 'set')
    report('cic-under-lock-timeout', `${node.idxname}`, 'SET lock_timeout = 0;')
  if (node.unique === true)
    report(
      'unique-cic-on-duplicates',
      path(table),
      `SELECT … FROM ${path(table)} GROUP BY … HAVING count(*) > 1;`,
    )
  if (table.kind === 'partitioned')
    report(
      'cic-on-partitioned-parent',
      path(table),
      'CREATE INDEX … ON ONLY, then CONCURRENTLY on each partition, then ATTACH PARTITION.',
    )
}

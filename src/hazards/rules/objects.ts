import { as, columnsIn, kindOf, type Node, nameParts, type Of, optionOn } from '../ast.ts'
import { findRelation, nameFromNode, nameOf, relationOrStandIn } from '../catalogue/lookup.ts'
import { volatilityOf } from '../volatility.ts'
import { type At, isOld, path } from './context.ts'
import { needsNoTransaction } from './session.ts'

/** Statements other than ALTER TABLE, CREATE INDEX, DROP and RENAME. */
export function objectRules(at: At) {
  const { node, report, catalogue, prediction } = at
  const relation = (range: Of<'RangeVar'> | undefined) => relationOrStandIn(catalogue, nameOf(range))
  const reindex = as(node, 'ReindexStmt')
  const vacuum = as(node, 'VacuumStmt')
  const cluster = as(node, 'ClusterStmt')
  const refresh = as(node, 'RefreshMatViewStmt')
  const domain = as(node, 'AlterDomainStmt')
  const create = as(node, 'CreateStmt')
  const update = as(node, 'UpdateStmt')
  const remove = as(node, 'DeleteStmt')
  const enumeration = as(node, 'AlterEnumStmt')
  const grant = as(node, 'GrantStmt')
  switch (kindOf(node)) {
    case 'ReindexStmt': {
      const concurrently = optionOn(reindex?.params, 'concurrently')
      if (reindex?.kind === 'REINDEX_OBJECT_SYSTEM') report('reindex-system', 'every system catalogue')
      else if (!concurrently)
        report(
          'reindex',
          reindex?.relation?.relname ?? 'everything',
          `${at.statement.sql.replace(/\breindex\s+(\(.*?\)\s*)?(index|table|schema|database|system)\b/i, '$& CONCURRENTLY')};`,
        )
      if (!concurrently && at.inTransaction && needsNoTransaction(node, catalogue))
        report('concurrently-in-transaction', 'REINDEX of more than one table')
      if (concurrently) {
        report(
          'reindex-concurrently-leftovers',
          reindex?.relation?.relname ?? 'everything',
          'DROP INDEX CONCURRENTLY … of what ends in _ccnew or _ccold.',
        )
        if (at.inTransaction) report('concurrently-in-transaction', 'REINDEX CONCURRENTLY')
      }
      return
    }
    case 'VacuumStmt': {
      if (optionOn(vacuum?.options, 'full'))
        report('vacuum-full-or-cluster', 'VACUUM FULL', 'pg_repack, or plain VACUUM.')
      if (vacuum?.is_vacuumcmd === true && at.inTransaction) report('concurrently-in-transaction', 'VACUUM')
      return
    }
    case 'ClusterStmt':
      if (at.inTransaction && needsNoTransaction(node))
        report('concurrently-in-transaction', 'CLUSTER of every table')
      return report(
        'vacuum-full-or-cluster',
        cluster?.relation?.relname ?? 'every clustered table',
        'pg_repack.',
      )
    case 'RefreshMatViewStmt': {
      const view = relation(refresh?.relation)
      if (refresh?.skipData === true && isOld(view)) report('refresh-matview-without-data', path(view))
      else if (refresh?.concurrent !== true && isOld(view))
        report('refresh-matview', path(view), `REFRESH MATERIALIZED VIEW CONCURRENTLY ${path(view)};`)
      else if (isOld(view)) report('refresh-matview-concurrently', path(view))
      return
    }
    case 'AlterDomainStmt': {
      const name = nameFromNode(domain?.typeName).name
      const added = as(domain?.def, 'Constraint')
      const required = domain?.subtype === 'C' && added?.contype === 'CONSTR_NOTNULL'
      if (domain?.subtype === 'O' || required) report('alter-domain-set-not-null', name)
      if (domain?.subtype === 'C' && !required && added?.skip_validation !== true)
        report(
          'alter-domain-add-constraint',
          `${name}: ${prediction.scans.join(', ')}`,
          `ALTER DOMAIN ${name} ADD CONSTRAINT … CHECK (…) NOT VALID;`,
        )
      if (domain?.subtype === 'C' && added?.skip_validation === true)
        report('not-valid-constraint-hits-previous-release', name)
      if (domain?.subtype === 'V')
        report(
          'alter-domain-validate',
          `${name}: ${prediction.scans.join(', ')}`,
          'A CHECK on each table instead of one on the domain: its VALIDATE lets writers in.',
        )
      if (domain?.subtype === 'X') report('drop-constraint', name)
      return
    }
    case 'CreateStmt': {
      const locks = Object.keys(prediction.locks)
      for (const parent of create?.inhRelations ?? []) {
        const above = relation(as(parent, 'RangeVar'))
        if (create?.partbound !== undefined && isOld(above))
          report(
            'create-table-partition-of',
            `${path(above)}${prediction.scans.length > 0 ? `, reads ${prediction.scans.join(', ')}` : ''}`,
            `CREATE TABLE … (LIKE ${path(above)} INCLUDING ALL);\nALTER TABLE … ADD CONSTRAINT … CHECK (the bounds);\nALTER TABLE ${path(above)} ATTACH PARTITION …;`,
          )
      }
      if (
        locks.length > 0 &&
        create?.partbound === undefined &&
        Object.values(prediction.locks).includes('ShareRowExclusive')
      )
        report('create-table-references', locks.join(', '))
      return
    }
    case 'CreateTableAsStmt':
      if (as(node, 'CreateTableAsStmt')?.into?.skipData !== true && prediction.scans.length > 0)
        report('create-table-as', prediction.scans.join(', '))
      return
    case 'ViewStmt': {
      const view = findRelation(catalogue, nameOf(as(node, 'ViewStmt')?.view))
      if (isOld(view)) report('change-view', `replaces ${path(view)}`)
      return
    }
    case 'CreateTrigStmt': {
      const table = relation(as(node, 'CreateTrigStmt')?.relation)
      if (isOld(table)) report('change-trigger', path(table))
      return
    }
    case 'RuleStmt':
    case 'CreatePolicyStmt':
    case 'AlterPolicyStmt': {
      const table = relation(
        as(node, 'RuleStmt')?.relation ??
          as(node, 'CreatePolicyStmt')?.table ??
          as(node, 'AlterPolicyStmt')?.table,
      )
      if (isOld(table)) report('change-rule-or-policy', path(table))
      return
    }
    case 'AlterEnumStmt':
      if (enumeration?.oldVal !== undefined)
        report(
          'enum-rename-value',
          `'${enumeration.oldVal}' becomes '${enumeration.newVal}'`,
          'A new value; rows changed in batches.',
        )
      else at.progress.enumValues.add(enumeration?.newVal ?? '')
      return
    case 'CreateEnumStmt':
      return report('enum-type', nameFromNode(as(node, 'CreateEnumStmt')?.typeName).name)
    case 'CreateFunctionStmt': {
      const name = nameFromNode(as(node, 'CreateFunctionStmt')?.funcname).name
      const known = [...catalogue.functions].find((one) => one.name === name)
      if (
        as(node, 'CreateFunctionStmt')?.replace === true &&
        known?.fresh !== true &&
        (known !== undefined || !catalogue.complete)
      )
        report('change-function', name, undefined, known === undefined ? 'assumed' : 'unsafe')
      return
    }
    case 'GrantStmt':
      if (grant?.is_grant !== true)
        report('revoke-or-owner', nameParts(grant?.objects?.[0]).join('.') || 'revoke')
      return
    case 'AlterOwnerStmt':
      return report('revoke-or-owner', 'another owner')
    case 'AlterObjectSchemaStmt':
      if (
        as(node, 'AlterObjectSchemaStmt')?.relation === undefined ||
        isOld(relation(as(node, 'AlterObjectSchemaStmt')?.relation))
      )
        report('change-schema', `moves to ${as(node, 'AlterObjectSchemaStmt')?.newschema}`)
      return
    case 'CreateExtensionStmt':
      return report(
        'needs-own-transaction',
        `extension ${as(node, 'CreateExtensionStmt')?.extname} needs rights`,
      )
    case 'AlterSystemStmt':
    case 'CreatedbStmt':
    case 'DropdbStmt':
    case 'CreateTableSpaceStmt':
    case 'DropTableSpaceStmt':
      if (at.inTransaction) report('concurrently-in-transaction', kindOf(node))
      report(kindOf(node) === 'DropdbStmt' ? 'drop-database' : 'needs-own-transaction', at.statement.sql)
      return
    case 'CreatePublicationStmt':
    case 'AlterPublicationStmt':
    case 'CreateSubscriptionStmt':
    case 'AlterSubscriptionStmt':
      return report('publication', at.statement.sql.slice(0, 60))
    case 'LockStmt':
      return report('lock-table', Object.keys(prediction.locks).join(', '))
    case 'UpdateStmt':
    case 'DeleteStmt': {
      const table = relation(update?.relation ?? remove?.relation)
      const where = (update ?? remove)?.whereClause
      const whole = where === undefined || !mentionsColumn(where)
      if (where !== undefined && isBatch(where)) return
      const reads = table !== undefined && prediction.scans.includes(`${table.schema}.${table.name}`)
      if (isOld(table) && whole && table.rows !== 0)
        report('unbatched-change', `${path(table)}, every row`, 'In batches by key, a transaction each.')
      else if (isOld(table) && reads && !table.unknown)
        report(
          'unbatched-change',
          `${path(table)} is read from end to end`,
          'In batches by key, a transaction each.',
          'assumed',
        )
      return
    }
    case 'DoStmt':
      if (at.statement.opaque === true)
        report('hidden-ddl', 'the text of EXECUTE is put together at run time', undefined, 'assumed')
      return
    case 'SelectStmt':
      if (volatilityOf(catalogue, node) === 'unknown')
        report('hidden-ddl', 'a function that is not known is called', undefined, 'assumed')
      return
    case 'CopyStmt':
      if (as(node, 'CopyStmt')?.is_from === true && as(node, 'CopyStmt')?.filename === undefined)
        report('not-sql', 'COPY FROM STDIN has its data outside the statement')
  }
}

/** `WHERE 1 = 1` keeps no row out. */
function mentionsColumn(where: Node): boolean {
  return columnsIn(where).size > 0
}

/** `WHERE id IN (SELECT … LIMIT 1000)` is one step of a loop. */
function isBatch(where: Node): boolean {
  return JSON.stringify(where).includes('"limitCount"')
}

export function styleRules(at: At): void {
  const { node, report } = at
  const create = as(node, 'CreateStmt')
  if (create?.relation?.relpersistence === 't') return
  const listed = (create?.tableElts ?? []).flatMap((one) => as(one, 'Constraint') ?? [])
  const keys = listed
    .filter(({ contype }) => contype === 'CONSTR_PRIMARY')
    .flatMap((one) => nameParts(one.keys))
  const definitions = [
    ...(create?.tableElts ?? []).flatMap((one) => as(one, 'ColumnDef') ?? []),
    ...(as(node, 'AlterTableStmt')?.cmds ?? []).flatMap(
      (one) => as(as(one, 'AlterTableCmd')?.def, 'ColumnDef') ?? [],
    ),
  ]
  for (const definition of definitions) {
    const names = nameParts(definition.typeName?.names)
    const type = names.at(-1) ?? ''
    const name = definition.colname ?? ''
    const key =
      keys.includes(name) ||
      (definition.constraints ?? []).some((one) => as(one, 'Constraint')?.contype === 'CONSTR_PRIMARY')
    if (type === 'varchar' && definition.typeName?.typmods !== undefined)
      report('style-text', name, 'text with a CHECK')
    if (type === 'bpchar' || type === 'char') report('style-char', name, 'text')
    if (type === 'timestamp') report('style-timestamptz', name, 'timestamptz')
    if (type === 'json' && create !== undefined) report('style-json', name, 'jsonb')
    const short = ['int2', 'smallserial', 'serial2'].includes(type)
    if (short || ['int4', 'serial', 'serial4'].includes(type)) {
      report(short ? 'style-smallint' : 'style-bigint', name, 'bigint')
      if (key) report('style-bigint-key', name, 'bigint')
    }
    if (/^(small|big)?serial[248]?$/.test(type))
      report('style-identity', name, 'bigint GENERATED BY DEFAULT AS IDENTITY')
  }
}

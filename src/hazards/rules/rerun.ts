/** What fails when the same statement is run a second time. Held to real servers by rerun.test.ts. */
import { as, kindOf, type Node, type Of } from '../ast.ts'
import { commandsOf } from '../catalogue/follow-alter.ts'
import type { At } from './context.ts'

/** A statement outside a transaction that fails when it is run again. */
export function rerunRules(at: At): void {
  if (at.inTransaction || at.options.journal === true) return
  for (const what of failsAgain(at.node))
    at.report('not-rerunnable', what, 'IF EXISTS or IF NOT EXISTS, or a transaction around it.')
}

/** Makes an object by a name of its own and has no IF NOT EXISTS. */
const makers: Readonly<Record<string, string>> = {
  CreateEnumStmt: 'CREATE TYPE',
  CompositeTypeStmt: 'CREATE TYPE',
  CreateRangeStmt: 'CREATE TYPE',
  CreateDomainStmt: 'CREATE DOMAIN',
  CreatePolicyStmt: 'CREATE POLICY',
  CreateRoleStmt: 'CREATE ROLE',
  CreatePublicationStmt: 'CREATE PUBLICATION',
  CreateSubscriptionStmt: 'CREATE SUBSCRIPTION',
  CreateEventTrigStmt: 'CREATE EVENT TRIGGER',
  CreateCastStmt: 'CREATE CAST',
}

export function failsAgain(node: Node): readonly string[] {
  const unless = (there: boolean | undefined, what: string) => (there === true ? [] : [what])
  const alter = as(node, 'AlterTableStmt')
  if (alter !== undefined) return commandsOf(alter).flatMap((cmd) => commandAgain(cmd))
  const index = as(node, 'IndexStmt')
  // Without a name the server finds a free one: the second index is one too many, but no error.
  if (index !== undefined)
    return index.idxname === undefined ? [] : unless(index.if_not_exists, 'CREATE INDEX')
  const rename = as(node, 'RenameStmt')
  if (rename !== undefined)
    return rename.missing_ok === true && rename.subname === undefined ? [] : ['RENAME']
  const domain = as(node, 'AlterDomainStmt')
  if (domain !== undefined) return domainAgain(domain)
  const publication = as(node, 'AlterPublicationStmt')
  if (publication !== undefined)
    return publication.action === 'AP_SetObjects' || publication.pubobjects === undefined
      ? []
      : ['ALTER PUBLICATION']
  const value = as(node, 'AlterEnumStmt')
  if (value !== undefined)
    return value.oldVal !== undefined
      ? ['ALTER TYPE … RENAME VALUE']
      : unless(value.skipIfNewValExists, 'ALTER TYPE … ADD VALUE')
  const kind = kindOf(node)
  const made = makers[kind]
  if (made !== undefined) return [made]
  switch (kind) {
    case 'CreateStmt':
      return unless(as(node, 'CreateStmt')?.if_not_exists, 'CREATE TABLE')
    case 'CreateForeignTableStmt':
      return unless(as(node, 'CreateForeignTableStmt')?.base?.if_not_exists, 'CREATE FOREIGN TABLE')
    case 'CreateTableAsStmt':
      return unless(as(node, 'CreateTableAsStmt')?.if_not_exists, 'CREATE TABLE AS')
    case 'DropStmt':
      return unless(as(node, 'DropStmt')?.missing_ok, 'DROP')
    case 'CreateSeqStmt':
      return unless(as(node, 'CreateSeqStmt')?.if_not_exists, 'CREATE SEQUENCE')
    case 'CreateSchemaStmt':
      return unless(as(node, 'CreateSchemaStmt')?.if_not_exists, 'CREATE SCHEMA')
    case 'CreateExtensionStmt':
      return unless(as(node, 'CreateExtensionStmt')?.if_not_exists, 'CREATE EXTENSION')
    case 'CreateStatsStmt':
      return as(node, 'CreateStatsStmt')?.defnames === undefined
        ? []
        : unless(as(node, 'CreateStatsStmt')?.if_not_exists, 'CREATE STATISTICS')
    case 'ViewStmt':
      return unless(as(node, 'ViewStmt')?.replace, 'CREATE VIEW')
    case 'CreateFunctionStmt':
      return unless(as(node, 'CreateFunctionStmt')?.replace, 'CREATE FUNCTION')
    case 'CreateTrigStmt':
      return unless(as(node, 'CreateTrigStmt')?.replace, 'CREATE TRIGGER')
    case 'RuleStmt':
      return unless(as(node, 'RuleStmt')?.replace, 'CREATE RULE')
    case 'AlterObjectSchemaStmt':
      return unless(as(node, 'AlterObjectSchemaStmt')?.missing_ok, 'SET SCHEMA')
    default:
      return []
  }
}

function commandAgain(cmd: Of<'AlterTableCmd'>): readonly string[] {
  switch (cmd.subtype) {
    case 'AT_AddColumn':
    case 'AT_DropColumn':
    case 'AT_DropConstraint':
    case 'AT_DropIdentity':
    case 'AT_DropExpression':
      return cmd.missing_ok === true ? [] : [cmd.subtype.slice(3)]
    case 'AT_AddIdentity':
    case 'AT_AddInherit':
    case 'AT_DropInherit':
    case 'AT_AttachPartition':
    case 'AT_DetachPartition':
    case 'AT_DetachPartitionFinalize':
    case 'AT_DropOf':
      return [cmd.subtype.slice(3)]
    case 'AT_AddConstraint': {
      const added = as(cmd.def, 'Constraint')
      // Unnamed ones get another name the second time; there is one primary key, and one index to take.
      const once =
        added?.conname !== undefined || added?.contype === 'CONSTR_PRIMARY' || added?.indexname !== undefined
      return once && added?.contype !== 'CONSTR_NOTNULL' ? ['ADD CONSTRAINT'] : []
    }
    default:
      return []
  }
}

function domainAgain(domain: Of<'AlterDomainStmt'>): readonly string[] {
  if (domain.subtype === 'X') return domain.missing_ok === true ? [] : ['DROP CONSTRAINT']
  const added = as(domain.def, 'Constraint')
  return domain.subtype === 'C' && added?.conname !== undefined && added.contype === 'CONSTR_CHECK'
    ? ['ADD CONSTRAINT']
    : []
}

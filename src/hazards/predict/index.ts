/** What a statement will do, told from the catalogue without running it. */
import { as, kindOf, type Node, type Of, type RangeVar } from '../ast.ts'
import { follow } from '../catalogue/follow.ts'
import { column, findRelation, nameOf, relationOrStandIn } from '../catalogue/lookup.ts'
import { type Catalogue, copyCatalogue } from '../catalogue/model.ts'
import type { Major, Prediction } from '../types.ts'
import { alterTable } from './alter-table.ts'
import * as create from './create.ts'
import { dropped } from './drop.ts'
import { type Effects, gather } from './effects.ts'
import * as others from './others.ts'
import { analysed, copied, executed } from './query.ts'

export interface Statement {
  readonly node: Node
  /** Statements in its body, for DO and CREATE FUNCTION. */
  readonly inner?: readonly Node[]
}

/** As the server of `version` will do it inside a transaction, on a database that is as `catalogue` says. */
export function predict(statement: Statement, catalogue: Catalogue, version: Major): Prediction {
  const effects = gather()
  const { node, inner = [] } = statement
  const rule = rules[kindOf(node)] as ((at: At, node: unknown, inner: readonly Node[]) => void) | undefined
  rule?.({ catalogue, effects, version }, Object.values(node)[0], inner)
  return effects.done()
}

interface At {
  readonly catalogue: Catalogue
  readonly effects: Effects
  readonly version: Major
}

type Rules = {
  readonly [K in ReturnType<typeof kindOf>]?: (at: At, node: Of<K>, inner: readonly Node[]) => void
}

const run = ({ catalogue, effects }: At, query: Node) => executed(catalogue, effects, query)
const refuse25001 = ({ effects }: At) => effects.refuse('25001')

const rules: Rules = {
  AlterTableStmt: ({ catalogue, effects, version }, node) => alterTable(catalogue, effects, version, node),
  RenameStmt: ({ catalogue, effects }, node) => others.rename(catalogue, effects, node),
  AlterObjectSchemaStmt: ({ catalogue, effects }, node) => {
    if (node.objectType !== 'OBJECT_SEQUENCE') others.moved(catalogue, effects, node.relation)
  },
  AlterOwnerStmt: ({ catalogue, effects }, node) => others.moved(catalogue, effects, node.relation),
  DropStmt: ({ catalogue, effects }, node) => dropped(catalogue, effects, node),
  CreateSchemaStmt: (at, node) => body(at, node.schemaElts ?? []),
  CreateStmt: ({ catalogue, effects }, node) => create.createTable(catalogue, effects, node),
  CreateTableAsStmt: ({ catalogue, effects }, node) => create.createTableAs(catalogue, effects, node),
  ViewStmt: ({ catalogue, effects }, node) => create.createView(catalogue, effects, node),
  IndexStmt: ({ catalogue, effects }, node) => create.createIndex(catalogue, effects, node),
  CreateTrigStmt: ({ catalogue, effects }, node) => create.createTrigger(catalogue, effects, node),
  RuleStmt: ({ catalogue, effects }, node) => create.createRule(catalogue, effects, node),
  CreateFunctionStmt: ({ catalogue, effects }, node, inner) =>
    create.createFunction(catalogue, effects, node, inner),
  CreatePolicyStmt: ({ catalogue, effects }, node) =>
    policy(catalogue, effects, node.table, [node.qual, node.with_check]),
  AlterPolicyStmt: ({ catalogue, effects }, node) =>
    policy(catalogue, effects, node.table, [node.qual, node.with_check]),
  AlterDomainStmt: ({ catalogue, effects }, node) => create.alterDomain(catalogue, effects, node),
  CreateSeqStmt: ({ catalogue, effects }, node) => create.sequenceOwner(catalogue, effects, node.options),
  AlterSeqStmt: ({ catalogue, effects }, node) => {
    const known = findRelation(catalogue, nameOf(node.sequence))
    if (known === undefined && catalogue.complete && node.missing_ok !== true) return effects.refuse('42P01')
    const { table, column: own } = known?.ownedBy ?? {}
    const options = (node.options ?? []).flatMap((one) => as(one, 'DefElem')?.defname ?? [])
    if (options.includes('owned_by') && column(table, own)?.identity !== undefined)
      return effects.refuse('0A000')
    create.sequenceOwner(catalogue, effects, node.options)
  },
  CreateStatsStmt: ({ catalogue, effects }, node) => others.statistics(catalogue, effects, node),
  CreatePublicationStmt: ({ catalogue, effects }, node) => others.publication(catalogue, effects, node),
  AlterPublicationStmt: ({ catalogue, effects }, node) => others.publication(catalogue, effects, node),
  CommentStmt: ({ catalogue, effects }, node) =>
    others.commented(catalogue, effects, node.objtype, node.object),
  SecLabelStmt: ({ catalogue, effects }, node) =>
    others.commented(catalogue, effects, node.objtype, node.object),
  GrantStmt: ({ catalogue, effects, version }, node) => others.granted(catalogue, effects, version, node),
  TruncateStmt: ({ catalogue, effects }, node) => others.truncate(catalogue, effects, node),
  LockStmt: ({ catalogue, effects }, node) => others.lockTable(catalogue, effects, node),
  VacuumStmt: ({ catalogue, effects, version }, node) => others.vacuum(catalogue, effects, version, node),
  ReindexStmt: ({ catalogue, effects }, node) => others.reindex(catalogue, effects, node),
  ClusterStmt: ({ catalogue, effects }, node) => others.cluster(catalogue, effects, node),
  RefreshMatViewStmt: ({ catalogue, effects }, node) => others.refresh(catalogue, effects, node),
  SelectStmt: (at, node) => run(at, { SelectStmt: node }),
  InsertStmt: (at, node) => run(at, { InsertStmt: node }),
  UpdateStmt: (at, node) => run(at, { UpdateStmt: node }),
  DeleteStmt: (at, node) => run(at, { DeleteStmt: node }),
  MergeStmt: (at, node) => run(at, { MergeStmt: node }),
  CopyStmt: ({ catalogue, effects }, node) => copied(catalogue, effects, node),
  ExplainStmt: ({ catalogue, effects }, node) => {
    const analyse = (node.options ?? []).some((one) => as(one, 'DefElem')?.defname === 'analyze')
    executed(catalogue, effects, node.query, { run: analyse })
  },
  DeclareCursorStmt: ({ catalogue, effects }, node) =>
    executed(catalogue, effects, node.query, { run: false }),
  PrepareStmt: ({ catalogue, effects }, node) => analysed(catalogue, effects, node.query),
  DoStmt: (at, _node, inner) => {
    if (inner.length === 0) at.effects.assume('the body of the DO block was not read')
    body(at, inner)
  },
  AlterObjectDependsStmt: ({ catalogue, effects }, node) => {
    if (node.objectType === 'OBJECT_TRIGGER')
      effects.lock(relationOrStandIn(catalogue, nameOf(node.relation)), 'AccessShare')
  },
  DiscardStmt: ({ effects }, node) => {
    if (node.target === 'DISCARD_ALL') effects.refuse('25001')
  },
  AlterSystemStmt: refuse25001,
  CreatedbStmt: refuse25001,
  DropdbStmt: refuse25001,
  CreateTableSpaceStmt: refuse25001,
  DropTableSpaceStmt: refuse25001,
}

/** Statements that run one after the other as part of one: each sees what the ones before it did. */
function body(at: At, nodes: readonly Node[]): void {
  const copy = copyCatalogue(at.catalogue)
  for (const node of nodes) {
    const rule = rules[kindOf(node)] as ((at: At, node: unknown, inner: readonly Node[]) => void) | undefined
    rule?.({ ...at, catalogue: copy }, Object.values(node)[0], [])
    follow(copy, node)
  }
}

function policy(
  catalogue: Catalogue,
  effects: Effects,
  table: RangeVar | undefined,
  conditions: unknown,
): void {
  analysed(catalogue, effects, conditions)
  effects.lock(relationOrStandIn(catalogue, nameOf(table)), 'AccessExclusive')
}

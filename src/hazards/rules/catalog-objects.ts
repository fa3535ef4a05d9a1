/** Rules about tables, other objects, transactions, sessions and the text of a file. */
import type { Danger } from './catalog-schema.ts'

export const objectRuleTexts = {
  'drop-table': { danger: 'breaks', title: 'the previous release still uses the table' },
  'drop-table-with-fk': { danger: 'stalls', title: 'the referenced tables are locked exclusively too' },
  'rename-table': { danger: 'breaks', title: 'the previous release knows it by its old name' },
  'change-schema': { danger: 'breaks', title: 'the previous release looks for it in the old schema' },
  truncate: { danger: 'loses', title: 'TRUNCATE empties the table under an exclusive lock' },
  'vacuum-full-or-cluster': { danger: 'blocks', title: 'the table is written anew under an exclusive lock' },
  'set-logged-unlogged': { danger: 'blocks', title: 'the table is written anew under an exclusive lock' },
  'set-tablespace-or-access-method': {
    danger: 'blocks',
    title: 'the table is copied under an exclusive lock',
  },
  'attach-partition': {
    danger: 'blocks',
    title: 'the new partition, and a default one, are read under exclusive locks',
  },
  'create-table-partition-of': {
    danger: 'blocks',
    title: 'the parent and a default partition are locked exclusively, the latter is read',
  },
  'detach-partition': {
    danger: 'stalls',
    title: 'parent, partition and default partition are locked exclusively',
  },
  'detach-concurrently-limits': {
    danger: 'note',
    title: 'DETACH CONCURRENTLY fails with a default partition and may stay pending',
  },
  'drop-partition': { danger: 'stalls', title: 'parent and default partition are locked exclusively' },
  'change-trigger': { danger: 'stalls', title: 'writes wait for the change of a trigger' },
  'change-rule-or-policy': {
    danger: 'stalls',
    title: 'an exclusive lock; row security without a policy hides every row',
  },
  'change-view': { danger: 'breaks', title: 'the previous release reads the view as it was' },
  'refresh-matview': { danger: 'blocks', title: 'readers wait until the view is filled' },
  'refresh-matview-without-data': {
    danger: 'breaks',
    title: 'the view is emptied: every query of it fails until it is filled again',
  },
  'refresh-matview-concurrently': {
    danger: 'note',
    title: 'two refreshes of one view wait for each other; both read it whole',
  },
  'enum-value-in-same-transaction': {
    danger: 'fails',
    title: 'a new enum value cannot be used in the transaction that adds it',
  },
  'enum-rename-value': { danger: 'breaks', title: 'the previous release writes the old label' },
  'drop-type-or-function': { danger: 'breaks', title: 'the previous release still uses it' },
  'change-function': {
    danger: 'breaks',
    title: 'calls of the previous release meet another body or signature',
  },
  'revoke-or-owner': { danger: 'breaks', title: 'the previous release may lose access' },
  'needs-own-transaction': { danger: 'stalls', title: 'needs rights or a transaction of its own' },
  publication: {
    danger: 'stalls',
    title: 'schema changes are not replicated: the subscriber must change first',
  },
  'create-table-as': { danger: 'stalls', title: 'a long snapshot while the source is read' },
  'autovacuum-disabled': { danger: 'style', title: 'a table without autovacuum bloats' },
  'lock-table': { danger: 'stalls', title: 'an explicit lock is held to the end of the transaction' },
  'no-lock-timeout': {
    danger: 'stalls',
    title: 'nothing bounds the wait for a lock, and every query queues behind it',
  },
  'lock-timeout-overridden': { danger: 'stalls', title: 'the file lifts the bound on lock waits' },
  'no-statement-timeout': { danger: 'stalls', title: 'nothing bounds how long a statement runs' },
  'statements-after-exclusive-lock': {
    danger: 'stalls',
    title: 'an exclusive lock is held while more statements run',
  },
  'exclusive-locks-on-several-tables': {
    danger: 'stalls',
    title: 'waits add up, and two sessions may wait for each other',
  },
  'ddl-and-data-in-one-transaction': {
    danger: 'stalls',
    title: 'an exclusive lock is held while rows are changed',
  },
  'unbatched-change': {
    danger: 'blocks',
    title: 'one statement changes every row: long row locks, bloat, replica lag',
  },
  'several-alter-tables': { danger: 'stalls', title: 'each ALTER TABLE waits for the lock again' },
  'transaction-in-file': {
    danger: 'stalls',
    title: 'BEGIN and COMMIT in the file break the transaction of the runner',
  },
  'uncommitted-transaction': { danger: 'fails', title: 'what follows BEGIN is lost when the session ends' },
  'mixed-transactional': { danger: 'stalls', title: 'a failure applies half of the file' },
  'not-rerunnable': { danger: 'stalls', title: 'run again after a failure it fails' },
  'hidden-ddl': { danger: 'stalls', title: 'SQL that is put together at run time cannot be judged' },
  'not-sql': { danger: 'fails', title: 'the server does not parse it' },
  'newer-syntax': { danger: 'fails', title: 'newer than the server' },
  'too-large': { danger: 'fails', title: 'too large to be read as a migration' },
  'unqualified-name': { danger: 'style', title: 'the search path decides which table is meant' },
  'no-grants': { danger: 'breaks', title: 'the application cannot use what the migration role creates' },
  'no-primary-key': {
    danger: 'style',
    title: 'a table without a primary key cannot be replicated row by row',
  },
  'style-text': { danger: 'style', title: 'text with a CHECK is easier to change than varchar(n)' },
  'style-char': { danger: 'style', title: 'char(n) pads and compares oddly' },
  'style-timestamptz': { danger: 'style', title: 'timestamp without time zone' },
  'style-bigint': { danger: 'style', title: 'a number of 32 bits runs out' },
  'style-smallint': { danger: 'style', title: 'a number of 16 bits runs out at 32,767' },
  'style-json': { danger: 'style', title: 'json has no equality and no index: jsonb has both' },
  'style-bigint-key': { danger: 'style', title: 'a primary key of 32 bits runs out' },
  'style-identity': { danger: 'style', title: 'identity instead of serial' },
  'enum-type': { danger: 'style', title: 'enum values cannot be removed' },
  'drop-database': { danger: 'loses', title: 'everything is gone' },
} as const satisfies Record<string, { readonly danger: Danger; readonly title: string }>

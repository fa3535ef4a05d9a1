/** Rules about columns, constraints and indexes. */

/**
 * `blocks`: queries wait while the statement works. `breaks`: the previous release meets a schema that it does not
 * know. `loses`: data or a guarantee goes. `fails`: the server will refuse. `stalls`: the transaction or the session
 * is arranged so that a failure or a wait hurts more than it must. `style`: none of these, but costs later.
 * `note`: what to know of a way that is safe.
 */
export type Danger = 'blocks' | 'breaks' | 'loses' | 'fails' | 'stalls' | 'style' | 'note'

export const schemaRuleTexts = {
  'add-column-volatile-default': {
    danger: 'blocks',
    title: 'a default that differs from row to row writes the whole table anew',
  },
  'add-column-serial': {
    danger: 'blocks',
    title: 'a serial column numbers every row: the table is written anew',
  },
  'add-column-identity': {
    danger: 'blocks',
    title: 'an identity column numbers every row: the table is written anew',
  },
  'add-column-generated-stored': {
    danger: 'blocks',
    title: 'a stored generated column is computed for every row: the table is written anew',
  },
  'add-column-of-constrained-domain': {
    danger: 'blocks',
    title: 'a column of a domain with a constraint writes the table anew, even without a default',
  },
  'add-column-not-null-no-default': {
    danger: 'breaks',
    title:
      'a required column without a default fails on rows that exist and on INSERTs of the previous release',
  },
  'add-not-null-default-then-drop-default': {
    danger: 'breaks',
    title: 'once the default is gone, INSERTs of the previous release fail',
  },
  'add-column-inline-check': {
    danger: 'blocks',
    title: 'a CHECK beside a new column reads the whole table under an exclusive lock',
  },
  'add-column-inline-unique-or-pk': {
    danger: 'blocks',
    title: 'a unique or primary key beside a new column builds its index under an exclusive lock',
  },
  'add-column-inline-references': {
    danger: 'blocks',
    title: 'a foreign key beside a new column locks the other table too',
  },
  'create-table-references': {
    danger: 'stalls',
    title: 'a new table with a foreign key keeps writers of the referenced table waiting for a moment',
  },
  'add-column-json': {
    danger: 'breaks',
    title: 'json has no equality: DISTINCT, GROUP BY and UNION of the row fail',
  },
  'drop-column': { danger: 'breaks', title: 'the previous release still reads or writes the column' },
  'drop-cascade': { danger: 'loses', title: 'CASCADE drops what depends on it without naming it' },
  'rename-column': { danger: 'breaks', title: 'the previous release knows the column by its old name' },
  'change-type-rewrite': {
    danger: 'blocks',
    title: 'the new type writes the whole table and its indexes anew',
  },
  'change-type-index-rebuild': {
    danger: 'blocks',
    title: 'the new type sorts differently: indexes on the column are built anew under an exclusive lock',
  },
  'change-type-with-check': {
    danger: 'blocks',
    title: 'each CHECK on the column is verified again by reading the whole table',
  },
  'change-type-of-fk-column': {
    danger: 'blocks',
    title: 'a type change of a foreign key column locks both tables',
  },
  'array-length-change': {
    danger: 'blocks',
    title: 'an array is written anew even where a single value would not be',
  },
  'change-type-narrowing': { danger: 'loses', title: 'values may not fit the new type' },
  'change-type-used-by-view': {
    danger: 'fails',
    title: 'the column is used by a view, a rule, a generated column or a trigger',
  },
  'change-type': { danger: 'breaks', title: 'the previous release may not understand the new type' },
  'set-not-null': { danger: 'blocks', title: 'SET NOT NULL reads the whole table under an exclusive lock' },
  'drop-not-null': { danger: 'breaks', title: 'the previous release may meet a null' },
  'change-default': { danger: 'breaks', title: 'rows that the previous release writes get the new default' },
  'drop-default': {
    danger: 'breaks',
    title: 'an INSERT of the previous release that omits the column writes null or fails',
  },
  'set-expression': { danger: 'blocks', title: 'a new expression computes every row again' },
  'add-identity-to-existing-column': {
    danger: 'fails',
    title: 'the sequence starts at 1 and collides with rows that exist',
  },
  'storage-or-compression': { danger: 'stalls', title: 'an exclusive lock for a change of storage' },
  'duplicate-column': { danger: 'fails', title: 'a column is assigned twice' },
  'identifier-too-long': { danger: 'style', title: 'names are cut at 63 bytes' },
  'add-fk-without-not-valid': {
    danger: 'blocks',
    title: 'a foreign key blocks writes to both tables while it reads them',
  },
  'fk-not-valid-on-partitioned': {
    danger: 'fails',
    title: 'before 18 a partitioned table takes no NOT VALID foreign key',
  },
  'fk-without-supporting-index': {
    danger: 'stalls',
    title: 'each DELETE of a referenced row reads the whole referencing table',
  },
  'drop-fk': { danger: 'stalls', title: 'dropping a foreign key locks both tables exclusively' },
  'on-delete-cascade': { danger: 'loses', title: 'one DELETE may take any number of rows' },
  'add-check-without-not-valid': {
    danger: 'blocks',
    title: 'a CHECK reads the whole table under an exclusive lock',
  },
  'validate-in-same-transaction': {
    danger: 'blocks',
    title: 'the lock of the first step is held while the second reads the table',
  },
  'not-valid-constraint-hits-previous-release': {
    danger: 'breaks',
    title: 'NOT VALID still refuses new rows: writes of the previous release may fail at once',
  },
  'not-valid-never-validated': {
    danger: 'style',
    title: 'a constraint that is never validated guarantees nothing',
  },
  'add-unique-without-index': {
    danger: 'blocks',
    title: 'a unique constraint builds its index under an exclusive lock',
  },
  'add-pk-without-index': {
    danger: 'blocks',
    title: 'a primary key builds its index under an exclusive lock',
  },
  'pk-using-index-on-nullable': {
    danger: 'blocks',
    title: 'a nullable column of the primary key is read under an exclusive lock',
  },
  'add-exclusion': {
    danger: 'blocks',
    title: 'an exclusion constraint builds its index under an exclusive lock; there is no other way',
  },
  'drop-primary-key': {
    danger: 'breaks',
    title: 'without its key a published table refuses UPDATE and DELETE',
  },
  'drop-unique': { danger: 'breaks', title: 'ON CONFLICT of the previous release needs the constraint' },
  'not-enforced': { danger: 'style', title: 'NOT ENFORCED looks like a guarantee and is none' },
  'alter-domain-add-constraint': {
    danger: 'blocks',
    title: 'every table that uses the domain is blocked for writes and read',
  },
  'alter-domain-validate': {
    danger: 'blocks',
    title: 'VALIDATE of a domain, too, keeps writers away from every table that uses it',
  },
  'alter-domain-set-not-null': {
    danger: 'blocks',
    title: 'every table that uses the domain is blocked for writes and read',
  },
  'rename-constraint': {
    danger: 'breaks',
    title: 'ON CONFLICT ON CONSTRAINT and the handling of errors know the old name',
  },
  'drop-constraint': { danger: 'breaks', title: 'the previous release relied on the guard' },
  'create-index': { danger: 'blocks', title: 'writes wait until the index is built' },
  'drop-index': { danger: 'stalls', title: 'DROP INDEX locks the table exclusively' },
  reindex: { danger: 'blocks', title: 'writes wait until the index is rebuilt, and readers that use it too' },
  'concurrently-in-transaction': { danger: 'fails', title: 'the server refuses it inside a transaction' },
  'reindex-system': {
    danger: 'blocks',
    title:
      'the catalogues are locked one after the other, every query needs them, and there is no concurrent form',
  },
  'cic-if-not-exists-over-invalid': {
    danger: 'loses',
    title: 'IF NOT EXISTS reports success over an index that a failed build left invalid',
  },
  'cic-under-lock-timeout': {
    danger: 'fails',
    title: 'a lock timeout ends the build and leaves an invalid index',
  },
  'unique-cic-on-duplicates': {
    danger: 'note',
    title: 'duplicates end the build and leave an invalid index that is enforced',
  },
  'cic-on-partitioned-parent': { danger: 'fails', title: 'a partitioned table takes no CONCURRENTLY' },
  'drop-index-concurrently-limits': {
    danger: 'fails',
    title: 'CONCURRENTLY takes one index that no constraint owns',
  },
  'unnamed-index-or-constraint': {
    danger: 'style',
    title: 'what has no name cannot be repaired or run again',
  },
  'reindex-concurrently-leftovers': {
    danger: 'note',
    title: 'a failure leaves an invalid index with the suffix _ccnew or _ccold',
  },
  'wide-index': { danger: 'style', title: 'an index of more than three columns costs each write' },
} as const satisfies Record<string, { readonly danger: Danger; readonly title: string }>

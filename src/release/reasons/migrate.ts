/** Reason codes of migrate: code -> what it means, in one sentence. Outputs and docs use these and no others. */
export const migrateReasons = {
  'migrations-off': 'tuesday.yaml names no migrations, or no database for this environment.',
  'migrations-pending': 'The folder holds migrations that this database does not have yet.',
  'migrations-folder-missing': 'The folder of the migrations does not exist or cannot be read.',
  'migration-name-invalid':
    'A file in the folder of the migrations has a name that is not of the form 0001_what.sql.',
  'migration-number-twice': 'Two migrations have the same number.',
  'migration-gap': 'A number is missing between two migrations.',
  'migration-unreadable':
    'A migration is not SQL that can be split into statements: a quote or comment never ends, or it is empty.',
  'migration-statement-refused': 'A migration holds a statement that the runner cannot or must not run.',
  'migration-edited': 'A migration was changed after this database applied it.',
  'migration-missing': 'This database applied a migration that is not in the folder.',
  'database-ahead': 'This database has newer migrations than the commit that was checked out.',
  'database-url-missing': 'The environment variable that tuesday.yaml names for the database is not set.',
  'database-url-invalid': 'The URL of the database cannot be used.',
  'database-unreachable': 'The database did not answer within its bound.',
  'database-login-refused': 'The database refused user or password.',
  'database-missing': 'The server has no such database or schema.',
  'database-tls': 'The certificate of the database could not be verified.',
  'database-busy': 'The server takes no further connection now.',
  'database-read-only': 'The server is a replica or set to read only.',
  'database-version': 'The server is older than the oldest supported PostgreSQL.',
  'database-pooler':
    'A connection pooler in transaction mode stands before the database; locks of a session do not hold there.',
  'database-connection-lost': 'The connection to the database broke off; the journal says what was done.',
  'command-failed': 'The command of another migration tool failed or could not be started.',
  'command-done': 'The command of another migration tool ended well under bounded waits for locks.',
  'journal-begun': 'The journal of this database has entries already: there is nothing to adopt.',
  'history-missing': 'The database holds no history of the runner that was named.',
  'history-mismatch': 'The history of the other runner and the files of the folder do not fit together.',
  'database-adopted':
    'Migrations that the database had already were written into the journal; nothing was run.',
  'database-repaired': 'Left-overs of earlier runs were put right; no statement of a migration was run.',
  'journal-foreign': 'A table of the name of the journal exists and is none, or is of a newer version.',
  'migrate-busy': 'Another run is migrating this database.',
  'table-lock-not-granted':
    'Other transactions held the tables for the whole budget; nothing of the statement was done.',
  'statement-stalls-others':
    'Reads or writes of others waited behind a statement for longer than they may; nothing of it was done.',
  'statement-failed': 'The server refused a statement; nothing of it was done.',
  'statement-too-long': 'A statement ran longer than the budget and was cancelled.',
  'index-invalid': 'An index that was built without blocking writes is not valid.',
  'migration-hazard':
    'A migration under review would block, break or lose something, and nobody answers for it.',
  'migration-hazard-unknown':
    'Whether a migration is safe could not be told: nothing certain, and the worse was assumed.',
  'migration-waivers-invalid': 'The file of waivers cannot be read.',
  'contract-too-early': 'A region still runs a release that uses what the contract step takes away.',
  'grammar-missing': 'The server is newer than every grammar of this version of Tuesday.',
  'rehearsal-differs': 'A statement did more on the scratch server than was predicted.',
  'rehearsal-failed': 'A migration, or its pair, does not apply on the scratch server.',
  'rehearsal-command-failed': 'The given command failed against the migrated schema.',
} as const satisfies Record<string, string>

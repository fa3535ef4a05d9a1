/** Real PostgreSQL servers from npm packages, for tests and the demo. */
export { type PostgresMajor, postgresMissing } from './binaries.ts'
export { type Certificate, selfSigned } from './certificate.ts'
export { type Postgres, type PostgresOptions, startPostgres } from './server.ts'

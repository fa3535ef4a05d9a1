import type { Outcome } from '../../src/action/index.ts'
import type { Database } from '../../src/migrate/index.ts'
import type { MigrateContext, Prepared } from './prepare.ts'

/** The modes that need a database of the environment. */
export type DatabaseMode = Exclude<MigrateContext['inputs']['mode'], 'lint' | 'rehearse'>

/** Of any mode. */
export type AnyOutcome = Outcome<
  'level' | 'applied' | 'pending' | 'findings' | 'sarif' | 'catalogue' | 'schema'
>

export type MigrateOutcome = Outcome<'level' | 'applied' | 'pending'>

/** One mode on one open database. */
export type Mode = (
  context: MigrateContext,
  prepared: Prepared,
  database: Database,
) => Promise<MigrateOutcome>

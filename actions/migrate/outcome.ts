import type { Outcome } from '../../src/action/index.ts'
import type { Database } from '../../src/migrate/index.ts'
import type { MigrateContext, Prepared } from './prepare.ts'

export type MigrateOutcome = Outcome<'level' | 'applied' | 'pending'>

/** One mode on one open database. */
export type Mode = (
  context: MigrateContext,
  prepared: Prepared,
  database: Database,
) => Promise<MigrateOutcome>

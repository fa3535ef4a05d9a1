import { calendarReasons } from './calendar.ts'
import { canaryReasons } from './canary.ts'
import { clusterReasons } from './cluster.ts'
import { commonReasons } from './common.ts'
import { configReasons } from './config.ts'
import { contractReasons } from './contract.ts'
import { findingsReasons } from './findings.ts'
import { flaggerReasons } from './flagger.ts'
import { gitopsReasons } from './gitops.ts'
import { imageReasons } from './image.ts'
import { ledgerReasons } from './ledger.ts'
import { migrateReasons } from './migrate.ts'
import { rollbackReasons } from './rollback.ts'
import { telemetryReasons } from './telemetry.ts'
import { tenantReasons } from './tenant.ts'
import { trainReasons } from './train.ts'

/** Every reason code of the suite. A workflow branches on them, docs/reason-codes.md explains each. */
export const reasons = {
  ...commonReasons,
  ...configReasons,
  ...ledgerReasons,
  ...gitopsReasons,
  ...trainReasons,
  ...calendarReasons,
  ...clusterReasons,
  ...canaryReasons,
  ...flaggerReasons,
  ...rollbackReasons,
  ...migrateReasons,
  ...imageReasons,
  ...contractReasons,
  ...findingsReasons,
  ...telemetryReasons,
  ...tenantReasons,
}

export type ReasonCode = keyof typeof reasons

import { faultOutcome } from '../../src/action/index.ts'
import {
  type Account,
  apply,
  type Database,
  openDatabase,
  readDebts,
  readStanding,
  type Standing,
} from '../../src/migrate/index.ts'
import type { DatabaseMode, MigrateOutcome, Mode } from './outcome.ts'
import { type MigrateContext, type Prepared, prepare } from './prepare.ts'
import { adoptMode, commandMode, repairMode, runOptions } from './repair.ts'
import { syntaxFault } from './syntax.ts'
import { overTenants } from './tenants.ts'

export async function runMigrate(context: MigrateContext, mode: DatabaseMode): Promise<MigrateOutcome> {
  const prepared = await prepare(context)
  if (!prepared.ok) return faultOutcome(prepared.fault)
  if (prepared.value === undefined) return off(context)
  return prepared.value.tenants.length === 0
    ? onDatabase(mode, context, prepared.value)
    : overTenants(context, prepared.value, (own, tenant) => onDatabase(mode, own, tenant))
}

const modes: Readonly<Record<DatabaseMode, Mode>> = {
  plan: showStanding,
  status: showStanding,
  apply: applyMigrations,
  repair: repairMode,
  baseline: adoptMode,
  adopt: adoptMode,
  command: commandMode,
}

async function onDatabase(
  mode: DatabaseMode,
  context: MigrateContext,
  prepared: Prepared,
): Promise<MigrateOutcome> {
  const { address, service } = prepared
  for (const warning of address.warnings) context.logger.warn(warning)
  const write = mode !== 'plan' && mode !== 'status'
  const database = await openDatabase(address, { applicationName: `tuesday migrate ${service}`, write })
  if (!database.ok) return faultOutcome(database.fault)
  try {
    return await modes[mode](context, prepared, database.value)
  } finally {
    await database.value.close()
  }
}

async function showStanding(
  context: MigrateContext,
  { environment, settings, migrations }: Prepared,
  database: Database,
): Promise<MigrateOutcome> {
  const standing = await readStanding({
    database,
    folder: settings.folder,
    migrations,
    schema: settings.schema,
  })
  if (!standing.ok) return faultOutcome(standing.fault)
  const { level, applied, pending, commentsEdited } = standing.value
  const files = [...new Set(pending.map(({ migration }) => migration.file))]
  if (context.inputs.mode === 'plan') tell(context, standing.value)
  const debts = await readDebts(database.work, settings.schema)
  for (const { kind, object, next } of debts) context.logger.warn(`${object}: ${kind}; ${next};`)
  return {
    verdict: 'pass',
    reason: files.length === 0 ? 'nothing-to-do' : 'migrations-pending',
    message:
      files.length === 0
        ? `${environment.name} has all ${applied.length} migrations of ${settings.folder}.`
        : `${environment.name} is at ${level}; ${pending.length} statements are left in ${files.join(', ')}.`,
    data: {
      version: 1,
      environment: environment.name,
      level,
      applied: [...applied],
      commentsEdited: [...commentsEdited],
      pending: pending.map(({ migration, statement }) => ({
        file: migration.file,
        position: statement.position,
        line: statement.line,
        path: statement.path.kind,
      })),
      debts: debts.map((debt) => ({ ...debt })),
    },
    outputs: { level, applied: 0, pending: pending.length },
  }
}

function tell({ logger }: MigrateContext, { pending }: Standing): void {
  for (const { migration, statement, intent } of pending) {
    const how =
      statement.path.kind === 'transaction' ? 'in a transaction' : `on its own (${statement.path.kind})`
    const begun = intent === undefined ? '' : ', begun by an earlier run'
    logger.info(`${migration.file}:${statement.line} ${how}${begun}: ${firstLine(statement.sql)}`)
  }
}

async function applyMigrations(
  context: MigrateContext,
  prepared: Prepared,
  database: Database,
): Promise<MigrateOutcome> {
  const { environment, settings, migrations } = prepared
  const { folder, schema } = settings
  const before = await readStanding({ database, folder, migrations, schema })
  const unparsed = before.ok ? await syntaxFault(before.value.pending, database.version, folder) : undefined
  if (unparsed !== undefined) return faultOutcome(unparsed)
  const result = await apply({ database, ...runOptions(context, prepared) })
  const { level, applied, commentsEdited } = result.account
  const all = migrations.reduce((sum, { statements }) => sum + statements.length, 0)
  const record = {
    data: {
      version: 1,
      environment: environment.name,
      level,
      applied: applied.map((one) => ({ ...one })),
      commentsEdited: [...commentsEdited],
    },
    outputs: { level, applied: applied.length, ...(result.ok ? { pending: 0 } : {}) },
    summary: summaryOf(result.account),
  }
  if (!result.ok) return faultOutcome<'level' | 'applied' | 'pending'>(result.fault, record)
  return {
    verdict: 'pass',
    reason: applied.length === 0 ? 'nothing-to-do' : 'done',
    message:
      applied.length === 0
        ? `${environment.name} has all ${all} statements of ${settings.folder} already; nothing was changed.`
        : `${environment.name} is at migration ${level}: ${applied.length} statements applied.`,
    ...record,
  }
}

function summaryOf({ applied }: Account): NonNullable<MigrateOutcome['summary']> {
  if (applied.length === 0) return []
  const lines = applied.map(
    ({ file, position, of, attempts, ms, repaired }) =>
      `| ${file} | ${position} of ${of} | ${attempts} | ${ms} ms | ${repaired ?? ''} |`,
  )
  const head = ['| migration | statement | attempts | time | note |', '| --- | --- | --- | --- | --- |']
  return [{ title: 'Applied', body: [...head, ...lines].join('\n') }]
}

function off({ inputs }: MigrateContext): MigrateOutcome {
  return {
    verdict: 'pass',
    reason: 'migrations-off',
    message: `${inputs.config} names no migrations; nothing was changed.`,
    data: { version: 1, environment: inputs.environment, level: 0, applied: [] },
    outputs: { level: 0, applied: 0, pending: 0 },
  }
}

function firstLine(sql: string): string {
  const [line = ''] = sql.split('\n')
  return line.length > 100 ? `${line.slice(0, 99)}…` : line
}

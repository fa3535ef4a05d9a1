import { faultOutcome, type Outcome } from '../../src/action/index.ts'
import {
  type Account,
  apply,
  type Database,
  openDatabase,
  readStanding,
  type Standing,
} from '../../src/migrate/index.ts'
import { type MigrateContext, type Prepared, prepare } from './prepare.ts'

type MigrateOutcome = Outcome<'level' | 'applied' | 'pending'>

export async function runMigrate(context: MigrateContext): Promise<MigrateOutcome> {
  const prepared = await prepare(context)
  if (!prepared.ok) return faultOutcome(prepared.fault)
  if (prepared.value === undefined) return off(context)
  const { address, service } = prepared.value
  for (const warning of address.warnings) context.logger.warn(warning)
  const write = context.inputs.mode === 'apply'
  const database = await openDatabase(address, { applicationName: `tuesday migrate ${service}`, write })
  if (!database.ok) return faultOutcome(database.fault)
  try {
    return await (write ? applyMigrations : showStanding)(context, prepared.value, database.value)
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
  { inputs, runner, clock, logger, signal, endState }: MigrateContext,
  { environment, settings, migrations }: Prepared,
  database: Database,
): Promise<MigrateOutcome> {
  const result = await apply({
    database,
    folder: settings.folder,
    migrations,
    schema: settings.schema,
    limits: settings,
    runnerLockWaitMs: inputs['runner-lock-wait'],
    run: runner.runUrl,
    clock,
    random: Math.random,
    logger,
    signal,
    endState,
  })
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

import { randomBytes } from 'node:crypto'
import { faultOutcome, markdownTable, type Outcome } from '../../src/action/index.ts'
import { loadGrammar, majors } from '../../src/hazards/index.ts'
import { type DatabaseAddress, openDatabase, parseDatabaseUrl } from '../../src/migrate/index.ts'
import { err, FaultError, ok, type Result } from '../../src/release/index.ts'
import { type Rehearsal, readDeclaration, rehearse, type Scratch } from '../../src/schema/index.ts'
import type { MigrateContext } from './prepare.ts'
import { type ReviewInput, readReviewInput } from './review-input.ts'

const mostRows = 20_000
/** A statement on a scratch server with few rows. */
const statementBoundMs = 10 * 60_000

export async function runRehearsal(context: MigrateContext): Promise<Outcome> {
  const address = scratchAddress(context)
  if (!address.ok) return faultOutcome(address.fault)
  const read = await readReviewInput(context)
  if (!read.ok) return faultOutcome(read.fault)
  if (read.value === undefined)
    return {
      verdict: 'pass',
      reason: 'migrations-off',
      message: `${context.inputs.config} names no migrations.`,
    }
  try {
    return outcomeOf(await run(context, address.value, read.value), read.value)
  } catch (error) {
    if (error instanceof FaultError) return faultOutcome(error.fault)
    throw error
  }
}

async function run(
  context: MigrateContext,
  address: DatabaseAddress,
  input: ReviewInput,
): Promise<Rehearsal> {
  const { inputs, clock } = context
  const open = async (database: string): Promise<Scratch & { readonly version: number }> => {
    const opened = await openDatabase(
      { ...address, database },
      { applicationName: 'tuesday rehearse', write: true },
    )
    if (!opened.ok) throw new FaultError(opened.fault)
    const { work, close, version } = opened.value
    return { version, query: (sql) => work.query(sql, undefined, statementBoundMs), end: close }
  }
  const first = await open(address.database)
  const server = Math.trunc(first.version / 10_000)
  await first.end()
  const grammar = await loadGrammar(majors.find((major) => major >= server) ?? 18)
  const { snapshot, earlier, files, pairs } = input
  return rehearse(
    {
      open,
      maintenance: address.database,
      name: `tuesday_rehearsal_${randomBytes(6).toString('hex')}`,
      grammar,
      ...(snapshot === undefined ? {} : { snapshot }),
      earlier,
      files: files.map((file) => {
        const pair = pairs.get(readDeclaration(file.text ?? '').pair ?? '')
        return { ...file, ...(pair === undefined ? {} : { pair }) }
      }),
      scale: inputs.scale / 100,
      mostRows,
      ...(inputs.command === undefined
        ? {}
        : { command: commandOn(context, address, input, inputs.command) }),
    },
    () => clock.now().getTime(),
  )
}

/** The previous release's tests on the new schema, with a bound. */
function commandOn(
  { env, exec, signal, runner, inputs, logger, mask }: MigrateContext,
  address: DatabaseAddress,
  { environment }: ReviewInput,
  command: string,
): (database: string) => Promise<{ readonly ok: boolean; readonly what: string }> {
  return async (database) => {
    const url = new URL((env[inputs['scratch-url-env']] ?? '').trim())
    url.pathname = `/${database}`
    mask(url.href)
    const name = environment.database?.urlEnv ?? 'DATABASE_URL'
    logger.info(`${command} (on ${address.host}:${address.port}/${database}, as ${name})`)
    try {
      const { code, stderr } = await exec('bash', ['-c', command], {
        cwd: runner.workspace,
        env: { ...env, [name]: url.href },
        timeoutMs: inputs['command-timeout'],
        signal,
        onLine: (line) => logger.info(line),
      })
      return {
        ok: code === 0,
        what: code === 0 ? 'it passed' : `it ended with ${code}: ${stderr.trim().slice(-500)}`,
      }
    } catch (error) {
      return { ok: false, what: error instanceof Error ? error.message : String(error) }
    }
  }
}

function scratchAddress({ env, inputs, mask }: MigrateContext): Result<DatabaseAddress> {
  const name = inputs['scratch-url-env']
  const url = (env[name] ?? '').trim()
  if (url === '')
    return err({
      blame: 'user',
      reason: 'database-url-missing',
      cause: `The variable ${name}, which holds the URL of the scratch server, is not set.`,
      likely: 'The job has no service container, or hands its URL over under another name.',
      next: `Start a PostgreSQL of the target's version as a service of the job, and set env: { ${name}: postgres://…?sslmode=disable }.`,
    })
  mask(url)
  const address = parseDatabaseUrl(url)
  if (!address.ok) return address
  if (address.value.password !== undefined) mask(address.value.password)
  return ok(address.value)
}

function outcomeOf(result: Rehearsal, { files, shown }: ReviewInput): Outcome {
  const { statements, failed, pairs, command, filled } = result
  const more = statements.flatMap(({ file, line, differences }) =>
    differences.filter(({ kind }) => kind === 'more').map(({ what }) => `${file}:${line}: ${what}`),
  )
  const data = JSON.parse(JSON.stringify({ version: 1, ...result })) as NonNullable<Outcome['data']>
  const rows = statements.map(({ file, line, ms, measured, differences }) => [
    `${file}:${line}`,
    `${ms} ms`,
    Object.entries(measured?.table_locks ?? {})
      .map(([name, mode]) => `${mode} on ${name}`)
      .join(', '),
    [...(measured?.rewrites ?? []), ...(measured?.index_rebuilds ?? [])].join(', '),
    Object.entries(measured?.rows_scanned ?? {})
      .map(([name, count]) => `${count} of ${name}`)
      .join(', '),
    differences.map(({ kind, what }) => `${kind}: ${what}`).join('; '),
  ])
  const head = ['statement', 'time', 'locks', 'rewritten', 'rows read', 'differs from the prediction']
  const empty = filled.empty.map(({ table, why }) => `${table} (${why})`)
  const summary = [
    { title: 'Measured', body: markdownTable(head, rows) },
    ...(empty.length === 0
      ? []
      : [{ title: 'Left empty: made-up rows were refused', body: empty.join('\n') }]),
  ]
  const broken = pairs.filter(({ missing, failed: why }) => why !== undefined || missing.length > 0)
  const [pair] = broken
  const stop = (
    reason: 'rehearsal-failed' | 'rehearsal-command-failed' | 'rehearsal-differs',
    message: string,
    next: string,
  ): Outcome => ({
    verdict: 'fail',
    reason,
    blame: 'user',
    message,
    next,
    data,
    summary,
  })
  if (failed !== undefined)
    return stop(
      'rehearsal-failed',
      `${failed.file}:${failed.line} does not apply on the scratch server: ${failed.why}.`,
      'Correct the migration; nothing was applied to a real database.',
    )
  if (pair !== undefined)
    return stop(
      'rehearsal-failed',
      `${pair.pair} does not undo ${pair.file} for the previous release: ${pair.failed ?? pair.missing.join(', ')}.`,
      'Complete the paired migration.',
    )
  if (command?.ok === false)
    return stop(
      'rehearsal-command-failed',
      `The command failed on the migrated schema: ${command.what}.`,
      'The running release would meet the same: split the change into expand and contract.',
    )
  if (more.length > 0)
    return stop(
      'rehearsal-differs',
      `${more.length} effects that were not predicted: ${more.slice(0, 3).join('; ')}.`,
      'Judge the statement by what was measured, and report the difference.',
    )
  return {
    verdict: 'pass',
    reason: 'done',
    message: `${statements.length} statements of ${files.length} files of ${shown} did on the scratch server what was predicted${command === undefined ? '' : '; the command passed on the new schema'}.`,
    data,
    summary,
  }
}

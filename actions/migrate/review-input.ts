import { readFile } from 'node:fs/promises'
import { dirname, join, posix, resolve } from 'node:path'
import {
  configMissing,
  type Environment,
  environment,
  loadConfig,
  type MigrationsConfig,
} from '../../src/config/index.ts'
import {
  type Grammar,
  loadGrammar,
  type Major,
  majors,
  type Reader,
  readSnapshot,
  type Snapshot,
} from '../../src/hazards/index.ts'
import { openDatabase, parseDatabaseUrl, readMigrations, readStanding } from '../../src/migrate/index.ts'
import { err, ok, type Result } from '../../src/release/index.ts'
import {
  parseWaivers,
  type ReviewFile,
  readDeclaration,
  readReviewFile,
  readReviewFiles,
  type Waiver,
} from '../../src/schema/index.ts'
import { changedFiles } from './changed-files.ts'
import type { MigrateContext } from './prepare.ts'

/** All that `lint` and `rehearse` look at. */
export interface ReviewInput {
  readonly environment: Environment
  readonly settings: MigrationsConfig
  /** Path of the folder from the root of the checkout. */
  readonly shown: string
  readonly grammars: readonly Grammar[]
  readonly snapshot?: Snapshot
  readonly fromDatabase: boolean
  readonly earlier: readonly ReviewFile[]
  readonly files: readonly ReviewFile[]
  readonly pairs: ReadonlyMap<string, ReviewFile>
  readonly waivers: readonly Waiver[]
  readonly waiversFile: string
}

/** Undefined where the service has no migrations. */
export async function readReviewInput(context: MigrateContext): Promise<Result<ReviewInput | undefined>> {
  const { inputs, runner, env, mask } = context
  const file = resolve(runner.workspace, inputs.config)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return err(configMissing(inputs.config))
  const config = loadConfig(text, inputs.config)
  if (!config.ok) return config
  const found = environment(config.value, inputs.environment)
  if (!found.ok) return found
  const settings = config.value.migrations
  if (settings === undefined) return ok(undefined)
  const shown = posix.normalize(posix.join(dirname(inputs.config), settings.folder))
  const folder = resolve(dirname(file), settings.folder)
  const all = await readReviewFiles(folder).catch(() => undefined)
  if (all === undefined || all.length === 0) return noFiles(shown)
  const waiversFile = inputs.waivers ?? `${shown}/waivers.yaml`
  const waivers = await readWaivers(
    resolve(runner.workspace, waiversFile),
    waiversFile,
    inputs.waivers !== undefined,
  )
  if (!waivers.ok) return waivers
  const url = found.value.database === undefined ? '' : (env[found.value.database.urlEnv] ?? '').trim()
  if (url !== '') mask(url)
  const target =
    url === '' ? await savedTarget(context) : await askTarget(context, url, folder, shown, settings.schema)
  if (!target.ok) return target
  const { snapshot, level } = target.value
  const grammars = await grammarsFor(inputs.postgres, snapshot?.version)
  if (!grammars.ok) return grammars
  const pending = await choose(context, all, shown, level)
  const pairs = new Map<string, ReviewFile>()
  for (const one of pending.files) {
    const { pair } = readDeclaration(one.text ?? '')
    const read = pair === undefined ? undefined : await readReviewFile(folder, pair).catch(() => undefined)
    if (pair !== undefined && read !== undefined) pairs.set(pair, read)
  }
  return ok({
    environment: found.value,
    settings,
    shown,
    grammars: grammars.value,
    ...(snapshot === undefined ? {} : { snapshot }),
    fromDatabase: url !== '',
    ...pending,
    pairs,
    waivers: waivers.value,
    waiversFile,
  })
}

async function readWaivers(path: string, shown: string, named: boolean): Promise<Result<readonly Waiver[]>> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text !== undefined) return parseWaivers(text, shown)
  if (!named) return ok([])
  return err({
    blame: 'user',
    reason: 'migration-waivers-invalid',
    cause: `${shown} cannot be read.`,
    next: 'Correct the input `waivers`, or leave it out.',
  })
}

interface Target {
  readonly snapshot?: Snapshot
  readonly level?: number
}

async function savedTarget({ inputs, runner }: MigrateContext): Promise<Result<Target>> {
  if (inputs.catalogue === undefined) return ok({})
  try {
    const saved = JSON.parse(
      await readFile(resolve(runner.workspace, inputs.catalogue), 'utf8'),
    ) as Snapshot & Target
    if (!Array.isArray(saved.statements) || typeof saved.version !== 'number')
      throw new Error('it is no catalogue')
    return ok({ snapshot: saved, ...(saved.level === undefined ? {} : { level: saved.level }) })
  } catch (error) {
    return err({
      blame: 'user',
      reason: 'invalid-input',
      cause: `${inputs.catalogue} cannot be used as a catalogue: ${error instanceof Error ? error.message : String(error)}.`,
      next: 'Hand over the file that `lint` with a database wrote (output `catalogue`).',
    })
  }
}

/** The catalogue and the journal's level; read only. */
async function askTarget(
  { mask }: MigrateContext,
  url: string,
  folder: string,
  shown: string,
  schema: string,
): Promise<Result<Target>> {
  const address = parseDatabaseUrl(url)
  if (!address.ok) return address
  if (address.value.password !== undefined) mask(address.value.password)
  const database = await openDatabase(address.value, {
    applicationName: 'tuesday migrate lint',
    write: false,
  })
  if (!database.ok) return database
  try {
    const reader: Reader = database.value.work
    const snapshot = await readSnapshot(reader)
    const migrations = await readMigrations(folder, shown)
    // What cannot be split is a finding of the review; without a level all files are looked at.
    const standing = migrations.ok
      ? await readStanding({ database: database.value, folder: shown, migrations: migrations.value, schema })
      : undefined
    return ok({ snapshot, ...(standing?.ok === true ? { level: standing.value.level } : {}) })
  } finally {
    await database.value.close()
  }
}

async function grammarsFor(
  wanted: readonly string[],
  version: number | undefined,
): Promise<Result<readonly Grammar[]>> {
  const server = version === undefined ? undefined : Math.trunc(version / 10_000)
  if (server !== undefined && server > Math.max(...majors))
    return err({
      blame: 'world',
      reason: 'grammar-missing',
      cause: `The database is PostgreSQL ${server}; the newest grammar here is ${Math.max(...majors)}.`,
      likely: 'The server was upgraded before Tuesday was.',
      next: 'Take a newer version of Tuesday; until then nobody can say what these statements do there.',
    })
  const asked = majors.filter((major) => wanted.includes(String(major)))
  const chosen: readonly Major[] =
    asked.length > 0 ? asked : server === undefined ? majors : [majors.find((major) => major >= server) ?? 18]
  const loaded: Grammar[] = []
  for (const major of chosen) loaded.push(await loadGrammar(major))
  return ok(loaded)
}

async function choose(
  context: MigrateContext,
  all: readonly ReviewFile[],
  shown: string,
  level: number | undefined,
): Promise<Pick<ReviewInput, 'earlier' | 'files'>> {
  const since = context.inputs.since === undefined ? level : Number(context.inputs.since)
  const changed = since === undefined ? await changedFiles(context, shown) : undefined
  const isNew = ({ name, number }: ReviewFile) =>
    since !== undefined ? number > since : (changed?.has(join(shown, name).replaceAll('\\', '/')) ?? true)
  return { earlier: all.filter((file) => !isNew(file)), files: all.filter(isNew) }
}

function noFiles(shown: string): Result<never> {
  return err({
    blame: 'user',
    reason: 'migrations-folder-missing',
    cause: `The folder ${shown} has no .sql file, or cannot be read.`,
    likely:
      'The repository was not checked out before this step, or `migrations.folder` names another place.',
    next: 'Check the repository out first, and set `migrations.folder` in tuesday.yaml to the folder of the .sql files.',
  })
}

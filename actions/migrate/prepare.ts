import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Context } from '../../src/action/index.ts'
import {
  configMissing,
  type DatabaseConfig,
  type Environment,
  environment as findEnvironment,
  loadConfig,
  type MigrationsConfig,
} from '../../src/config/index.ts'
import {
  type DatabaseAddress,
  logIn,
  type Migration,
  parseDatabaseUrl,
  readMigrations,
} from '../../src/migrate/index.ts'
import { err, type Fault, ok, type Result } from '../../src/release/index.ts'
import type { action } from './action.ts'

export type MigrateContext = Context<typeof action>

/** All that is known before the database is asked. */
export interface Prepared {
  readonly service: string
  readonly environment: Environment
  readonly settings: MigrationsConfig
  readonly migrations: readonly Migration[]
  readonly address: DatabaseAddress
  /** Empty: the one database and schema. */
  readonly tenants: readonly Tenant[]
}

export interface Tenant {
  readonly name: string
  readonly schema: string
  readonly address: DatabaseAddress
}

/** Undefined where the service has no migrations. */
export async function prepare(context: MigrateContext): Promise<Result<Prepared | undefined>> {
  const { inputs, runner } = context
  const file = resolve(runner.workspace, inputs.config)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return err(configMissing(inputs.config))
  const config = loadConfig(text, inputs.config)
  if (!config.ok) return config
  const environment = findEnvironment(config.value, inputs.environment)
  if (!environment.ok) return environment
  const settings = config.value.migrations
  if (settings === undefined) return ok(undefined)
  const migrations = await readMigrations(resolve(dirname(file), settings.folder), settings.folder)
  if (!migrations.ok) return migrations
  const { database } = environment.value
  if (database === undefined) return err(noDatabase(environment.value.name))
  const address = await databaseAddress(context, environment.value.name, database, database.urlEnv)
  if (!address.ok) return address
  const tenants: Tenant[] = []
  for (const { name, schema = settings.schema, urlEnv } of database.tenants) {
    const own = urlEnv === undefined ? address : await databaseAddress(context, name, database, urlEnv)
    if (!own.ok) return own
    tenants.push({ name, schema, address: own.value })
  }
  return ok({
    service: config.value.service,
    environment: environment.value,
    settings,
    migrations: migrations.value,
    address: address.value,
    tenants,
  })
}

/** The URL stands in the variable that tuesday.yaml names; it is masked before anything is done with it. */
async function databaseAddress(
  { env, mask, exec, signal }: MigrateContext,
  name: string,
  { login }: DatabaseConfig,
  variable: string,
): Promise<Result<DatabaseAddress>> {
  const url = env[variable] ?? ''
  if (url.trim() === '') return err(noUrl(name, variable))
  mask(url)
  const address = parseDatabaseUrl(url.trim())
  if (!address.ok) return address
  if (address.value.password !== undefined) mask(address.value.password)
  return login === 'url' ? address : logIn(login, address.value, { exec, env, signal, mask })
}

function noDatabase(environment: string): Fault {
  return {
    blame: 'user',
    reason: 'migrations-off',
    cause: `tuesday.yaml names migrations, and no database for ${environment}.`,
    next: `Set environments.${environment}.database.url-env to the name of the variable that holds its URL.`,
  }
}

function noUrl(environment: string, variable: string): Fault {
  return {
    blame: 'user',
    reason: 'database-url-missing',
    cause: `The variable ${variable}, which holds the URL of the database of ${environment}, is not set.`,
    likely: 'The step does not hand it over, or the secret does not exist in this GitHub environment.',
    next: `Set it on the step: env: { ${variable}: \${{ secrets.${variable} }} }.`,
  }
}

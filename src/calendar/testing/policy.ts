import type { CalendarConfig, Config, Environment } from '../../config/index.ts'
import type { Region } from '../../release/index.ts'

/** A policy of one region, or of several, with nothing in it but its calendar. */
export function policyOf(
  calendar: Partial<CalendarConfig> | undefined,
  more: Partial<Environment> = {},
  train: Partial<Config['train']> = {},
): { readonly config: Config; readonly environment: Environment } {
  const environment = environmentOf('prod', more)
  const config = configOf([environment], calendar, train)
  return { config, environment }
}

export function environmentOf(name: string, more: Partial<Environment> = {}): Environment {
  return {
    name,
    production: true,
    jurisdiction: 'us',
    timezone: 'UTC',
    runner: ['ubuntu-latest'],
    cluster: { context: name },
    namespace: name,
    argocd: { namespace: 'argocd', application: name, context: name },
    gitops: { path: name, values: 'values.yaml', pins: `${name}/pins.yaml` },
    prometheus: { url: 'http://127.0.0.1:9090' },
    dashboards: [],
    ...more,
  }
}

export function configOf(
  regions: readonly Environment[],
  calendar: Partial<CalendarConfig> | undefined,
  train: Partial<Config['train']> = {},
): Config {
  return {
    version: 1,
    service: 'shop',
    image: { repository: 'registry.example.com/acme/shop' },
    workloads: [],
    gitops: { repository: 'acme/gitops', branch: 'main', chart: 'chart' },
    environments: Object.fromEntries(regions.map((each) => [each.name, each])),
    train: {
      timezone: 'America/New_York',
      start: 'Tue',
      order: regions.map((each) => each.name as Region),
      regionsPerDay: 1,
      spacingMs: 16 * 3_600_000,
      bakeMs: 1_800_000,
      bakeRequests: 1000,
      factAgeMs: 600_000,
      ...train,
    },
    approvals: { required: 1, expiresMs: 72 * 3_600_000 },
    slos: [],
    contracts: {},
    ...(calendar === undefined
      ? {}
      : { calendar: { allow: [], deny: [], freezes: [], holidays: [], endMarginMs: 0, ...calendar } }),
  }
}

import { basename } from 'node:path'
import type { ApplicationSight, ChartSight, Sight } from './sight.ts'

/** A tuesday.yaml as it is written, and which of its places a person has to look at, with the reason. */
export interface Conclusion {
  readonly file: Readonly<Record<string, unknown>>
  readonly decide: ReadonlyMap<string, string>
  /** Environments, those before production first. */
  readonly environments: readonly { readonly name: string; readonly production: boolean }[]
}

/** Regions that names of environments end with, and where their people usually are. */
const places: Readonly<Record<string, { readonly jurisdiction: string; readonly timezone: string }>> = {
  us: { jurisdiction: 'us', timezone: 'America/New_York' },
  eu: { jurisdiction: 'eu', timezone: 'Europe/Berlin' },
  uk: { jurisdiction: 'uk', timezone: 'Europe/London' },
  me: { jurisdiction: 'me', timezone: 'Asia/Riyadh' },
  ap: { jurisdiction: 'ap', timezone: 'Asia/Singapore' },
  au: { jurisdiction: 'au', timezone: 'Australia/Sydney' },
}

/** What the repository says, and a guess with a mark where it does not. Pure. */
export function conclude(sight: Sight, folderName: string): Conclusion {
  const decide = new Map<string, string>()
  const guess = <T>(place: string, why: string, value: T): T => {
    decide.set(place, why)
    return value
  }
  const chart = sight.charts[0]
  const service = chart?.name ?? guess('service', 'no chart says the name', asLabel(folderName))
  const found = environmentsOf(sight, chart)
  const environments =
    found.length > 0
      ? found
      : guess('environments', 'no Application of Argo CD and no values file names one', [
          plainEnvironment('staging', chart),
          plainEnvironment('prod', chart),
        ])
  const production = environments.filter(({ name }) => isProduction(name))
  const workloads = workloadsOf(chart, guess)
  const first = environments[0]?.application
  const file = {
    version: 1,
    service,
    image: {
      repository:
        chart?.image ??
        guess(
          'image.repository',
          'no values file says it',
          `ghcr.io/${(sight.github ?? `acme/${service}`).toLowerCase()}`,
        ),
      verify: guess('image.verify', 'what an image has to prove before a pin', 'off'),
    },
    workloads,
    gitops: {
      repository:
        repositoryOf(first) ??
        guess('gitops.repository', 'no Application of Argo CD names it', 'acme/gitops'),
      branch: first?.branch ?? 'main',
      chart: chartFolder(chart, guess),
    },
    environments: Object.fromEntries(
      environments.map((each) => [each.name, environmentFile(each, sight, guess)]),
    ),
    train: {
      timezone: guess('train.timezone', 'where the people are who watch a train', 'America/New_York'),
      start: 'Tue',
      order: guess(
        'train.order',
        'the region with the least to lose goes first',
        production.map(({ name }) => name),
      ),
      'regions-per-day': 1,
      spacing: '16h',
      bake: '30m',
      'bake-requests': 1000,
      'fact-age': '10m',
    },
    approvals: { required: 1, expires: '72h' },
    slos: [slo(sight, guess)],
    ...(workloads.some(({ kind }) => kind === 'Rollout') ? { canary: canary(chart) } : {}),
    ...(sight.migrations[0] === undefined
      ? {}
      : {
          migrations: {
            folder: sight.migrations[0],
            schema: 'public',
            'lock-timeout': '100ms',
            budget: '10m',
          },
        }),
    ...contracts(sight),
  }
  const named = environments.map(({ name }) => ({ name, production: isProduction(name) }))
  return { file, decide, environments: named }
}

type Guess = <T>(place: string, why: string, value: T) => T

interface FoundEnvironment {
  readonly name: string
  readonly application?: ApplicationSight
  readonly values?: string
  readonly chart?: ChartSight
}

/** By Application where there are some, else by values file; those before production come first. */
function environmentsOf(sight: Sight, chart: ChartSight | undefined): readonly FoundEnvironment[] {
  const names = new Map<string, FoundEnvironment>()
  const byFolder = new Set(sight.applications.map(({ path }) => basename(path)))
  for (const application of sight.applications) {
    // The folder names the environment where each Application has its own.
    const name = byFolder.size === sight.applications.length ? basename(application.path) : application.name
    const values = chart?.values.get(name)
    names.set(name, { name, application, ...(values === undefined ? {} : { values }) })
  }
  // Other values files are for other things, such as a cluster on a laptop.
  if (names.size === 0) for (const [name, values] of chart?.values ?? []) names.set(name, { name, values })
  return [...names.values()]
    .filter(({ name }) => name !== '')
    .sort((a, b) => Number(isProduction(a.name)) - Number(isProduction(b.name)))
}

function plainEnvironment(name: string, chart: ChartSight | undefined): FoundEnvironment {
  return { name, ...(chart === undefined ? {} : { chart }) }
}

function isProduction(name: string): boolean {
  return /(^|[-_.])(prod|production|live)([-_.]|$)/.test(name)
}

function environmentFile(
  { name, application, values }: FoundEnvironment,
  sight: Sight,
  guess: Guess,
): object {
  const at = (place: string) => `environments.${name}.${place}`
  const production = isProduction(name)
  const place = places[name.split(/[-_.]/).at(-1) ?? ''] ?? places.us
  const path =
    application?.path ?? guess(at('gitops.path'), 'no Application names its folder', `environments/${name}`)
  const pins = application?.valueFiles.find((file) => /pins/.test(file)) ?? 'pins.yaml'
  return {
    production,
    jurisdiction: guess(at('jurisdiction'), 'guessed from the name', place?.jurisdiction),
    timezone: guess(at('timezone'), 'guessed from the name', place?.timezone),
    runner: 'ubuntu-latest',
    cluster: {
      context:
        application?.destination.name ?? guess(at('cluster.context'), 'the context of your kubeconfig', name),
    },
    namespace: application?.destination.namespace ?? guess(at('namespace'), 'no Application names it', name),
    argocd: {
      namespace: application?.namespace ?? 'argocd',
      application: application?.name ?? guess(at('argocd.application'), 'no Application was found', name),
    },
    gitops: {
      path,
      values: values ?? guess(at('gitops.values'), 'no values file is named after it', `values-${name}.yaml`),
      pins: `${path}/${pins}`,
    },
    prometheus: {
      url: guess(
        at('prometheus.url'),
        'the address that the runner reaches',
        `https://prometheus.${name}.example.com`,
      ),
    },
    ...(sight.migrations.length === 0 ? {} : { database: { 'url-env': 'DATABASE_URL' } }),
    ...(production ? { window: { days: ['Mon', 'Tue', 'Wed', 'Thu'], from: '09:00', to: '12:00' } } : {}),
    dashboards: guess<readonly string[]>(at('dashboards'), 'links for those who watch', []),
  }
}

/** A pin copies the chart whole, so it has a folder of its own. */
function chartFolder(chart: ChartSight | undefined, guess: Guess): string {
  if (chart === undefined) return guess('gitops.chart', 'no Chart.yaml was found', 'chart')
  return chart.folder === '.'
    ? guess('gitops.chart', 'the chart needs a folder of its own', 'chart')
    : chart.folder
}

function repositoryOf(application: ApplicationSight | undefined): string | undefined {
  if (application === undefined || application.repository === '') return undefined
  return (
    /github\.com[/:]([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(application.repository)?.[1] ??
    application.repository
  )
}

interface Workload {
  readonly name: string
  readonly kind: 'Rollout' | 'Deployment'
  readonly container: string
}

/** The Rollout first. Workloads whose templates make up their names are those that the values name and nobody else is. */
function workloadsOf(chart: ChartSight | undefined, guess: Guess): readonly Workload[] {
  const seen = chart?.workloads ?? []
  const literal = seen.flatMap(({ name, kind, container }) =>
    name === undefined ? [] : [{ name, kind, container: container ?? lastWord(name) }],
  )
  const left = (chart?.named ?? []).filter((name) => literal.every((each) => each.name !== name))
  const nameless = seen.find(({ name }) => name === undefined)
  const others =
    nameless === undefined
      ? []
      : left.map((name) => ({ name, kind: nameless.kind, container: lastWord(name) }))
  const all = [...literal, ...others].sort(
    (a, b) => Number(b.kind === 'Rollout') - Number(a.kind === 'Rollout'),
  )
  for (const [index, { name }] of all.entries()) {
    if (others.some((each) => each.name === name))
      guess(`workloads.${index}.container`, 'the template makes up its name', lastWord(name))
  }
  return all.length > 0
    ? all
    : guess('workloads', 'no template of a chart runs a Rollout or a Deployment', [
        { name: 'app', kind: 'Deployment', container: 'app' } as const,
      ])
}

/** Names of objects in a cluster: lower case, digits and hyphens. */
function asLabel(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
  return plain === '' ? 'service' : plain
}

function lastWord(name: string): string {
  return name.split('-').at(-1) ?? name
}

function slo({ counters }: Sight, guess: Guess): object {
  const counter = counters[0] ?? 'http_requests_total'
  const why =
    counters[0] === undefined
      ? 'no counter of requests was found in the code'
      : 'check the label of failed requests'
  return {
    name: 'availability',
    target: guess('slos.0.target', 'what you promise', 99.9),
    window: '30d',
    total: `${counter}{namespace="$namespace"}`,
    bad: guess('slos.0.bad', why, `${counter}{namespace="$namespace",code=~"5.."}`),
  }
}

function canary(chart: ChartSight | undefined): object {
  const weights = chart?.workloads.find(({ kind }) => kind === 'Rollout')?.weights ?? []
  const holds = weights
    .filter((weight) => weight < 100)
    .map((weight, index) => [weight, index === 0 ? '30m' : '10m'])
  return {
    ...(holds.length === 0 ? {} : { holds: Object.fromEntries(holds) }),
    metrics: [{ name: 'errors', slo: 'availability' }],
    margin: { ratio: 1.5, difference: 0.1 },
    'false-aborts': 1,
  }
}

function contracts({ openapi, catalogues }: Sight): object {
  const found = {
    ...(openapi[0] === undefined ? {} : { openapi: openapi[0] }),
    ...(catalogues[0] === undefined ? {} : { events: catalogues[0] }),
  }
  return Object.keys(found).length === 0 ? {} : { contracts: found }
}

import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Config, configWarnings, loadConfig } from '../src/config/index.ts'
import { readTenantConfig } from '../src/tenant/index.ts'

const folder = new URL('./delivery-service/', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, folder), 'utf8')
const chart = 'charts/delivery-service'

function load(): Config {
  const loaded = loadConfig(read('tuesday.yaml'), 'tuesday.yaml')
  if (!loaded.ok) throw new Error(loaded.fault.cause)
  return loaded.value
}

describe('the example agrees with itself', () => {
  const config = load()
  const rollout = read(`${chart}/templates/rollout.yaml`)
  const environments = Object.values(config.environments)

  it('loads without a warning', () => {
    expect(configWarnings(config)).toEqual([])
  })

  it('holds exactly the weights of the Rollout, each of which pauses until it is promoted', () => {
    const steps = /\n {6}steps:\n((?: {8}.*\n)+)/.exec(rollout)?.[1] ?? ''
    const weights = [...steps.matchAll(/- setWeight: (\d+)\n {8}- pause: \{\}\n/g)].map(([, weight]) =>
      Number(weight),
    )
    expect(steps.split('\n').filter((line) => line !== '')).toHaveLength(weights.length * 2)
    expect(Object.keys(config.canary?.holdsMs ?? {}).map(Number)).toEqual(weights)
  })

  it('keeps the last revision warm for longer than a bake, and can go back to it without steps', () => {
    const warm = Number(/scaleDownDelaySeconds: (\d+)/.exec(rollout)?.[1])
    expect(warm * 1000).toBeGreaterThan(config.train.bakeMs)
    expect(rollout).toMatch(/rollbackWindow:\n {4}revisions: [1-9]/)
    expect(Number(/revisionHistoryLimit: (\d+)/.exec(rollout)?.[1])).toBeGreaterThanOrEqual(3)
  })

  it('names the workloads and containers of the chart', () => {
    const templates = rollout + read(`${chart}/templates/workers.yaml`)
    for (const { name, container } of config.workloads) {
      expect(templates).toContain(name)
      expect(templates).toMatch(new RegExp(`(- name: |"container" ")${container}\\b`))
    }
  })

  it('has one container for each workload, and a pin for each', () => {
    const pins = parse(read('gitops-seed/pins.yaml'))
    expect(Object.keys(pins.workloads)).toEqual(config.workloads.map(({ name }) => name))
  })

  it.each(environments.map((environment) => [environment.name, environment] as const))(
    '%s: values are there, and the Application reads the folder that the pin writes',
    (name, { gitops, argocd, namespace }) => {
      const values = parse(read(gitops.values))
      expect(values.image.repository).toBe(config.image.repository)
      const application = parse(read(`argocd/${name}.yaml`))
      expect(application.metadata).toMatchObject({ name: argocd.application, namespace: argocd.namespace })
      expect(application.spec.source).toMatchObject({
        path: gitops.path,
        targetRevision: config.gitops.branch,
        helm: { valueFiles: ['values.yaml', gitops.pins.slice(gitops.path.length + 1)] },
      })
      expect(application.spec.source.repoURL).toContain(config.gitops.repository)
      expect(application.spec.destination.namespace).toBe(namespace)
      expect(application.spec.syncPolicy).toMatchObject({
        automated: { prune: true, selfHeal: true },
        syncOptions: expect.arrayContaining(['RespectIgnoreDifferences=true']),
      })
      expect(application.spec.ignoreDifferences).toEqual([
        expect.objectContaining({
          kind: 'VirtualService',
          jqPathExpressions: ['.spec.http[].route[].weight'],
        }),
      ])
    },
  )

  it('has a chart without values of its own, which the values of an environment would displace', () => {
    expect(readdirSync(new URL(`${chart}/`, folder))).not.toContain('values.yaml')
  })

  it('has no migration twice, and all that tuesday.yaml names', () => {
    const numbers = readdirSync(new URL(`${config.migrations?.folder}/`, folder)).map((name) =>
      name.slice(0, 4),
    )
    expect(numbers).toEqual(numbers.map((_, index) => String(index + 1).padStart(4, '0')))
    expect(parse(read(config.contracts.openapi ?? '')).openapi).toBe('3.1.0')
    expect(parse(read(config.contracts.events ?? '')).service).toBe(config.service)
  })

  it('has a schema for every event of the catalogue, and it compiles', () => {
    const ajv = new Ajv2020({ strict: true })
    ajvFormats.default(ajv)
    const catalogue = parse(read('events/catalogue.yaml'))
    const files: string[] = catalogue.events.map((event: { schema: string }) => event.schema)
    for (const file of files) expect(() => ajv.compile(JSON.parse(read(`events/${file}`)))).not.toThrow()
    expect(files.map((file) => file.replace('schemas/', '')).sort()).toEqual(
      readdirSync(new URL('events/schemas/', folder)).sort(),
    )
  })

  it('has its tenants tested in a pull request, with inputs that the gate has and operations that it describes', () => {
    const overrides = readTenantConfig(read('tenant.yaml'), 'tenant.yaml')
    if (!overrides.ok) throw new Error(overrides.fault.cause)
    const methods: Record<string, { operationId: string }>[] = Object.values(
      parse(read('openapi.yaml')).paths,
    )
    const known = methods.flatMap((item) => Object.values(item).map(({ operationId }) => operationId))
    const { operations, exempt } = overrides.value
    for (const id of [...Object.keys(operations), ...exempt.map(({ operation }) => operation)])
      expect(known).toContain(id)
    const { jobs } = parse(read('.github/workflows/test.yml'))
    const steps: { uses?: string; with?: object }[] = jobs.tenants.steps
    const gate = steps.find(({ uses }) => uses?.includes('/actions/tenant-gate@') === true)
    const manifest = parse(
      readFileSync(new URL('../actions/tenant-gate/action.yml', import.meta.url), 'utf8'),
    )
    expect(Object.keys(manifest.inputs)).toEqual(
      expect.arrayContaining(Object.keys(gate?.with ?? { gone: 1 })),
    )
  })
})

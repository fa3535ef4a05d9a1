import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Config } from './index.ts'
import { configMissing, loadConfig } from './index.ts'
import { edited, sample } from './sample.fixture.ts'

function load(text: string): Config {
  const loaded = loadConfig(text, 'tuesday.yaml')
  if (!loaded.ok) throw new Error(loaded.fault.cause)
  return loaded.value
}

/** The lines of the message without the name of the file: `line:column subject says`. */
function faults(text: string): string[] {
  const loaded = loadConfig(text, 'tuesday.yaml')
  if (loaded.ok) return []
  const lines = loaded.fault.cause.split('\n').filter((line) => line.trim().startsWith('tuesday.yaml:'))
  return lines.map((line) => line.trim().replace('tuesday.yaml:', '').replace(/\.$/, ''))
}

test('a file becomes the domain form: camel case, milliseconds, defaults filled in', () => {
  const config = load(sample)
  expect(config.train).toEqual({
    timezone: 'UTC',
    start: 'Tue',
    order: ['prod-a', 'prod-b'],
    regionsPerDay: 1,
    spacingMs: 20 * 3_600_000,
    bakeMs: 30 * 60_000,
    bakeRequests: 1000,
    factAgeMs: 10 * 60_000,
    watchMs: 24 * 3_600_000,
    progressMs: 2 * 3_600_000,
  })
  expect(config.approvals).toEqual({ required: 1, expiresMs: 72 * 3_600_000 })
  expect(config.migrations).toEqual({
    folder: 'migrations',
    schema: 'public',
    lockTimeoutMs: 100,
    budgetMs: 600_000,
    stallMs: 150,
    stallBudgetMs: 10_000,
  })
  expect(config.contracts).toEqual({ openapi: 'openapi.yaml' })
  expect(config.slos[0]?.windowMs).toBe(30 * 86_400_000)
  expect(config.canary?.holdsMs).toEqual({ 5: 1_800_000, 100: 3_600_000 })
  expect(config.canary?.margin).toEqual({ ratio: 1.5, difference: 0.001 })
  expect(config.canary?.falseAborts).toBe(0.01)
})

test('an environment says where it is, and Argo CD is in its cluster unless the file says otherwise', () => {
  const { environments } = load(sample)
  expect(environments.staging).toMatchObject({
    name: 'staging',
    production: false,
    runner: ['ubuntu-latest'],
    argocd: { namespace: 'argocd', application: 'orders-staging', context: 'staging' },
    prometheus: { url: 'http://prometheus:9090' },
    dashboards: [],
  })
  expect(environments.staging?.window).toBeUndefined()
  expect(environments['prod-a']).toMatchObject({
    runner: ['self-hosted', 'eu'],
    argocd: { context: 'hub' },
    prometheus: { tokenEnv: 'PROM_TOKEN' },
    database: { urlEnv: 'DATABASE_URL', login: 'url', tenants: [], parallel: 4 },
    window: { days: ['Mon', 'Tue'], fromMinute: 540, toMinute: 1440 },
  })
})

test('a metric takes the counters of its SLO, or brings its own', () => {
  expect(load(sample).canary?.metrics).toEqual([
    {
      name: 'errors',
      slo: 'availability',
      total: 'http_requests_total{namespace="$namespace"}',
      bad: 'http_requests_total{namespace="$namespace",code=~"5..$"}',
    },
    {
      name: 'lost-orders',
      total: 'orders_total{workload="$workload"}',
      bad: 'orders_lost_total{workload="$workload"}',
    },
  ])
})

test('a service without Rollout, schema and SLOs needs no canary, migrations and slos', () => {
  const start = sample.indexOf('slos:')
  const config = load(edited('kind: Rollout', 'kind: Deployment', sample.slice(0, start)))
  expect(config.canary).toBeUndefined()
  expect(config.migrations).toBeUndefined()
  expect(config.slos).toEqual([])
})

test('a secret in the place of a name stays out of the message', () => {
  const text = edited(
    'runner: [self-hosted, eu]',
    'database: { url-env: "postgres://u:hunter2@db/x" }',
    sample,
  )
  const twice = text.replace('    database: { url-env: DATABASE_URL }\n    window', '    window')
  expect(faults(twice)).toEqual([
    '34:26 `environments.prod-a.database.url-env` has to be the NAME of a variable in capitals; the value itself does not belong in this file',
  ])
})

test('all faults come in one message, in the order of the file, and the annotation points at the first', () => {
  const text = edited(
    '5: 30m',
    '5: 30',
    edited('folder: migrations', 'foldr: migrations', edited('service: orders\n', '')),
  )
  const loaded = loadConfig(text, 'services/orders/tuesday.yaml')
  expect(loaded).toMatchObject({
    ok: false,
    fault: {
      blame: 'user',
      reason: 'config-invalid',
      at: { file: 'services/orders/tuesday.yaml', line: 1, column: 1 },
    },
  })
  expect(loaded.ok ? '' : loaded.fault.cause).toBe(
    [
      'services/orders/tuesday.yaml has 3 faults:',
      '  services/orders/tuesday.yaml:1:1 `service` is missing',
      '  services/orders/tuesday.yaml:67:8 `canary.holds.5` needs a unit, such as `90s`, `30m`, `20h` or `2d`',
      '  services/orders/tuesday.yaml:76:3 `migrations.foldr` is not a known key; did you mean `folder`?',
    ].join('\n'),
  )
})

test('a faulty section does not hide how the sound ones disagree', () => {
  const text = edited('folder: migrations', 'folder: /x', edited('[prod-a, prod-b]', '[prod-a]'))
  expect(faults(text)).toEqual([
    '60:10 `train.order` leaves out `prod-b`, so no release would ever reach it',
    '77:11 `migrations.folder` has to be relative, without a leading slash',
  ])
})

test('a hundred faults are told as 25 and a count', () => {
  const keys = Array.from({ length: 100 }, (_, index) => `zz${index}: 1\n`).join('')
  const loaded = loadConfig(sample + keys, 't.yaml')
  const lines = loaded.ok ? [] : loaded.fault.cause.split('\n')
  expect(lines).toHaveLength(27)
  expect(lines.at(0)).toBe('t.yaml has 100 faults:')
  expect(lines.at(-1)).toBe('  and 75 more')
})

test.each<[string, string, string]>([
  ['a tab', 'a:\n\tb: 1', '2:1'],
  ['two documents', `${sample}---\n${sample}`, '80:1'],
  ['a key twice', `${sample}service: other\n`, '80:1'],
  ['an open quote', 'service: "orders', '1:17'],
  ['an open bracket', 'a: [1, 2', '1:9'],
  ['an alias without its anchor', 'service: *orders', '1:10'],
  ['an unknown tag', 'service: !secret orders', '1:10'],
  ['a map as a key', '{a: 1}: 2', '1:1'],
  ['too much text', `# ${'x'.repeat(300_000)}`, '1:1'],
])('what is not one YAML document is unreadable: %s', (_name, text, place) => {
  const loaded = loadConfig(text, 't.yaml')
  expect(loaded).toMatchObject({ ok: false, fault: { blame: 'user', reason: 'config-unreadable' } })
  expect(loaded.ok ? '' : loaded.fault.cause).toContain(`t.yaml:${place} `)
})

test('aliases that grow like a bomb are refused at once', () => {
  const bomb = Array.from({ length: 12 }, (_, level) => {
    const below = level === 0 ? '"x"' : `*a${level - 1}`
    return `a${level}: &a${level} [${Array(9).fill(below).join(', ')}]`
  }).join('\n')
  const started = performance.now()
  expect(loadConfig(bomb, 't.yaml')).toMatchObject({ ok: false, fault: { reason: 'config-unreadable' } })
  expect(performance.now() - started).toBeLessThan(20_000)
})

test('anchors may share what environments have in common, and a fault is told where it stands', () => {
  const shared = edited(
    'window: { days: [Mon, Tue], from: "09:00", to: "24:00" }',
    'window: &hours { days: [Mon, Tue], from: "09:00", to: "24:00" }',
  )
  const text = edited(
    '    namespace: orders\n    argocd: { application: orders-b',
    '    window: *hours\n    namespace: orders\n    argocd: { application: orders-b',
    shared,
  )
  expect(load(text).environments['prod-b']?.window?.toMinute).toBe(1440)
  expect(faults(text.replace('"24:00"', '"25:00"'))).toEqual([
    '44:59 `environments.prod-a.window.to` has to be a time of day such as "09:00"',
    '44:59 `environments.prod-b.window.to` has to be a time of day such as "09:00"',
  ])
})

test.each(['', '   \n', '# nothing\n', 'null', '[]', '7', 'text', '{}'])(
  'a file that holds %j is a fault, not a defect',
  (text) => {
    expect(loadConfig(text, 't.yaml')).toMatchObject({ ok: false, fault: { blame: 'user' } })
  },
)

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  '%s is a name like any other',
  (name) => {
    expect(loadConfig(`${sample}${name}: 1\n`, 't.yaml')).toMatchObject({
      ok: false,
      fault: { at: { line: 80, column: 1 } },
    })
    expect(loadConfig(edited('  prod-b:\n', `  ${name}:\n`), 't.yaml').ok).toBe(false)
  },
)

test('line ends of Windows and a byte order mark move no position', () => {
  const text = `\ufeff${edited('kind: Rollout', 'kind: rollot').replaceAll('\n', '\r\n')}`
  expect(faults(text)).toEqual(['7:11 `workloads[0].kind` is `rollot`; did you mean `Rollout`?'])
})

test('no text makes the loader throw, and every fault has a place inside the file', () => {
  const pieces = fc.constantFrom(
    ...sample.split(/(?<=\s)|(?=[:{}[\],"])/),
    '&a ',
    '*a',
    '!!x ',
    '\t',
    '- ',
    '? ',
    '|\n',
    '.inf',
    '\0',
    '\ud800',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
  )
  fc.assert(fc.property(text, placed), { numRuns: 500 })
})

test('no damage to a good file makes the loader throw', () => {
  const damage = fc.record({
    at: fc.nat(sample.length),
    cut: fc.nat(30),
    put: fc.string({ unit: 'binary', maxLength: 10 }),
  })
  fc.assert(
    fc.property(damage, ({ at, cut, put }) => placed(sample.slice(0, at) + put + sample.slice(at + cut))),
    { numRuns: 500 },
  )
})

function placed(text: string): void {
  const loaded = loadConfig(text, 't.yaml')
  if (loaded.ok) return
  const { line = 0, column = 0 } = loaded.fault.at ?? {}
  expect(line).toBeGreaterThanOrEqual(1)
  expect(line).toBeLessThanOrEqual(text.split('\n').length)
  expect(column).toBeGreaterThanOrEqual(1)
  expect(loaded.fault.cause).not.toMatch(/undefined|\[object/)
}

test('a missing file is told with what to do', () => {
  expect(configMissing('tuesday.yaml')).toMatchObject({
    blame: 'user',
    reason: 'config-missing',
    at: { file: 'tuesday.yaml' },
  })
})

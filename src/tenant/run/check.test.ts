import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type SmallService, smallDocument, startSmallService } from '../../../testkit/tenant-demo/index.ts'
import { spawnExec, systemClock } from '../../system/index.ts'
import { tokens } from '../testing/demo.fixture.ts'
import { checkTenants, type TenantRequest } from './check.ts'

const yaml = 'version: 1\ntenants: { a: { id: acme }, b: { id: zeta } }\nsettle-seconds: 0\n'
const commit = 'c'.repeat(40)

let folder: string
let service: SmallService
beforeAll(async () => {
  service = await startSmallService()
})
afterAll(() => service.close())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenant-check-'))
  file('openapi.json', JSON.stringify(smallDocument()))
  file('tenant.yaml', yaml)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string, text: string) => writeFileSync(join(folder, name), text)
const masked: string[] = []

async function check(more: Partial<TenantRequest> = {}) {
  const { PATH = '' } = process.env
  const checked = await checkTenants(
    {
      ...{
        exec: spawnExec,
        env: { PATH },
        clock: systemClock(),
        signal: AbortSignal.timeout(60_000),
        folder,
      },
      ...{ fetch: globalThis.fetch, mask: (secret) => void masked.push(secret) },
    },
    {
      ...{
        openapi: 'openapi.json',
        config: 'tenant.yaml',
        simulator: { kind: 'builtin' },
        base: service.url,
      },
      ...{
        allowHosts: [],
        credentials: tokens,
        commit,
        runId: '1',
        temp: folder,
        concurrency: 8,
        totalMs: 60_000,
      },
      ...more,
    },
  )
  return checked.ok
    ? {
        state: checked.value.verdict.state,
        says: checked.value.verdict.problems.join('\n'),
        notes: checked.value.notes.join('\n'),
        check: checked.value,
      }
    : { state: checked.fault.reason, says: checked.fault.cause, notes: '', check: undefined }
}

const without = <K extends keyof TenantRequest>(
  request: Partial<TenantRequest>,
  key: K,
): Partial<TenantRequest> => ({ ...request, [key]: undefined })
const artifact = (name: string, format: 'json' | 'junit' = 'json'): TenantRequest['simulator'] => ({
  kind: 'artifact',
  file: name,
  format,
})
const command = (...words: string[]): TenantRequest['simulator'] => ({
  kind: 'command',
  command: words,
  format: 'json',
  timeoutMs: 20_000,
})

test.each<[string, () => Partial<TenantRequest>, string, RegExp]>([
  [
    'a host that is not listed',
    () => ({ base: 'http://service.test' }),
    'tenant-host-refused',
    /neither the loopback nor listed/,
  ],
  [
    'an environment that is production',
    () => ({ environment: 'production' }),
    'tenant-host-refused',
    /environment is production/,
  ],
  ['no address', () => without({}, 'base'), 'tenant-host-refused', /no address/],
  [
    'no credentials and no hook',
    () => ({ credentials: { a: tokens.a } }),
    'tenant-invalid',
    /no credentials of tenant b/,
  ],
  [
    'a result that is not there',
    () => ({ simulator: artifact('gone.json') }),
    'tenant-result-invalid',
    /no result/,
  ],
  [
    'a result out of the checkout',
    () => ({ simulator: artifact('../gone.json') }),
    'tenant-result-invalid',
    /no result/,
  ],
  [
    'a simulator that writes nothing',
    () => ({ simulator: command('true') }),
    'tenant-result-invalid',
    /no result/,
  ],
  [
    'a simulator that is not there',
    () => ({ simulator: command('./gone') }),
    'tenant-result-invalid',
    /did not end/,
  ],
  ['a missing file of overrides', () => ({ config: 'gone.yaml' }), 'contract-missing', /gone\.yaml/],
  ['a missing description', () => ({ openapi: 'gone.yaml' }), 'contract-missing', /gone\.yaml/],
])('%s is refused, and nothing is sent', async (_, request, state, says) => {
  const before = service.requests.length
  const said = await check(request())
  expect(said.state).toBe(state)
  expect(said.says).toMatch(says)
  expect(service.requests).toHaveLength(before)
})

test.each([
  ['an unknown key', 'exempts: []', /`exempts` is not a known key; did you mean `exempt`/],
  [
    'an exemption without an end',
    'exempt: [{ operation: getItem, scope: public, reason: because it is so }]',
    /expires/,
  ],
  [
    'an exemption with a thin reason',
    'exempt: [{ operation: getItem, scope: public, reason: ok, expires: 2099-01-01 }]',
    /at least 10 characters/,
  ],
  ['an operation that is not there', 'operations: { getThing: { body: {} } }', /no operation getThing/],
  [
    'an attack that is not there',
    'operations: { getItem: { skip: [{ attack: magic, reason: it takes too long, expires: 2099-01-01 }] } }',
    /attack/,
  ],
])('the file of overrides: %s', async (_, line, says) => {
  file('tenant.yaml', `${yaml}${line}\n`)
  const said = await check()
  expect(said.state).toBe('tenant-config-invalid')
  expect(said.says).toMatch(says)
})

test.each([
  ['with an end to come', '2099-01-01', 'pass'],
  ['that ended', '2020-01-01', 'untested'],
])('an operation that nothing can be told of, exempt %s', async (_, expires, state) => {
  const document = smallDocument()
  document.paths['/health'] = { get: { operationId: 'health', responses: { '200': { description: '' } } } }
  file('openapi.json', JSON.stringify(document))
  file(
    'tenant.yaml',
    `${yaml}exempt: [{ operation: health, scope: public, reason: for the load balancer, expires: ${expires} }]\n`,
  )
  expect((await check()).state).toBe(state)
  document.paths['/health'] = {
    get: {
      operationId: 'health',
      'x-tenant-scope': { scope: 'public', reason: 'for the load balancer', expires },
      responses: {},
    },
  }
  file('openapi.json', JSON.stringify(document))
  file('tenant.yaml', yaml)
  expect((await check()).state).toBe(state)
})

test('an attack that is left out stands as left out; a body that is given is sent with its markers', async () => {
  file(
    'tenant.yaml',
    `${yaml}operations:\n  getItem: { skip: [{ attack: anonymous, reason: the proxy before it asks, expires: 2099-01-01 }] }\n  createItem: { body: { name: 'x {marker}' } }\n`,
  )
  const { state, check: checked } = await check()
  expect(state).toBe('pass')
  const cases = checked?.result.operations
    .find(({ id }) => id === 'getItem')
    ?.cases.filter(({ attack }) => attack === 'anonymous')
  expect(cases?.map(({ verdict }) => verdict)).toEqual(['exempt', 'exempt'])
  const created = checked?.result.operations.find(({ id }) => id === 'createItem')?.cases[0]?.evidence
  expect(JSON.stringify(created)).toMatch(/x zz\w{4}a/)
})

test('hooks: credentials come from one and are masked; objects come from one and go by one', async () => {
  const { PATH = '' } = process.env
  expect(PATH).not.toBe('')
  const document = smallDocument()
  Reflect.deleteProperty(document.paths['/items/{itemId}'] ?? {}, 'delete')
  file('openapi.json', JSON.stringify(document))
  file('tenant.yaml', `${yaml}hooks: { login: [sh, -c, 'echo token-$TENANT_SIM_TENANT'] }\n`)
  const kept = await check({ credentials: {} })
  expect(kept.state).toBe('pass')
  expect(kept.notes).toMatch(/seeded objects stay: no operation deletes items/)
  expect(masked).toContain('token-zeta')
  const clean = `const all = JSON.parse(require("fs").readFileSync(0, "utf8")); Promise.all(all.map(({ tenant, id }) => fetch(process.env.TENANT_SIM_BASE_URL + "items/" + id, { method: "DELETE", headers: { authorization: "Bearer token-" + tenant } })))`
  file('clean.js', clean)
  for (const { id } of [...service.items.values()]) service.items.delete(id)
  file('tenant.yaml', `${yaml}hooks: { cleanup: [node, clean.js] }\n`)
  const cleaned = await check()
  expect(cleaned.state).toBe('pass')
  expect(cleaned.notes).toBe('')
  expect(service.items.size).toBe(0)
  file('tenant.yaml', `${yaml}hooks: { cleanup: [sh, -c, 'exit 3'] }\n`)
  expect(await check()).toMatchObject({
    state: 'inconclusive',
    says: expect.stringMatching(/it exited with 3/),
  })
  file('tenant.yaml', `${yaml}hooks: { login: [sh, -c, 'exit 3'] }\n`)
  expect((await check({ credentials: {} })).state).toBe('tenant-hook-failed')
  file('tenant.yaml', `${yaml}hooks: { seed: [echo, nothing] }\n`)
  expect((await check()).state).toBe('tenant-hook-failed')
})

const ids = ['listItems', 'createItem', 'getItem', 'replaceItem', 'deleteItem']
const cases = [
  ['acme', 'zeta'],
  ['zeta', 'acme'],
].map(([from, to]) => ({ attack: 'own', from, to, verdict: 'pass' }))
const result = {
  ...{
    schema: 'two-tenant/v1',
    commit,
    runId: '1',
    startedAt: '2026-01-01T00:00:00Z',
    tenants: ['acme', 'zeta'],
    verdict: 'pass',
  },
  operations: ids.map((id) => ({ id, cases })),
  controls: { positive: 3, negative: 3, mutationCaught: true },
}

test('a simulator of the owner is believed for its cases and for nothing else', async () => {
  file('result.json', JSON.stringify(result))
  const write =
    'test "$TENANT_SIM_COMMIT" = cccccccccccccccccccccccccccccccccccccccc && cp result.json "$TENANT_SIM_OUT"; exit 1'
  expect((await check({ simulator: command('sh', '-c', write) })).state).toBe('pass')
  expect((await check({ simulator: artifact('result.json'), commit: 'd'.repeat(40) })).state).toBe('invalid')
  file('result.json', JSON.stringify({ ...result, operations: result.operations.slice(1) }))
  const missing = await check(without({ simulator: artifact('result.json') }, 'base'))
  expect(missing).toMatchObject({ state: 'untested', says: expect.stringMatching(/listItems is not tested/) })
})

test('JUnit of the owner is read with operations as class names', async () => {
  const tests = ids.map((id) => `<testcase classname="${id}" name="foreign id"/>`)
  const controls = '<testcase classname="c" name="control"/><testcase classname="c" name="mutation"/>'
  file('junit.xml', `<testsuite>${controls}${tests.join('')}</testsuite>`)
  expect((await check({ simulator: artifact('junit.xml', 'junit') })).state).toBe('pass')
  file('junit.xml', '<testsuite tests="0"/>')
  expect((await check({ simulator: artifact('junit.xml', 'junit') })).state).toBe('tenant-result-invalid')
})

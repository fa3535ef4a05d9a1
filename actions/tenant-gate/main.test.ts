import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runBundle } from '../../testkit/runner/index.ts'
import { type SmallService, smallDocument, startSmallService } from '../../testkit/tenant-demo/index.ts'

const yaml = 'version: 1\ntenants: { a: { id: acme }, b: { id: zeta } }\nsettle-seconds: 0\n'
const commit = 'c'.repeat(40)

let folder: string
let service: SmallService
let leaky = false
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenant-gate-'))
  mkdirSync(join(folder, 'temp'))
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(smallDocument()))
  writeFileSync(join(folder, 'tenant.yaml'), yaml)
  leaky = false
  service = await startSmallService({
    intercept: ({ method, path, headers }) => {
      const item = service.items.get(path.replace('/items/', ''))
      if (!leaky || method !== 'GET' || item === undefined || headers.authorization === undefined)
        return undefined
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: { id: item.id, name: item.name },
      }
    },
  })
})
afterEach(async () => {
  await service.close()
  rmSync(folder, { recursive: true, force: true })
})

function run(inputs: Readonly<Record<string, string>>) {
  return runBundle({
    action: 'tenant-gate',
    source: true,
    workspace: folder,
    inputs: {
      openapi: 'openapi.json',
      'base-url': service.url,
      'credentials-a': 'token-acme',
      'credentials-b': 'Authorization: Bearer token-zeta',
      ...inputs,
    },
    env: { GITHUB_SHA: commit, RUNNER_TEMP: join(folder, 'temp') },
  })
}

const errors = ({ commands }: Awaited<ReturnType<typeof run>>) =>
  commands.filter(({ name }) => name === 'error').map(({ message }) => message)

test('a service that keeps tenants apart is green, with a result, a SARIF, a JUnit report and a page', async () => {
  const ended = await run({})
  expect(ended.outputs).toMatchObject({
    verdict: 'pass',
    'reason-code': 'tenant-separated',
    state: 'pass',
    leaks: '0',
    untested: '0',
  })
  expect(ended.code).toBe(0)
  expect(JSON.parse(readFileSync(ended.outputs['result-file'] ?? '', 'utf8'))).toMatchObject({
    schema: 'two-tenant/v1',
    commit,
    tenants: ['acme', 'zeta'],
  })
  expect(readFileSync(ended.outputs.junit ?? '', 'utf8')).toContain('classname="getItem"')
  expect(readFileSync(ended.outputs.report ?? '', 'utf8')).toContain('Operations and attacks')
  expect(ended.summary).toContain('getItem')
})

test('a leak fails the step; the evidence replays it and holds no credentials', async () => {
  leaky = true
  const ended = await run({})
  expect(ended.outputs).toMatchObject({ verdict: 'fail', 'reason-code': 'tenant-leak', state: 'leak' })
  expect(ended.code).toBe(1)
  const told = errors(ended).join('\n')
  expect(told).toMatch(/getItem leaks/)
  expect(told).toMatch(/curl -sS -i -H "authorization: \$TENANT_A" http/)
  const [file = ''] = readdirSync(ended.outputs.sarif ?? '')
  const files = [
    ended.outputs['result-file'],
    ended.outputs.junit,
    ended.outputs.report,
    join(ended.outputs.sarif ?? '', file),
  ]
  for (const path of files) expect(readFileSync(path ?? '', 'utf8')).not.toMatch(/token-(acme|zeta)/)
  const sarif = JSON.parse(readFileSync(join(ended.outputs.sarif ?? '', file), 'utf8'))
  expect(sarif.runs[0].results[0]).toMatchObject({
    ruleId: 'tenant-path-id',
    properties: { cwe: ['CWE-639'] },
  })
  expect(sarif.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri).toBe('openapi.json')
})

test('an operation that nobody classified or can use is not green', async () => {
  const document = smallDocument()
  document.paths['/health'] = { get: { operationId: 'health', responses: { '200': { description: '' } } } }
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(document))
  const ended = await run({})
  expect(ended.outputs).toMatchObject({ verdict: 'fail', 'reason-code': 'tenant-untested', untested: '1' })
  expect(errors(ended).join('\n')).toMatch(/health is not tested: its own tenant gets 404/)
})

test.each([
  ['a host that is not listed', { 'base-url': 'http://service.test' }, 'tenant-host-refused'],
  ['a command without one', { simulator: 'command' }, 'invalid-input'],
  ['credentials of another form', { 'credentials-a': 'two words' }, 'invalid-input'],
])('%s is refused before anything is sent', async (_, inputs, reason) => {
  const ended = await run(inputs)
  expect(ended.outputs['reason-code']).toBe(reason)
  expect(ended.code).toBe(1)
  expect(service.requests).toEqual([])
})

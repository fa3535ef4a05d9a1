import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, postgresMissing, startPostgres } from '../../../testkit/postgres/index.ts'
import { type Leak, leakNames, startTenantDemo, type TenantDemo } from '../../../testkit/tenant-demo/index.ts'
import { configOf, demoYaml, notGood, runDemo } from '../testing/demo.fixture.ts'

const here = describe.skipIf(postgresMissing(16) !== undefined)

let server: Postgres
let demo: TenantDemo
beforeAll(async () => {
  if (postgresMissing(16) !== undefined) return
  server = await startPostgres({ major: 16 })
  demo = await startTenantDemo(await server.database())
})
afterAll(async () => {
  await demo?.close()
  await server?.stop()
})

/** Leak -> the operation and the attack that find it. */
const found: Readonly<Record<Leak, readonly [operation: string, attack: string]>> = {
  'read-by-id': ['getProject', 'path-id'],
  'update-by-id': ['replaceProject', 'write'],
  'patch-by-id': ['changeProject', 'write'],
  'delete-by-id': ['deleteProject', 'write'],
  'action-by-id': ['archiveProject', 'write'],
  'child-create': ['createDocument', 'write'],
  'child-list': ['listProjectDocuments', 'path-id'],
  list: ['listProjects', 'own-answer'],
  search: ['listProjects', 'search'],
  filter: ['listDocuments', 'reference'],
  'duplicate-parameter': ['listDocuments', 'reference'],
  total: ['listProjects', 'count'],
  stats: ['getStats', 'count'],
  export: ['exportProjects', 'own-answer'],
  'header-override': ['getNote', 'override'],
  'query-override': ['getNote', 'override'],
  'body-override': ['createProject', 'override'],
  'bulk-write': ['deleteDocuments', 'bulk'],
  'bulk-read': ['batchDocuments', 'bulk'],
  move: ['changeDocument', 'reference'],
  'shared-cache': ['exportProjects', 'own-answer'],
  etag: ['getProject', 'cache'],
  cacheable: ['getProject', 'cache'],
  cursor: ['listProjects', 'handle'],
  download: ['getFile', 'path-id'],
  job: ['getExport', 'path-id'],
  webhook: ['getWebhook', 'path-id'],
  idempotency: ['createPayment', 'handle'],
  'error-body': ['getProject', 'path-id'],
  'error-header': ['getProject', 'path-id'],
  'natural-key': ['createProject', 'natural-key'],
  pool: ['getProjectNames', 'interleave'],
  anonymous: ['getDocument', 'anonymous'],
  existence: ['getProject', 'path-id'],
  'path-tenant': ['listFlags', 'path-id'],
  'path-tenant-write': ['createFlag', 'override'],
  sequence: ['getNote', 'path-id'],
}

const strict = configOf(`${demoYaml}policy: { existence: forbid }\nsettle-seconds: 1\n`)

/** What an operation needs beside itself to be watched. */
const beside: Readonly<Record<string, readonly string[]>> = {
  getStats: ['getStats', 'createProject'],
  getProjectNames: ['getProjectNames', 'createProject'],
}

here('on PostgreSQL', () => {
  test.each(leakNames)('%s is found alone, by its attack', async (leak) => {
    demo.open(leak)
    const [operation, attack] = found[leak]
    const { operations } = await runDemo(demo.url, { only: beside[operation] ?? [operation], config: strict })
    const leaks = operations.flatMap(({ id, cases }) =>
      cases.filter(({ verdict }) => verdict === 'leak').map((one) => `${id} ${one.attack}`),
    )
    expect(leaks).toContain(`${operation} ${attack}`)
  })

  test('a service that keeps tenants apart has no finding, and every row is as it was before', async () => {
    demo.open()
    const before = await demo.mark()
    const simulation = await runDemo(demo.url)
    expect(notGood(simulation)).toEqual([])
    expect(simulation.invalid).toBeUndefined()
    expect(simulation.mutation.tried.map(({ attack }) => attack)).toEqual(['path-id', 'own-answer', 'write'])
    expect(simulation.controls).toMatchObject({ mutationCaught: true })
    expect(simulation.operations.length).toBeGreaterThan(40)
    expect(simulation.cleaned).toMatchObject({ kept: [], failed: [] })
    expect(simulation.cleaned.removed).toBeGreaterThan(100)
    expect(await demo.mark()).toBe(before)
  })

  test('the command of the evidence shows the leak again', async () => {
    demo.open('list')
    const { operations } = await runDemo(demo.url, { only: ['listProjects'] })
    const [leak] = operations.flatMap(({ cases }) => cases).filter(({ verdict }) => verdict === 'leak')
    const curl = leak?.evidence.curl ?? ''
    expect(curl).not.toContain('token-')
    // The rows of the run are gone by now; the older ones of the other tenants are as foreign.
    const TENANT_A = leak?.from === 'acme' ? 'Bearer token-acme' : 'Bearer token-zeta'
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', curl], {
      env: { PATH: process.env.PATH ?? '', TENANT_A, TENANT_B: TENANT_A },
    })
    expect(stdout).toContain('Lantern')
  })
})

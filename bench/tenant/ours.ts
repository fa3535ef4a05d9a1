import { randomInt } from 'node:crypto'
import { loadDescription } from '../../src/contract/index.ts'
import { ok, unwrap } from '../../src/release/index.ts'
import { systemClock } from '../../src/system/index.ts'
import { decide, readTenantConfig, resultOf, simulate } from '../../src/tenant/index.ts'
import { demoDocument } from '../../testkit/tenant-demo/index.ts'
import type { Seen } from '../tenant.ts'

const config = unwrap(
  readTenantConfig(
    `version: 1
tenants: { a: { id: acme }, b: { id: zeta } }
whoami: getMe
baseline: listProjects
policy: { existence: forbid }
exempt:
  - { operation: isAlive, scope: public, reason: liveness of the process, expires: 2099-01-01 }
  - { operation: listCountries, scope: global, reason: the same for everybody, expires: 2099-01-01 }
  - { operation: listTenants, scope: admin, reason: operators of the service, expires: 2099-01-01 }
  - { operation: getMe, scope: global, reason: says who is calling, expires: 2099-01-01 }
`,
    'tenant.yaml',
  ),
)
const commit = '0'.repeat(40)

/** The simulator with a file of overrides of ten lines. */
export async function ours(url: string): Promise<Seen> {
  const start = performance.now()
  const description = unwrap(
    await loadDescription('openapi.json', { read: async () => ok(JSON.stringify(demoDocument())) }),
  )
  const simulation = unwrap(
    await simulate({
      description,
      config,
      base: new URL(url),
      headers: { a: { authorization: 'Bearer token-acme' }, b: { authorization: 'Bearer token-zeta' } },
      fetch: globalThis.fetch,
      clock: systemClock(),
      signal: AbortSignal.timeout(600_000),
      run: randomInt(36 ** 3, 36 ** 4).toString(36),
    }),
  )
  const result = resultOf(simulation, { commit, runId: '1', startedAt: new Date().toISOString() })
  const { state } = decide(result, {
    commit,
    operations: result.operations.map(({ id, method = '', path = '' }) => ({ id, method, path })),
    exempt: new Set(config.exempt.map(({ operation }) => operation)),
    inconclusiveLimit: 0,
    mutationWaived: false,
    left: simulation.cleaned.failed.map(({ why }) => why),
    ...(simulation.invalid === undefined ? {} : { invalid: simulation.invalid }),
  })
  const findings = simulation.operations.flatMap(({ id, cases }) =>
    cases.filter(({ verdict }) => verdict === 'leak').map(({ attack }) => `${id} ${attack}`),
  )
  return {
    findings: [...new Set(findings)],
    seconds: Math.round((performance.now() - start) / 100) / 10,
    green: state === 'pass',
    more: { operations: simulation.operations.length, requests: simulation.requests, state },
  }
}

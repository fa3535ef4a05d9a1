import { demoDocument } from '../../../testkit/tenant-demo/index.ts'
import { loadDescription } from '../../contract/index.ts'
import { ok, unwrap } from '../../release/index.ts'
import { systemClock } from '../../system/index.ts'
import { readTenantConfig } from '../config/read.ts'
import type { TenantConfig } from '../config/schema.ts'
import { type Simulation, type SimulationOptions, simulate } from '../run/simulate.ts'

export const demoYaml = `version: 1
tenants: { a: { id: acme }, b: { id: zeta } }
whoami: getMe
baseline: listProjects
exempt:
  - { operation: isAlive, scope: public, reason: liveness of the process, expires: 2099-01-01 }
  - { operation: listCountries, scope: global, reason: the same for everybody, expires: 2099-01-01 }
  - { operation: listTenants, scope: admin, reason: operators of the service, expires: 2099-01-01 }
  - { operation: getMe, scope: global, reason: says who is calling, expires: 2099-01-01 }
`

export const tokens = { a: { authorization: 'Bearer token-acme' }, b: { authorization: 'Bearer token-zeta' } }

export function configOf(yaml: string): TenantConfig {
  return unwrap(readTenantConfig(yaml, 'tenant.yaml'))
}

export async function descriptionOf(document: object) {
  return unwrap(await loadDescription('openapi.json', { read: async () => ok(JSON.stringify(document)) }))
}

export async function runDemo(url: string, more: Partial<SimulationOptions> = {}): Promise<Simulation> {
  return unwrap(
    await simulate({
      description: await descriptionOf(demoDocument()),
      config: configOf(demoYaml),
      base: new URL(url),
      headers: tokens,
      fetch: globalThis.fetch,
      clock: systemClock(),
      signal: AbortSignal.timeout(120_000),
      run: Math.floor(36 ** 3 + Math.random() * 36 ** 3).toString(36),
      ...more,
    }),
  )
}

/** `operation attack verdict` of every case that is not in order. */
export function notGood({ operations }: Simulation): readonly string[] {
  const all = operations.flatMap(({ id, cases }) => cases.map((one) => `${id} ${one.attack} ${one.verdict}`))
  return [...new Set(all.filter((one) => !/ (pass|exempt)$/.test(one)))].sort()
}

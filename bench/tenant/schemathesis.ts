import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { demoDocument } from '../../testkit/tenant-demo/index.ts'
import type { Seen } from '../tenant.ts'

const auth = `auth:
  - name: acme
    fixedHeaders: [{ name: Authorization, value: Bearer token-acme }]
  - name: zeta
    fixedHeaders: [{ name: Authorization, value: Bearer token-zeta }]
`
const settings = '[auth.wfc]\npath = "auth.yaml"\npeers = ["acme", "zeta"]\n'
/** Those of its checks that are about who may see what; the others hold the description against the service. */
const checks = 'object_level_authorization,ignored_auth,use_after_free,ensure_resource_availability'

/** schemathesis with both tenants as peers, a seed, and ten examples an operation in each of its phases. */
export async function schemathesis(program: string, url: string): Promise<Seen> {
  const folder = await mkdtemp(join(tmpdir(), 'schemathesis-'))
  try {
    await writeFile(join(folder, 'openapi.json'), JSON.stringify(demoDocument()))
    await writeFile(join(folder, 'auth.yaml'), auth)
    await writeFile(join(folder, 'schemathesis.toml'), settings)
    const start = performance.now()
    const args = [
      'run',
      'openapi.json',
      '--url',
      url,
      '--checks',
      checks,
      '--max-examples',
      '10',
      '--seed',
      '1',
      '--no-shrink',
    ]
    const report = [
      '--continue-on-failure',
      '--warnings',
      'off',
      '--report',
      'json',
      '--report-json-path',
      'report.json',
    ]
    await new Promise<void>((resolve) => {
      // Its exit code is 1 when it found something; what it found stands in the report.
      execFile(program, [...args, ...report], { cwd: folder, timeout: 600_000, maxBuffer: 64 << 20 }, () =>
        resolve(),
      )
    })
    const seconds = Math.round((performance.now() - start) / 100) / 10
    const { failures, complete, test_cases } = JSON.parse(
      await readFile(join(folder, 'report.json'), 'utf8'),
    ) as Report
    const findings = failures.flatMap(({ code, operations }) =>
      operations.map((operation) => `${operation} ${code}`),
    )
    return {
      findings,
      seconds,
      green: failures.length === 0 && complete,
      more: { requests: test_cases.generated },
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Report {
  readonly complete: boolean
  readonly failures: readonly { readonly code: string; readonly operations: readonly string[] }[]
  readonly test_cases: { readonly generated: number }
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decide, newOnes } from '../testing/case.ts'

/**
 * Written by osv-scanner 2.5.0 over the example service with a package-lock.json of lodash 4.17.15 in `planted/`, and
 * without it; its database held the one advisory of that version. The last one is what it leaves behind when osv.dev
 * cannot be reached: exit code 127. `osv-scanner scan source --recursive --all-packages --offline --local-db-path DB
 * --format json|sarif --output-file FILE .`; the folder of the checkout stands as /checkout.
 */
const written = (name: string) => readFileSync(join(import.meta.dirname, 'osv', name), 'utf8')
const tree = { 'package-lock.json': '{}\n', 'planted/package-lock.json': '{}\n' }
const spec = (exit: number, format?: 'osv-scanner') =>
  ({ tool: 'osv-scanner', path: 'osv.json', exit, outcome: 'success', ...(format && { format }) }) as const

describe('osv-scanner', () => {
  test.each([
    ['JSON', 'planted.json', 'osv-scanner'],
    ['SARIF', 'planted.sarif', undefined],
  ] as const)('finds the planted package, as %s', (_, name, format) => {
    const { judged, state } = decide({ now: { report: written(name), tree }, spec: spec(1, format) })
    expect(state).toBe('findings')
    expect(judged.map(({ finding }) => [finding.rule, finding.severity, finding.location?.file])).toEqual([
      ['CVE-2021-23337', 'high', 'planted/package-lock.json'],
    ])
  })

  test('says in JSON where it is mended, and by which weakness', () => {
    const { judged } = decide({
      now: { report: written('planted.json'), tree },
      spec: spec(1, 'osv-scanner'),
    })
    expect(judged[0]?.finding).toMatchObject({
      message: expect.stringContaining('fixed in 4.17.21'),
      cwes: ['CWE-77', 'CWE-94'],
      package: { purl: 'pkg:npm/lodash', version: '4.17.15' },
    })
  })

  test('is clean when it found nothing, and knows what it found before', () => {
    const clean = decide({
      now: { report: written('clean.json'), tree: { 'package-lock.json': '{}\n' } },
      spec: spec(0, 'osv-scanner'),
    })
    expect([clean.state, clean.flaws]).toEqual(['clean', []])
    const report = written('planted.json')
    const again = decide({ before: { report, tree }, now: { report, tree }, spec: spec(1, 'osv-scanner') })
    expect(newOnes(again)).toEqual([])
  })

  test('that could not ask its database leaves a report without a finding, and is not believed', () => {
    const report = written('unreachable.json')
    expect(report).not.toContain('vulnerabilities')
    const { state, flaws } = decide({ now: { report, tree }, spec: spec(127, 'osv-scanner') })
    expect([state, ...flaws.map(({ code }) => code)]).toEqual(['incomplete', 'exit-code'])
  })
})

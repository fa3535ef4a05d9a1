import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decide, newOnes } from '../testing/case.ts'

/**
 * Written by gitleaks 8.30.1 over the sources of the example service with two made-up secrets in `src/planted.ts`, and
 * without them: `gitleaks dir . --redact --no-banner --report-format json|sarif --report-path FILE`.
 */
const written = (name: string) => readFileSync(join(import.meta.dirname, 'gitleaks', name), 'utf8')
const json = {
  tool: 'gitleaks',
  path: 'gitleaks.json',
  format: 'gitleaks',
  exit: 1,
  outcome: 'success',
} as const
const sarif = { tool: 'gitleaks', path: 'gitleaks.sarif', exit: 1, outcome: 'success' } as const

test.each([
  ['JSON', 'planted.json', json],
  ['SARIF', 'planted.sarif', sarif],
] as const)('what gitleaks finds, as %s', (_, name, spec) => {
  const { judged, flaws } = decide({ now: { report: written(name) }, spec })
  expect(flaws).toEqual([])
  const told = judged.map(
    ({ finding, newness }) =>
      `${newness} ${finding.rule} ${finding.location?.file}:${finding.location?.line}`,
  )
  expect(told.sort()).toEqual(['new aws-access-token src/planted.ts:1', 'new github-pat src/planted.ts:2'])
})

test('its JSON blocks, for a leaked secret has no lesser severity', () => {
  const { state, judged } = decide({ now: { report: written('planted.json') }, spec: json })
  expect(state).toBe('findings')
  expect(
    judged.every(({ state: one, finding }) => one === 'blocking' && finding.severity === 'critical'),
  ).toBe(true)
})

test('no leak is clean, and the same leaks again are known', () => {
  expect(decide({ now: { report: written('clean.json') }, spec: { ...json, exit: 0 } }).state).toBe('clean')
  for (const [name, spec] of [
    ['planted.json', json],
    ['planted.sarif', sarif],
  ] as const) {
    const report = written(name)
    expect(newOnes(decide({ before: { report }, now: { report }, spec }))).toEqual([])
  }
})

test('another secret of the same kind elsewhere is new: all its fingerprints in SARIF are empty', () => {
  const before = written('planted.sarif')
  const now = before
    .replaceAll('src/planted.ts', 'src/other/place.ts')
    .replaceAll(/"startLine":\d+/g, '"startLine":40')
  const { judged } = decide({
    before: { report: before, tree: { 'src/planted.ts': 'a\nb\n' } },
    now: { report: now, tree: { 'src/other/place.ts': 'x\n'.repeat(60) } },
    spec: sarif,
  })
  expect(judged.map(({ newness }) => newness)).toEqual(['new', 'new'])
})

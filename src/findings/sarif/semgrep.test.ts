import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decide } from '../testing/case.ts'

/**
 * Written by Semgrep 1.182.0 with two rules of our own, over the sources of the example service, without any rules, and
 * over two files of which one is broken and one has `nosemgrep`.
 */
const written = (name: string) => readFileSync(join(import.meta.dirname, 'semgrep', `${name}.sarif`), 'utf8')
const spec = (exit: number) => ({ tool: 'semgrep', path: 'semgrep.sarif', exit, outcome: 'success' })

test('what Semgrep finds in the example service', () => {
  const { judged, state, flaws } = decide({ now: { report: written('findings') }, spec: spec(1) })
  expect([state, flaws]).toEqual(['findings', []])
  const told = judged.map(({ finding, state: one }) => {
    const { rule, severity, cwes, location } = finding
    return [one, rule, severity, ...(cwes ?? []), `${location?.file}:${location?.line}`].join(' ')
  })
  expect(told).toEqual([
    'blocking exit-anywhere high CWE-705 src/platform/shutdown.ts:16',
    'blocking exit-anywhere high CWE-705 src/platform/shutdown.ts:29',
    'reported env-read medium CWE-526 src/api.ts:12',
    'reported env-read medium CWE-526 src/projector.ts:10',
    'reported env-read medium CWE-526 src/relay.ts:11',
    'reported env-read medium CWE-526 src/testing/postgres.test.ts:13',
  ])
  // Without a login all of them have the same "fingerprint".
  expect(judged.every(({ finding }) => finding.whole === undefined)).toBe(true)
})

test('the same findings again are known, though Semgrep gives none of them an identity', () => {
  const report = written('findings')
  const { judged } = decide({ before: { report }, now: { report }, spec: spec(1) })
  expect(judged.map(({ newness }) => newness)).toEqual(Array(6).fill('known'))
})

test('without rules Semgrep calls itself successful, and is not believed', () => {
  const { state, flaws } = decide({ now: { report: written('no-rules') }, spec: spec(7) })
  expect([state, ...flaws.map(({ code }) => code)].sort()).toEqual(['exit-code', 'incomplete', 'tool-error'])
})

test('a comment in the source suppresses, and is counted', () => {
  const { judged, suppressedByTool } = decide({ now: { report: written('unparsable') }, spec: spec(1) })
  expect(judged.map(({ state }) => state).sort()).toEqual(['reported', 'suppressed'])
  expect(suppressedByTool).toBe(1)
})

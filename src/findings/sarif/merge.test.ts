import { expect, test } from 'vitest'
import { sarif } from '../../../testkit/findings/index.ts'
import { listOf, mapOf, mapsOf } from '../json/access.ts'
import { decide, runsOf } from '../testing/case.ts'
import { mergedSarif } from './merge.ts'

const secret = 'AKIAQYLPMN5HHHFPZAM2'
const at = (line: number, more: object = {}) => ({ file: 'src/a.js', line, ...more })
const tree = { 'src/a.js': 'a()\nb()\nc()\n' }

function merged(report: unknown, tool = 'probe', hasBaseline = false) {
  const spec = { tool, path: `${tool}.sarif` }
  const { runs } = runsOf(report, tree, spec)
  const { judged } = decide({ now: { report, tree }, spec })
  // `decide` reads the report once more: state is looked up by place.
  const byPlace = new Map(judged.map((one) => [one.finding.index, one]))
  const own = runs.flatMap((run) =>
    run.findings.flatMap((finding) => {
      const one = byPlace.get(finding.index)
      return one === undefined ? [] : [{ ...one, finding }]
    }),
  )
  return mergedSarif(runs, own, hasBaseline)
}

const logOf = (text: string | undefined) => mapOf(JSON.parse(text ?? 'null') as unknown) ?? {}

test('a run keeps what its tool wrote and gets the line hash', () => {
  const [file] = merged(sarif([at(2, { properties: { own: 'word' } })]))
  const [run] = mapsOf(logOf(file?.text).runs)
  const [result] = mapsOf(run?.results)
  expect(result).toMatchObject({
    ruleId: 'eval',
    properties: { own: 'word' },
    partialFingerprints: { primaryLocationLineHash: expect.stringMatching(/^[0-9a-f]+:1$/) as string },
  })
  expect(result).not.toHaveProperty('baselineState')
})

test('with a baseline every result says whether it is new, also those that hold nothing against the code', () => {
  const [file] = merged(sarif([at(2), at(3, { kind: 'pass' })]), 'probe', true)
  const [run] = mapsOf(logOf(file?.text).runs)
  expect(mapsOf(run?.results).map(({ baselineState }) => baselineState)).toEqual(['new', 'unchanged'])
})

test('runs of one tool and category get categories of their own', () => {
  const { runs } = sarif([])
  const [file] = merged({ version: '2.1.0', runs: [...runs, ...runs, ...runs] })
  const ids = mapsOf(logOf(file?.text).runs).map((run) => mapOf(run.automationDetails)?.id)
  expect(new Set(ids).size).toBe(3)
})

test('more runs than an upload may have become more files', () => {
  const { runs } = sarif([])
  const files = merged({ version: '2.1.0', runs: Array.from({ length: 45 }, () => runs[0]) })
  expect(files.map(({ name, text }) => [name, listOf(logOf(text).runs).length])).toEqual([
    ['findings.sarif', 20],
    ['findings-2.sarif', 20],
    ['findings-3.sarif', 5],
  ])
})

/** Every place of SARIF where a scanner of secrets could quote one. */
const leaky = () => ({
  ...sarif(
    [
      at(2, {
        message: { text: `aws-access-token has detected ${secret}`, markdown: secret },
        partialFingerprints: { commitSha: '', commitMessage: `add ${secret}`, author: 'a' },
        properties: { match: secret },
        fixes: [{ description: { text: secret } }],
        relatedLocations: [{ message: { text: secret } }],
        locations: [
          {
            message: { text: secret },
            physicalLocation: {
              artifactLocation: { uri: 'src/a.js' },
              region: { startLine: 2, snippet: { text: secret } },
              contextRegion: { startLine: 1, snippet: { text: secret } },
            },
          },
        ],
      }),
    ],
    {
      artifacts: [{ location: { uri: 'src/a.js' }, contents: { text: secret } }],
      invocations: [{ executionSuccessful: true, commandLine: `gitleaks --token ${secret}` }],
      properties: { found: secret },
    },
    { name: 'gitleaks', rules: [{ id: 'eval', shortDescription: { text: 'AWS access token' } }] },
  ),
})

test.each(['gitleaks', 'probe'])('a secret that gitleaks quotes is in no output, called %s', (tool) => {
  const [file] = merged(leaky(), tool)
  expect(file?.text).toContain('AWS access token: a secret in the source')
  expect(file?.text).not.toContain(secret)
  const answer = decide({ now: { report: leaky(), tree }, spec: { tool, path: 'x' } })
  expect(answer.judged).toHaveLength(1)
  expect(JSON.stringify(answer)).not.toContain(secret)
})

test('two leaks of one author are not one leak', () => {
  const author = { commitSha: '', author: '', email: '', commitMessage: '' }
  const leak = (line: number) => sarif([at(line, { partialFingerprints: author })], {}, { name: 'gitleaks' })
  const before = { report: leak(1), tree: { 'src/a.js': `token("${'a'.repeat(120)}")\n` } }
  const now = { report: leak(9), tree: { 'src/a.js': `${'\n'.repeat(8)}token("${'b'.repeat(120)}")\n` } }
  const { judged } = decide({ before, now, spec: { tool: 'gitleaks', path: 'x' } })
  expect(judged.map(({ newness }) => newness)).toEqual(['new'])
})

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Hit, newRepository, type Repository, sarif } from '../../testkit/findings/index.ts'
import { runBundle } from '../../testkit/runner/index.ts'

let repository: Repository
let base: string
let head: string
beforeEach(() => {
  repository = newRepository()
  base = repository.commit({ 'src/a.js': 'start()\nfine()\n' })
  head = repository.commit({ 'src/a.js': 'start()\neval(a)\n' })
})
afterEach(() => repository.remove())

function report(hits: readonly Hit[], name = 'probe.sarif'): void {
  writeFileSync(join(repository.folder, name), JSON.stringify(sarif(hits)))
}

function run(
  inputs: Readonly<Record<string, string>>,
  event?: { readonly name: string; readonly payload: unknown },
) {
  const path = join(repository.temp, 'event.json')
  writeFileSync(path, JSON.stringify(event?.payload ?? {}))
  return runBundle({
    action: 'sast-gate',
    source: true,
    workspace: repository.folder,
    // As on a pull request of a fork: nothing that could write.
    token: '',
    inputs: { reports: 'probe probe.sarif exit=0 outcome=success', ...inputs },
    env: { GITHUB_SHA: head, GITHUB_EVENT_NAME: event?.name ?? 'push', GITHUB_EVENT_PATH: path },
  })
}

const errors = ({ commands }: Awaited<ReturnType<typeof run>>) =>
  commands.filter(({ name }) => name === 'error').map(({ message }) => message)

test('nothing found by a scan that looked is green, with a SARIF and a baseline to hand on', async () => {
  report([])
  const ended = await run({})
  expect(ended.outputs).toMatchObject({
    verdict: 'pass',
    'reason-code': 'findings-clean',
    state: 'clean',
    new: '0',
    blocking: '0',
  })
  expect(ended.code).toBe(0)
  expect(ended.outputs.baseline).toMatch(/findings-baseline\.json$/)
})

test('a new finding fails the step, stands at its line, and says how to suppress it', async () => {
  report([{ file: 'src/a.js', line: 2 }])
  const ended = await run({})
  expect(ended.outputs).toMatchObject({
    verdict: 'fail',
    'reason-code': 'findings-blocking',
    state: 'findings',
    blocking: '1',
  })
  expect(ended.code).toBe(1)
  const [annotation] = ended.commands.filter(({ properties }) => properties.file === 'src/a.js')
  expect(annotation).toMatchObject({ name: 'error', properties: { line: '2' } })
  expect(annotation?.message).toMatch(/fingerprint [0-9a-f]{16}$/)
  expect(ended.summary).toContain('src/a.js:2')
})

test('of 30 new findings the ten worst stand at their lines, and all of them in the summary', async () => {
  const hits = Array.from({ length: 30 }, (_, at) => ({
    file: `src/${at}.js`,
    line: 1,
    properties: { 'security-severity': at >= 20 ? '9.8' : '7.5' },
  }))
  report(hits)
  const ended = await run({})
  const own = ended.commands.filter(
    ({ name, properties }) => name === 'error' && properties.file !== undefined,
  )
  expect(own.length).toBeGreaterThan(5)
  expect(own.length).toBeLessThanOrEqual(10)
  for (const { properties } of own) expect(properties.title).toContain('critical')
  for (const { file } of hits) expect(ended.summary).toContain(`${file}:1`)
})

test('a missing report, a failed step and a crash are incomplete, which fails, and each is named', async () => {
  report([])
  const reports = 'gone gone.sarif\nprobe probe.sarif exit=2 outcome=failure'
  const ended = await run({ reports })
  expect(ended.outputs).toMatchObject({
    verdict: 'unknown',
    'reason-code': 'findings-incomplete',
    state: 'incomplete',
  })
  expect(ended.code).toBe(1)
  const said = errors(ended).join('\n')
  for (const says of [/gone\.sarif is not there/, /ended as "failure"/, /exited with 2/])
    expect(said).toMatch(says)
})

test('a line of `reports` of another form is refused with the form', async () => {
  const ended = await run({ reports: 'probe probe.sarif exits=0' })
  expect(ended.outputs).toMatchObject({ verdict: 'fail', 'reason-code': 'invalid-input' })
  expect(errors(ended)[0]).toMatch(/Next step: Write one report a line/)
})

describe('events', () => {
  const pull = () => ({
    pull_request: { base: { sha: base }, head: { sha: head, repo: { fork: true } } },
  })
  const group = () => ({ merge_group: { base_sha: base, head_sha: head } })

  test.each([
    ['a pull request of a fork', 'pull_request', pull],
    ['a group of the merge queue', 'merge_group', group],
  ])('%s is judged by the policy of its base, without a token', async (_, name, payload) => {
    const policy = "version: 1\nrules: [{ paths: ['**'], severity: off }]\n"
    head = repository.commit({ 'findings.yaml': policy })
    report([{ file: 'src/a.js', line: 2 }])
    const ended = await run({}, { name, payload: payload() })
    expect(ended.outputs).toMatchObject({ verdict: 'fail', state: 'findings', new: '1' })
    expect(ended.result).toMatchObject({ data: { base, commit: head } })
  })

  test('a pull request knows what the base had', async () => {
    report([{ file: 'src/a.js', line: 1 }])
    report([{ file: 'src/a.js', line: 1 }], 'base.sarif')
    const ended = await run({ 'base-reports': 'probe base.sarif' }, { name: 'pull_request', payload: pull() })
    expect(ended.outputs).toMatchObject({ verdict: 'pass', state: 'clean', new: '0' })
  })

  test('a pull request without a base in its payload is refused', async () => {
    report([])
    const ended = await run({}, { name: 'pull_request', payload: {} })
    expect(ended.outputs).toMatchObject({ verdict: 'fail', 'reason-code': 'findings-base-missing' })
  })
})

import { readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Hit, newRepository, type Repository, sarif } from '../../../testkit/findings/index.ts'
import { spawnExec } from '../../system/index.ts'
import { type CheckRequest, type CheckResult, checkFindings } from './check.ts'

let repository: Repository
beforeEach(() => {
  repository = newRepository()
})
afterEach(() => repository.remove())

const code = [
  'start()',
  'eval(a)',
  `far("${'x'.repeat(120)}")`,
  'eval(b)',
  `end("${'y'.repeat(120)}")`,
  '',
].join('\n')
const probe = { tool: 'probe', path: 'probe.sarif' }

/** Reports are files of the job, not of the commit. */
function report(name: string, hits: readonly Hit[] | string): string {
  const path = join(repository.temp, name)
  writeFileSync(path, typeof hits === 'string' ? hits : JSON.stringify(sarif(hits)))
  return path
}

function run(request: Partial<CheckRequest> = {}) {
  const { PATH = '' } = process.env
  return checkFindings(
    {
      exec: spawnExec,
      env: { PATH, HOME: repository.temp },
      signal: new AbortController().signal,
      folder: repository.folder,
    },
    {
      reports: [{ ...probe, path: join(repository.temp, 'probe.sarif') }],
      baseReports: [],
      requireTools: ['probe'],
      policyFile: 'findings.yaml',
      policyFromHead: false,
      judged: [],
      temp: repository.temp,
      today: new Date('2026-11-21T12:00:00Z'),
      ...request,
    },
  )
}

async function answered(request?: Partial<CheckRequest>): Promise<CheckResult> {
  const result = await run(request)
  if (!result.ok) throw new Error(result.fault.cause)
  return result.value
}

const flawsOf = ({ answer }: CheckResult) => answer.flaws.map(({ code: flaw }) => flaw)
const newOf = ({ answer }: CheckResult) =>
  answer.judged
    .filter(({ newness }) => newness === 'new')
    .map(({ finding }) => `${finding.location?.file}:${finding.location?.line}`)

describe('against the same scan of the base commit', () => {
  const baseReports = () => [{ ...probe, path: report('base.sarif', [{ file: 'src/a.js', line: 2 }]) }]

  test('what moved down is known, what was added is new', async () => {
    const base = repository.commit({ 'src/a.js': code.replace('eval(b)', 'fine()') })
    repository.commit({ 'src/a.js': `// one\n// more\n${code}` })
    report(
      'probe.sarif',
      [4, 6].map((line) => ({ file: 'src/a.js', line })),
    )
    const result = await answered({ base, baseReports: baseReports() })
    expect(newOf(result)).toEqual(['src/a.js:6'])
    expect(result.answer.state).toBe('findings')
  })

  test('a file that Git sees as renamed keeps its findings', async () => {
    const base = repository.commit({ 'src/a.js': code })
    repository.commit({ 'src/a.js': undefined, 'lib/b c.js': `// moved\n${code}` })
    report('probe.sarif', [{ file: 'lib/b c.js', line: 3 }])
    const result = await answered({ base, baseReports: baseReports() })
    expect([newOf(result), result.answer.state]).toEqual([[], 'clean'])
  })

  test('a new finding on a line that nobody touched is new', async () => {
    const base = repository.commit({ 'src/a.js': code, 'src/source.js': 'safe()\n' })
    repository.commit({ 'src/source.js': 'unsafe()\n' })
    report(
      'probe.sarif',
      [2, 4].map((line) => ({ file: 'src/a.js', line })),
    )
    expect(newOf(await answered({ base, baseReports: baseReports() }))).toEqual(['src/a.js:4'])
  })

  test('a base scan that failed excuses nothing', async () => {
    const base = repository.commit({ 'src/a.js': code })
    report('probe.sarif', [{ file: 'src/a.js', line: 2 }])
    const failed = await answered({ base, baseReports: [{ ...probe, path: report('base.sarif', '{}') }] })
    expect(flawsOf(failed)).toContain('baseline-unreadable')
    expect(failed.answer.state).toBe('incomplete')
  })
})

describe('against the baseline of an earlier run', () => {
  test('the next run knows its findings again, with the day of the first sight, over new commits', async () => {
    repository.commit({ 'src/a.js': code })
    report('probe.sarif', [{ file: 'src/a.js', line: 2 }])
    const first = await answered()
    expect([newOf(first), first.hasBaseline]).toEqual([['src/a.js:2'], false])
    expect(readFileSync(first.baselineOut, 'utf8')).not.toContain('eval(a)')
    repository.commit({ 'src/a.js': `\n\n\n${code}` })
    report(
      'probe.sarif',
      [5, 7].map((line) => ({ file: 'src/a.js', line })),
    )
    const today = new Date('2026-12-21T12:00:00Z')
    const second = await answered({ baselineFile: first.baselineOut, today })
    expect(newOf(second)).toEqual(['src/a.js:7'])
    const known = second.answer.judged.find(({ newness }) => newness === 'known')
    expect(known?.firstSeen).toBe('2026-11-21T12:00:00.000Z')
  })

  test.each([
    ['is not there', undefined],
    ['is no JSON', 'x'],
    ['is of another form', '{"schema":"tuesday/findings-baseline/v2","runs":[]}'],
  ])('one that %s is no green', async (_, text) => {
    repository.commit({ 'src/a.js': code })
    report('probe.sarif', [])
    const path = join(repository.temp, 'baseline.json')
    if (text !== undefined) writeFileSync(path, text)
    const result = await answered({ baselineFile: path })
    expect([result.answer.state, ...flawsOf(result)]).toEqual(['incomplete', 'baseline-unreadable'])
  })

  /** The baseline of the given lines, as an earlier run wrote it. */
  async function baselineOf(lines: readonly number[]): Promise<string> {
    report(
      'probe.sarif',
      lines.map((line) => ({ file: 'src/a.js', line })),
    )
    return readFileSync((await answered()).baselineOut, 'utf8')
  }

  test('a committed one is that of the base, and a change may not add to it', async () => {
    repository.commit({ 'src/a.js': code })
    const [short, long] = [await baselineOf([2]), await baselineOf([2, 4])]
    const base = repository.commit({ 'baseline.json': short })
    repository.commit({ 'baseline.json': long })
    const grown = await answered({ base, baselineFile: 'baseline.json' })
    expect([newOf(grown), flawsOf(grown)]).toEqual([['src/a.js:4'], ['baseline-grown']])
  })

  test('a committed one may get shorter, and its entries may move with their file', async () => {
    repository.commit({ 'src/a.js': code })
    const [long, short] = [await baselineOf([2, 4]), await baselineOf([2])]
    const base = repository.commit({ 'baseline.json': long })
    repository.commit({
      'baseline.json': short.replaceAll('src/a.js', 'src/b.js'),
      'src/a.js': undefined,
      'src/b.js': code,
    })
    report('probe.sarif', [{ file: 'src/b.js', line: 2 }])
    const shorter = await answered({ base, baselineFile: 'baseline.json' })
    expect([shorter.answer.state, flawsOf(shorter)]).toEqual(['clean', []])
  })

  test('one that comes with the change excuses nothing', async () => {
    const base = repository.commit({ 'src/a.js': code })
    const own = await baselineOf([2])
    repository.commit({ 'baseline.json': own })
    const result = await answered({ base, baselineFile: 'baseline.json' })
    expect([result.hasBaseline, newOf(result)]).toEqual([false, ['src/a.js:2']])
    expect(result.notes.join()).toMatch(/comes with this change/)
  })
})

describe('the policy', () => {
  const off = "version: 1\nrules: [{ paths: ['**'], severity: off }]\n"

  test('of the change itself does not count', async () => {
    const base = repository.commit({ 'src/a.js': code })
    repository.commit({ 'findings.yaml': off })
    report('probe.sarif', [{ file: 'src/a.js', line: 2 }])
    const result = await answered({ base })
    expect(result.answer.state).toBe('findings')
    expect(result.notes.join()).toMatch(/differs in this change/)
    expect((await answered({ base, policyFromHead: true })).answer.state).toBe('clean')
  })

  test('of the base counts, even where the change deletes it', async () => {
    const base = repository.commit({ 'src/a.js': code, 'findings.yaml': off })
    repository.commit({ 'findings.yaml': undefined })
    report('probe.sarif', [{ file: 'src/a.js', line: 2 }])
    expect((await answered({ base })).answer.state).toBe('clean')
  })

  test('that is broken on the base stops, and so does one that lies outside', async () => {
    const base = repository.commit({ 'findings.yaml': 'version: 9' })
    report('probe.sarif', [])
    expect(await run({ base })).toMatchObject({ ok: false, fault: { reason: 'findings-policy-invalid' } })
    expect(await run({ policyFile: '../findings.yaml' })).toMatchObject({
      ok: false,
      fault: { reason: 'findings-path-outside' },
    })
  })
})

describe('reports', () => {
  beforeEach(() => {
    repository.commit({ 'src/a.js': code })
    report('probe.sarif', [])
  })
  const at = (path: string) => ({ reports: [{ ...probe, path }] })

  test('that is not there', async () => {
    const result = await answered(at('gone.sarif'))
    expect([result.answer.state, flawsOf(result)]).toEqual(['incomplete', ['report-missing', 'tool-missing']])
  })

  test('that is a folder', async () => {
    expect(flawsOf(await answered(at('src')))).toContain('report-missing')
  })

  test('of 200 MB is refused unread', async () => {
    const path = report('large.sarif', [])
    truncateSync(path, 200 * 1024 * 1024)
    const before = process.memoryUsage().rss
    const result = await answered(at(path))
    expect(flawsOf(result)).toContain('report-too-large')
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024)
  })

  test.each(['../../etc/passwd', '/etc/passwd'])('at %s are outside', async (path) => {
    expect(await run(at(path))).toMatchObject({ ok: false, fault: { reason: 'findings-path-outside' } })
  })

  test('behind a link out of the checkout are outside', async () => {
    symlinkSync('/etc/passwd', join(repository.folder, 'link.sarif'))
    expect(await run(at('link.sarif'))).toMatchObject({
      ok: false,
      fault: { reason: 'findings-path-outside' },
    })
  })

  test('whose finding points behind a link do not make the file read', async () => {
    symlinkSync('/etc', join(repository.folder, 'etc'))
    report('probe.sarif', [{ file: 'etc/passwd', line: 1 }])
    const { answer } = await answered()
    expect(answer.judged.map(({ finding }) => [finding.code, finding.fingerprints])).toEqual([
      [undefined, undefined],
    ])
  })
})

test('a base that the checkout does not have, and no checkout, are told apart', async () => {
  repository.commit({ 'src/a.js': code })
  report('probe.sarif', [])
  expect(await run({ base: 'f'.repeat(40) })).toMatchObject({
    ok: false,
    fault: { reason: 'findings-base-missing' },
  })
  repository.git('update-ref', '-d', 'HEAD')
  expect(await run()).toMatchObject({ ok: false, fault: { reason: 'findings-checkout-unreadable' } })
})

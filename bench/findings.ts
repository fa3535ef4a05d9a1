/**
 * sast-gate over 25,000 results in four runs, against a scan of the base commit with the same findings shifted by a few
 * lines and 100 of them new: time and memory of reading, matching, deciding and writing, Git included.
 *
 *     npm run -s bench:findings [-- RESULTS]
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { checkFindings } from '../src/findings/index.ts'
import { spawnExec } from '../src/system/index.ts'
import { newRepository, sarif } from '../testkit/findings/index.ts'

const results = Number(process.argv[2] ?? 25_000)
const runs = 4
const perFile = 50
const fresh = 100

const repository = newRepository()
try {
  const files = Math.ceil(results / perFile)
  const source = (file: number, shift: number) =>
    `${'// moved down\n'.repeat(shift)}${Array.from({ length: perFile * 4 }, (_, line) => `call_${file}_${line}(input, "${line % 7}")\n`).join('')}`
  const tree = (shift: number) =>
    Object.fromEntries(Array.from({ length: files }, (_, file) => [`src/${file}.js`, source(file, shift)]))
  const base = repository.commit(tree(0))
  repository.commit(tree(3))
  const hit = (index: number, shift: number) => ({
    file: `src/${Math.floor(index / perFile)}.js`,
    line: (index % perFile) * 4 + 1 + shift,
    rule: `rule-${index % 37}`,
  })
  const report = (name: string, shift: number, count: number) => {
    const hits = Array.from({ length: count }, (_, index) => hit(index, shift))
    const own = Array.from({ length: runs }, (_, run) => ({
      ...sarif(hits.filter((_hit, index) => index % runs === run)).runs[0],
      automationDetails: { id: `part-${run}/` },
    }))
    const path = join(repository.temp, name)
    writeFileSync(path, JSON.stringify({ version: '2.1.0', runs: own }))
    return { tool: 'probe', path }
  }
  const now = report('now.sarif', 3, results)
  const then = report('then.sarif', 0, results - fresh)
  const { PATH = '' } = process.env
  const before = process.resourceUsage().maxRSS
  const cpu = process.cpuUsage()
  const start = performance.now()
  const checked = await checkFindings(
    {
      exec: spawnExec,
      env: { PATH, HOME: repository.temp },
      signal: new AbortController().signal,
      folder: repository.folder,
    },
    {
      reports: [now],
      baseReports: [then],
      requireTools: ['probe'],
      policyFile: 'findings.yaml',
      policyFromHead: false,
      base,
      judged: [],
      temp: repository.temp,
      today: new Date(),
    },
  )
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  if (!checked.ok) throw new Error(checked.fault.cause)
  const { judged, state } = checked.value.answer
  const found = judged.filter(({ newness }) => newness === 'new').length
  console.log(
    JSON.stringify({
      bench: 'findings',
      results,
      runs,
      files,
      state,
      new: found,
      seconds: Number(seconds.toFixed(2)),
      cpuSeconds: Number(((user + system) / 1e6).toFixed(2)),
      megabytesBefore: Math.round(before / 1024),
      megabytes: Math.round(process.resourceUsage().maxRSS / 1024),
    }),
  )
  if (found !== fresh) process.exitCode = 1
} finally {
  repository.remove()
}

/**
 * What an action costs before it does anything: a run of each bundle that stops on wrong inputs, against an empty
 * Node process started in turn with it, and the bytes that a runner downloads. One JSON line a figure.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { bytesOf, shippedFiles } from '../scripts/bundle/files.ts'
import { actionFolders } from '../testkit/runner/index.ts'

const root = dirname(import.meta.dirname)
const rounds = Number(process.argv.find((word) => word.startsWith('--rounds='))?.slice(9) ?? 15)
const goals = {
  ratio: 3.6,
  memoryMiB: 75,
  entryBytes: 1_000_000,
  shippedBytes: 12_000_000,
  archiveBytes: 8_000_000,
}

const folder = mkdtempSync(join(tmpdir(), 'bench-start-'))
let missed = 0
try {
  for (const action of actionFolders()) await measure(action)
  sizes()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = missed > 0 ? 1 : 0

function figure(name: string, value: number, unit: string, goal: number, more: object = {}): void {
  const met = value <= goal
  if (!met) missed += 1
  console.log(JSON.stringify({ bench: 'start', figure: name, value, unit, goal, met, ...more }))
}

async function measure(action: string): Promise<void> {
  const bundle = join(root, 'actions', action, 'dist', 'index.js')
  const empty = join(folder, 'empty.mjs')
  writeFileSync(empty, '')
  const pairs: { readonly floor: number; readonly run: number }[] = []
  // The first pair warms the file cache and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    const floor = await timed(empty, 0)
    const run = await timed(bundle, 1)
    if (round > 0) pairs.push({ floor, run })
  }
  const ratio = median(pairs.map(({ floor, run }) => run / floor))
  const [floorMs, runMs] = [median(pairs.map(({ floor }) => floor)), median(pairs.map(({ run }) => run))]
  const machine = { rounds, node: process.version, cpu: cpus()[0]?.model, cores: cpus().length }
  figure(`${action}: wall time to an empty node`, round(ratio, 2), 'x', goals.ratio, {
    emptyMs: round(floorMs, 1),
    runMs: round(runMs, 1),
    ...machine,
  })
  figure(`${action}: peak memory`, round((await peakKiB(bundle)) / 1024, 1), 'MiB', goals.memoryMiB, {
    emptyMiB: round((await peakKiB(empty)) / 1024, 1),
  })
  figure(`${action}: entry`, bytesOf(root, `actions/${action}/dist/index.js`), 'bytes', goals.entryBytes)
}

function sizes(): void {
  const files = shippedFiles(root)
  const bytes = files.reduce((sum, path) => sum + bytesOf(root, path), 0)
  figure('all shipped files', bytes, 'bytes', goals.shippedBytes, { files: files.length })
  // What stands in the working tree and is not ignored: the archive of the next commit.
  const list = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  })
  const paths = [...new Set(list.split('\0'))].filter((path) => path !== '').sort()
  const archive = execFileSync('tar', ['--null', '-T', '-', '--ignore-failed-read', '-cf', '-'], {
    cwd: root,
    input: paths.join('\0'),
    maxBuffer: 1 << 30,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  figure('repository archive, gzipped', gzipSync(archive).length, 'bytes', goals.archiveBytes, {
    files: paths.length,
  })
}

/** Wall time of a process from its start to its end; an unexpected exit code is no measurement. */
async function timed(file: string, expected: number): Promise<number> {
  const started = performance.now()
  const code = await run([file])
  const ms = performance.now() - started
  if (code !== expected) throw new Error(`${file} ended with ${code}, not ${expected}`)
  return ms
}

/** Largest resident set of a process, which it writes down itself when it exits. */
async function peakKiB(file: string): Promise<number> {
  const note = join(folder, 'peak')
  const preload = join(folder, 'peak.mjs')
  const write = `writeFileSync(${JSON.stringify(note)}, String(process.resourceUsage().maxRSS))`
  writeFileSync(preload, `import { writeFileSync } from 'node:fs'\nprocess.on('exit', () => ${write})`)
  await run(['--import', pathToFileURL(preload).href, file])
  return Number(readFileSync(note, 'utf8'))
}

function run(args: readonly string[]): Promise<number | null> {
  const [output, summary] = [join(folder, 'output'), join(folder, 'summary')]
  for (const path of [output, summary]) writeFileSync(path, '')
  const env = {
    PATH: process.env.PATH,
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
    'INPUT_NO-SUCH-INPUT': 'x',
  }
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env, stdio: 'ignore' })
    child.once('error', reject)
    child.once('exit', resolve)
  })
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

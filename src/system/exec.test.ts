import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { ExecOptions } from '../release/index.ts'
import { spawnExec } from './exec.ts'

const node = process.execPath
const options = (more: Partial<ExecOptions> = {}): ExecOptions => ({
  env: {},
  timeoutMs: 120_000,
  signal: new AbortController().signal,
  ...more,
})
const script = (source: string, more?: Partial<ExecOptions>) => spawnExec(node, ['-e', source], options(more))

test('returns exit code and both streams', async () => {
  const result = await script('console.log("out"); console.error("err"); process.exitCode = 3')
  expect(result).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' })
})

test('arguments are not seen by a shell', async () => {
  const hostile = '$(id); `id` "\'\n*'
  const result = await spawnExec(node, ['-p', 'process.argv[1]', hostile], options())
  expect(result.stdout).toBe(`${hostile}\n`)
})

test('the child has the given environment and no other', async () => {
  process.env.SECRET_OF_THE_PARENT = 'leak'
  const result = await script('console.log(JSON.stringify(process.env))', { env: { ONLY: 'this' } })
  delete process.env.SECRET_OF_THE_PARENT
  expect(JSON.parse(result.stdout)).toMatchObject({ ONLY: 'this' })
  expect(result.stdout).not.toContain('leak')
})

test('standard input is handed on, and a program that does not read it is no failure', async () => {
  expect((await script('process.stdin.pipe(process.stdout)', { stdin: 'Grüße\n' })).stdout).toBe('Grüße\n')
  expect((await script('', { stdin: 'x'.repeat(1_000_000) })).code).toBe(0)
})

test('lines come one by one, the last one also without a newline', async () => {
  const lines: string[] = []
  await script('process.stdout.write("a\\r\\nb\\nc"); process.stderr.write("e")', {
    onLine: (line, stream) => lines.push(`${stream}:${line}`),
  })
  expect(lines.filter((line) => line.startsWith('stdout'))).toEqual(['stdout:a', 'stdout:b', 'stdout:c'])
  expect(lines).toContain('stderr:e')
})

test('a program that cannot be started is a rejected promise', async () => {
  await expect(spawnExec('no-such-program-anywhere', [], options())).rejects.toThrow(/ENOENT/)
})

test('an aborted signal starts nothing', async () => {
  const signal = AbortSignal.abort(new Error('cancelled'))
  await expect(script('', { signal })).rejects.toThrow('cancelled')
})

// The parent prints the pid of a child of its own, which would outlive it. A shell, since it starts in no time.
const family = ['-c', 'sleep 300 & echo $!; wait']

test.runIf(process.platform === 'linux').each([
  ['a time-out', { timeoutMs: 3_000 }, /took longer than 3000 ms/],
  ['an abort', { aborts: true }, /enough/],
])(
  '%s ends the whole family',
  async (_, { aborts, ...more }: Partial<ExecOptions> & { aborts?: boolean }, why) => {
    const abort = new AbortController()
    let pid = 0
    const onLine = (line: string) => {
      pid = Number(line)
      if (aborts) abort.abort(new Error('enough'))
    }
    await expect(spawnExec('sh', family, options({ signal: abort.signal, ...more, onLine }))).rejects.toThrow(
      why,
    )
    expect(pid).toBeGreaterThan(0)
    await expect.poll(() => alive(pid), { timeout: 20_000 }).toBe(false)
  },
)

test.runIf(process.platform === 'linux')('a program that ignores SIGTERM is killed', async () => {
  const started = performance.now()
  const stubborn = 'trap "" TERM; while :; do sleep 1; done'
  await expect(spawnExec('sh', ['-c', stubborn], options({ timeoutMs: 2_000 }))).rejects.toThrow(
    /took longer/,
  )
  expect(performance.now() - started).toBeLessThan(30_000)
})

test('of a long standard error the end is kept and the cut is stated', async () => {
  const { stderr } = await script('process.stderr.write("x".repeat(3_000_000) + "the end")')
  expect(stderr).toMatch(/^\[\d+ bytes before this were cut\]\n/)
  expect(stderr).toMatch(/the end$/)
  expect(stderr.length).toBeLessThan(1024 * 1024 + 100)
})

test('standard output beyond the bound fails: a part of it would be taken for the whole', async () => {
  const flood =
    'const b = Buffer.alloc(1 << 20, 97); const f = () => { while (process.stdout.write(b)); process.stdout.once("drain", f) }; f()'
  await expect(script(flood)).rejects.toThrow(/more than 64 MiB/)
})

/** A zombie has ended: where process 1 reaps nobody, an orphan keeps its pid. */
function alive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runnerEnv } from './testing/host.ts'

const door = JSON.stringify(join(import.meta.dirname, 'index.ts'))

/** An entry in a process of its own; `signal` is sent when it prints "ready". */
async function entry(handler: string, signal?: NodeJS.Signals) {
  const folder = mkdtempSync(join(tmpdir(), 'entry-'))
  const file = join(folder, 'main.mjs')
  const outputFile = join(folder, 'output')
  const summaryFile = join(folder, 'summary')
  writeFileSync(outputFile, '')
  writeFileSync(summaryFile, '')
  writeFileSync(
    file,
    `import { defineAction, runAction } from ${door}
    const action = defineAction({ name: 'probe', description: 'Probe.', inputs: {} })
    const done = { verdict: 'pass', reason: 'done', message: 'Done.' }
    await runAction(action, ${handler})`,
  )
  const env = { ...runnerEnv, GITHUB_OUTPUT: outputFile, GITHUB_STEP_SUMMARY: summaryFile }
  const started = performance.now()
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
    if (signal !== undefined && stdout.includes('ready')) child.kill(signal)
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  const ms = performance.now() - started
  const [output = '', summary = ''] = [outputFile, summaryFile].map((path) =>
    existsSync(path) ? readFileSync(path, 'utf8') : '',
  )
  rmSync(folder, { recursive: true, force: true })
  return { code, stdout, stderr, output, summary, ms }
}

test('outputs and summary stand in the files of the runner', async () => {
  const { code, output, summary, stdout } = await entry(
    "async () => ({ ...done, summary: [{ title: 'Title', body: 'Body' }] })",
  )
  expect([code, stdout]).toEqual([0, 'Done.\n'])
  expect(output).toMatch(
    /^verdict<<(ghadelimiter_.*)\npass\n\1\nreason-code<<(.*)\ndone\n\2\nresult<<(.*)\n\{.*\}\n\3\n$/,
  )
  expect(summary).toMatch(/^### probe: pass \(done\)\n\nDone\.\n.*### Title\n\nBody\n\n$/s)
})

test('an open socket or timer does not hold the step', async () => {
  const { code, ms } = await entry('async () => { setInterval(() => {}, 1000); return done }')
  expect(code).toBe(0)
  expect(ms).toBeLessThan(20_000)
})

test.runIf(process.platform !== 'win32').each(['SIGINT', 'SIGTERM'] as const)(
  '%s gives the handler time to leave a stated end',
  async (signal) => {
    const { code, stdout, output } = await entry(
      `async ({ signal, clock, logger, endState }) => {
        endState('prod-us stays at 25 %.')
        setTimeout(() => logger.info('ready'), 10)
        await clock.sleep(30_000, signal)
        return done
      }`,
      signal,
    )
    expect(code).toBe(1)
    expect(stdout).toMatch(/Cancelled; 7 s to come to a stated end/)
    expect(stdout).toMatch(
      /::error title=probe%3A cancelled::The run was cancelled\. prod-us stays at 25 %25\./,
    )
    expect(output).toMatch(/\nunknown\n.*\ncancelled\n/s)
  },
)

test.each([
  [
    'thrown in a timer',
    "() => new Promise(() => { setTimeout(() => { throw new Error('lost') }, 5); setInterval(() => {}, 1000) })",
    /Error: lost/,
  ],
  [
    'rejected by nobody’s promise',
    "() => new Promise(() => { Promise.reject(new Error('lost')); setInterval(() => {}, 1000) })",
    /Error: lost/,
  ],
  ['stuck on nothing', '() => new Promise(() => {})', /stopped waiting for something that never comes/],
  ['not an error', "() => Promise.reject('text')", /Unexpected: text/],
])('%s ends as our fault and prints no source', async (_, handler, why) => {
  const { code, stdout, stderr, output } = await entry(handler)
  expect(code).toBe(1)
  expect(stdout).toMatch(why)
  expect(stdout).toMatch(/defect of Tuesday/)
  expect(output).toContain('internal-error')
  expect(stderr).toBe('')
  expect(stdout).not.toContain('setInterval')
})

test('an answer that cannot be written is said in one line', async () => {
  const gone = "(await import('node:fs')).rmSync(process.env.GITHUB_OUTPUT)"
  const { code, stdout, stderr } = await entry(`async () => { ${gone}; return done }`)
  expect(code).toBe(1)
  expect(stdout).toMatch(/^::error::The answer of this run could not be written: Error: Missing file at path/)
  expect(stderr).toBe('')
})

test('a run whose log is read by nobody any more ends instead of spinning', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'entry-'))
  const file = join(folder, 'main.mjs')
  writeFileSync(
    file,
    `import { defineAction, runAction } from ${door}
    const action = defineAction({ name: 'probe', description: 'Probe.', inputs: {} })
    await runAction(action, async ({ logger, clock, signal }) => {
      for (;;) { logger.info('still here'); await clock.sleep(50, signal) }
    })`,
  )
  const child = spawn(process.execPath, [file], { env: runnerEnv, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await new Promise((resolve) => child.stdout.once('data', resolve))
  child.stdout.destroy()
  child.stderr.destroy()
  expect(
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 10_000, 'still running'))]),
  ).toBe(1)
  rmSync(folder, { recursive: true, force: true })
})

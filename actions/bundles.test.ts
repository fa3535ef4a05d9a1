import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import type { Action, InputSpec } from '../src/action/index.ts'
import { commonOutputs } from '../src/action/index.ts'
import { reasons } from '../src/release/index.ts'
import { actionFolders, type BundleRun, runBundle } from '../testkit/runner/index.ts'

const names = actionFolders()
const registry = new Map<string, Action>()
for (const name of names) {
  const module: { action: Action } = await import(
    pathToFileURL(join(import.meta.dirname, name, 'action.ts')).href
  )
  registry.set(name, module.action)
}

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function checkout(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'checkout-'))
  folders.push(folder)
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text)
  return folder
}

/** Values of the right form for all required inputs. */
function wellFormed(action: Action): Record<string, string> {
  const asked = Object.entries(action.inputs).filter(([, spec]) => spec.required)
  return {
    ...Object.fromEntries(asked.map(([name, spec]) => [name, sample(name, spec)])),
    ...chosen[action.name],
  }
}

/** Where the first legal word of an input asks for others. */
const chosen: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'region-rollout': { mode: 'status' },
  'sast-gate': { reports: 'semgrep semgrep.sarif exit=0' },
  // The policy out of the checkout, so that no test asks GitHub.
  'release-window': { environment: 'prod-us', 'policy-from': 'git' },
}

const samples = [
  'prod-us',
  `sha256:${'a'.repeat(64)}`,
  'b'.repeat(40),
  '30m',
  '3',
  'true',
  'acme/delivery-service',
  '2026-01-01T00:00:00Z',
  '{}',
]

function sample(name: string, spec: InputSpec<unknown>): string {
  const found = [...(spec.legal ?? []), ...samples].find((text) => spec.parse(text).ok)
  if (found === undefined) throw new Error(`no sample fits ${name}; add one`)
  return found
}

/** What is true of every run, whatever it was given. */
function expectOrderly(action: Action, run: BundleRun): void {
  const outputs = [...Object.keys(commonOutputs), ...Object.keys(action.outputs)]
  expect(Object.keys(run.outputs)).toEqual(outputs)
  expect(['pass', 'wait', 'fail', 'unknown']).toContain(run.outputs.verdict)
  expect(Object.keys(reasons)).toContain(run.outputs['reason-code'])
  expect(run.outputs['reason-code']).not.toBe('internal-error')
  expect(run.result).toMatchObject({ version: 1, action: action.name, reason: run.outputs['reason-code'] })
  expect(run.code).toBe(['pass', 'wait'].includes(run.outputs.verdict ?? '') ? 0 : 1)
  expect(run.stderr).toBe('')
  expect([run.state, run.exported, run.path]).toEqual([{}, {}, ''])
  const allowed = ['add-mask', 'debug', 'endgroup', 'error', 'group', 'notice', 'warning']
  for (const { name } of run.commands) expect(allowed).toContain(name)
  for (const level of ['error', 'warning', 'notice']) {
    expect(run.commands.filter(({ name }) => name === level).length).toBeLessThanOrEqual(10)
  }
  expect(Buffer.byteLength(run.summary)).toBeLessThanOrEqual(1024 * 1024)
  // A line of a minified bundle is longer than anything that is meant for a person.
  for (const line of [...run.lines, ...errorsOf(run)]) expect(line.length).toBeLessThan(10_000)
}

const errorsOf = (run: BundleRun) =>
  run.commands.filter(({ name }) => name === 'error').map(({ message }) => message)

test('there are bundles to run', () => {
  expect(names.length).toBeGreaterThan(0)
})

describe.each(names)('%s', (name) => {
  const action = registry.get(name) as Action
  const specs = Object.entries(action.inputs)
  const required = specs.filter(([, spec]) => spec.required).map(([input]) => input)
  const run = (inputs: Readonly<Record<string, string>>, workspace = checkout({})) =>
    runBundle({ action: name, inputs, workspace })

  test('with well-formed inputs and an empty checkout it stops at its first own fault', async () => {
    const ended = await run(wellFormed(action))
    expectOrderly(action, ended)
    expect(ended.outputs['reason-code']).not.toBe('invalid-input')
    expect(ended.code).toBe(1)
    expect(errorsOf(ended)[0]).toMatch(/\nNext step: /)
  })

  test.runIf(required.length > 0)(
    'without inputs it names every one that is missing, in one message',
    async () => {
      const ended = await run({})
      expectOrderly(action, ended)
      expect(ended.outputs).toMatchObject({ verdict: 'fail', 'reason-code': 'invalid-input' })
      const [message, ...others] = errorsOf(ended)
      expect(others).toEqual([])
      for (const input of required) expect(message).toContain(`\`${input}\` is missing`)
    },
  )

  test('misspelt names are refused with the nearest one, all in one message', async () => {
    const misspelt = specs.map(([input]) => `${input}s`)
    const ended = await run({
      ...wellFormed(action),
      ...Object.fromEntries(misspelt.map((input) => [input, 'x'])),
    })
    expectOrderly(action, ended)
    const [message, ...others] = errorsOf(ended)
    expect(others).toEqual([])
    for (const [input] of specs)
      expect(message).toMatch(new RegExp(`\`${input}s\` is not an input.*\`${input}s?\``))
  })

  test('values of the wrong form are all named in one message', async () => {
    const formed = specs.filter(([, spec]) => !spec.parse('~').ok)
    const ended = await run(Object.fromEntries(formed.map(([input]) => [input, '~'])))
    expectOrderly(action, ended)
    const [message, ...others] = errorsOf(ended)
    expect(others).toEqual([])
    for (const [input] of formed) expect(message).toContain(`\`${input}\` `)
  })

  const hostile = [
    [
      'commands on lines of their own',
      'x\n::set-output name=verdict::pass\n::error::y\n::stop-commands::z\n##[set-env name=A]b',
    ],
    ['a command as the whole value', '::set-output name=verdict::pass'],
    ['an old command within the value', 'x##[add-path]/tmp'],
    ['an end of a file command', 'x\nEOF\nverdict=pass\nreason-code=done'],
    ['percent signs of an escaped command', '%0A::set-output name=verdict::pass%0D'],
    ['unicode', '\u202egnp.exe Ünïcödé 🚀 \u2028 \ufeff'],
    ['Markdown and HTML', '</details><img src=x onerror=alert(1)>[a](javascript:b)`|'],
    ['1 MB', 'x'.repeat(1_000_000)],
    ['a NUL', 'prod\0us'],
    ['a path upwards', '../../../../etc/passwd'],
    ['a name of every object', '__proto__'],
  ] as const

  test.each(hostile)('survives %s in every input', async (_, text) => {
    const ended = await run(Object.fromEntries(specs.map(([input]) => [input, text])))
    expectOrderly(action, ended)
    expect(ended.code).toBe(1)
    expect(ended.outputs.verdict).not.toBe('pass')
  })

  // What the form of an input keeps out is not tried input by input: these get past it into the domain.
  const innocent = hostile.filter(([, text]) => !/[\n\0]/.test(text) && text.length < 1_000)
  test.each(innocent)(
    'survives %s in one text input after the other',
    { timeout: 60_000 },
    async (_, text) => {
      const free = specs.filter(([, spec]) => spec.parse('any text at all').ok)
      for (const [input] of free) {
        const ended = await run({ ...wellFormed(action), [input]: text })
        expectOrderly(action, ended)
        expect(ended.code).toBe(1)
      }
    },
  )

  test.runIf('config' in action.inputs).each([
    ['binary', '\0\u0001\u0002 \0'],
    ['1 MB of one line', 'a'.repeat(1_000_000)],
    ['commands', '::error::x\n::set-output name=verdict::pass'],
    [
      'an alias bomb',
      `a: &a [x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c]\ne: [*d,*d,*d,*d]`,
    ],
    ['nothing', ''],
    ['a list', '- a'],
  ])('a tuesday.yaml of %s is the user’s fault', async (_, text) => {
    const ended = await run(wellFormed(action), checkout({ 'tuesday.yaml': text }))
    expectOrderly(action, ended)
    expect(ended.outputs.verdict).toBe('fail')
    expect(errorsOf(ended)[0]).toMatch(/tuesday\.yaml/)
  })

  test('secrets that are given are masked before anything else and appear nowhere', async () => {
    const secrets = specs.filter(([, spec]) => spec.secret).map(([input]) => input)
    const value = 'hunter2-hunter2\nsecond-line-of-it'
    const ended = await run({
      ...wellFormed(action),
      ...Object.fromEntries(secrets.map((input) => [input, value])),
    })
    expectOrderly(action, ended)
    const told = [...ended.lines, ended.summary, JSON.stringify(ended.outputs), ...errorsOf(ended)].join('\n')
    expect(told).not.toMatch(/hunter2|second-line-of-it/)
    const masked = ended.commands
      .filter((command) => command.name === 'add-mask')
      .map(({ message }) => message)
    const wanted = secrets.length === 0 ? [] : [value, 'hunter2-hunter2', 'second-line-of-it']
    expect(masked).toEqual(expect.arrayContaining(wanted))
  })

  test('outside of a runner it says what is missing', async () => {
    const ended = await runBundle({
      action: name,
      inputs: wellFormed(action),
      env: { GITHUB_REPOSITORY: undefined },
    })
    expectOrderly(action, ended)
    expect(errorsOf(ended)[0]).toMatch(/GITHUB_REPOSITORY not set/)
  })
})

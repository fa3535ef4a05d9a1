import fc from 'fast-check'
import { expect, test } from 'vitest'
import { input } from './inputs.ts'
import { defineAction, jobToken } from './registry.ts'
import { environmentName, readInputs } from './validate.ts'

type Hex = string & { readonly __brand: 'Hex' }

const action = defineAction({
  name: 'probe',
  description: 'Probe.',
  inputs: {
    config: input.text({ default: 'tuesday.yaml', description: 'Path of tuesday.yaml.' }),
    environment: input.text({ required: true, description: 'Name of the environment. And more.' }),
    digest: input.text({ pattern: /^sha256:[0-9a-f]{4}$/, form: 'an image digest', description: 'Digest.' }),
    mode: input.oneOf(['adopt', 'propose', 'next'], { default: 'next', description: 'Mode.' }),
    'dry-run': input.boolean({ default: 'false', description: 'Dry.' }),
    hold: input.duration({ default: '30m', min: '1s', max: '5h', description: 'Hold.' }),
    attempts: input.integer({ min: 1, max: 9, default: '3', description: 'Attempts.' }),
    facts: input.json({
      read: (value) =>
        typeof value === 'object' && value !== null && 'region' in value
          ? { ok: true, value: { region: String(value.region) } }
          : { ok: false, why: 'has no region' },
      description: 'Facts.',
    }),
    workloads: input.list({ description: 'Workloads.' }),
    days: input.list({ legal: ['Mon', 'Tue'], description: 'Days.' }),
    regions: input.list({ default: '', description: 'Regions.' }),
    commit: input.parsed({
      form: 'a commit id',
      example: '40 hex digits',
      read: (text) => (/^[0-9a-f]{40}$/.test(text) ? (text as Hex) : undefined),
      description: 'Commit.',
    }),
    token: input.secret({ default: jobToken, description: 'Token.' }),
  },
})

const read = (given: Record<string, string>) =>
  readInputs(
    action,
    Object.fromEntries(Object.entries(given).map(([name, value]) => [environmentName(name), value])),
  )

const fault = (given: Record<string, string>) => {
  const inputs = read({ environment: 'prod-us', ...given })
  return inputs.ok ? undefined : inputs.fault.cause
}

test('fills in defaults and gives each input its type', () => {
  const inputs = read({
    environment: ' prod-us\n',
    workloads: ' api \n\n relay\n',
    facts: '{"region":"us"}',
    hold: '90s',
  })
  expect(inputs.ok && inputs.values).toEqual({
    config: 'tuesday.yaml',
    environment: 'prod-us',
    digest: undefined,
    mode: 'next',
    'dry-run': false,
    hold: 90_000,
    attempts: 3,
    facts: { region: 'us' },
    workloads: ['api', 'relay'],
    days: undefined,
    regions: [],
    commit: undefined,
    token: jobToken,
    'fail-on': 'fail',
  })
})

test.each([
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
])('boolean %s', (text, value) => {
  const inputs = read({ environment: 'x', 'dry-run': text })
  expect(inputs.ok && inputs.values['dry-run']).toBe(value)
})

test.each([
  ...['yes', 'no', 'on', 'off', '1', '0', 'y', 'tRUE'].map(
    (text) => ['dry-run', text, /write true or false/] as const,
  ),
  ['mode', 'adpot', /`mode` is "adpot"; legal: adopt, propose, next; did you mean adopt\?/],
  ['mode', 'zzzzzz', /legal: adopt, propose, next$/],
  ['mode', 'NEXT', /did you mean next\?/],
  ['hold', '30', /has no unit: 30s or 30m\?/],
  ['hold', '1.5h', /not a duration/],
  ['hold', '-5m', /not a duration/],
  ['hold', '100ms', /the least is 1s/],
  ['hold', '6h', /the most is 5h/],
  ['attempts', '10', /whole number from 1 to 9/],
  ['attempts', '0x3', /whole number/],
  ['attempts', '1e0', /whole number/],
  ['facts', '{"region":', /`facts` is not JSON/],
  ['facts', '[]', /has no region/],
  ['workloads', 'api\napi', /names "api" twice/],
  ['days', 'Mon\nTeu', /names "Teu"; legal: Mon, Tue; did you mean Tue\?/],
  ['digest', 'latest', /`digest` is "latest", not an image digest/],
  ['commit', 'abc', /`commit` is "abc", not a commit id such as 40 hex digits/],
  ['config', 'a\nb', /goes over several lines/],
  ['config', 'a\rb', /goes over several lines/],
  ['config', 'a\u001b[31mb', /control character/],
  ['config', 'a\0b', /NUL/],
  ['token', 'a\0b', /NUL/],
  ['config', 'x'.repeat(70_000), /has 70000 bytes; the most is 65536/],
  ['facts', `"${'ü'.repeat(300_000)}"`, /has 600002 bytes; the most is 524288/],
] as const)('%s: %j is refused', (name, text, why) => {
  expect(fault({ [name]: text })).toMatch(why)
})

test('all that is wrong comes in one message', () => {
  const cause = fault({ environment: '', mode: 'x', 'dry-run': 'yes', hold: '5' })
  expect(cause).toMatch(/^4 inputs of probe are wrong:\n/)
  expect(cause).toMatch(/- `environment` is missing \(text\): Name of the environment\.\n/)
  expect(cause?.split('\n')).toHaveLength(5)
})

test.each([
  ['dry_run', 'dry-run'],
  ['dryrun', 'dry-run'],
  ['Dry-Run ', undefined],
  ['confg', 'config'],
  ['workload', 'workloads'],
])('an input %s that does not exist is refused with the nearest one', (name, meant) => {
  const cause = fault({ [name]: 'true' })
  expect(cause).toMatch(/is not an input of probe/)
  if (meant !== undefined) expect(cause).toContain(`did you mean \`${meant}\`?`)
})

test('a name near to none lists what there is; a misspelt required input is said once', () => {
  expect(fault({ banana: '1' })).toMatch(/it has `config`, `environment`/)
  const cause = fault({ environment: '', enviroment: 'prod-us' })
  expect(cause).toBe('Input of probe: `enviroment` is not an input of probe; did you mean `environment`?')
})

test('secrets are known also when the inputs are wrong, and are never told', () => {
  const inputs = read({ token: 'hunter2hunter2\nline', mode: 'x' })
  expect(inputs.secrets).toEqual(['hunter2hunter2\nline'])
  expect(!inputs.ok && inputs.fault.cause).not.toContain('hunter2')
  const long = read({ environment: 'x', token: 'hunter2'.repeat(20_000) })
  expect(!long.ok && long.fault.cause).toMatch(/`token` has 140000 bytes/)
})

test('whatever stands in the inputs, the answer is values or one fault without control characters', () => {
  const names = [...Object.keys(action.inputs), 'other', 'a b', '']
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('::error::x', 'a\n::set-output name=verdict::pass'),
  )
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), text), (given) => {
      const inputs = read(given)
      if (inputs.ok) {
        // A property that returns what a matcher returns would be judged by it.
        expect(inputs.values.environment).not.toBe('')
        return
      }
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(inputs.fault.cause).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
      for (const line of inputs.fault.cause.split('\n')) expect(line).not.toMatch(/^\s*::/)
    }),
  )
})

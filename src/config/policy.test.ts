import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, loadConfig, policyHash } from './index.ts'
import { edited, sample } from './sample.fixture.ts'

function hash(text: string): string {
  const loaded = loadConfig(text, 'tuesday.yaml')
  if (!loaded.ok) throw new Error(loaded.fault.cause)
  return policyHash(loaded.value)
}

test.each([
  ['a comment', edited('service: orders', 'service: orders # ours')],
  ['a default written out', edited('train:\n', 'train:\n  spacing: 20h\n')],
  ['the same time in another unit', edited('5: 30m', '5: 1800s')],
  [
    'the order of keys',
    edited('  timezone: UTC\n  order: [prod-a, prod-b]\n', '  order: [prod-a, prod-b]\n  timezone: UTC\n'),
  ],
  [
    'a dashboard',
    edited('timezone: Europe/Berlin', 'timezone: Europe/Berlin\n    dashboards: [https://a.example]'),
  ],
  ['a runner', edited('[self-hosted, eu]', '[self-hosted, eu-2]')],
])('%s changes no policy', (_name, text) => {
  expect(hash(text)).toBe(hash(sample))
})

test.each([
  ['the order of regions', edited('[prod-a, prod-b]', '[prod-b, prod-a]')],
  ['a hold', edited('5: 30m', '5: 29m')],
  ['a window', edited('"09:00"', '"08:00"')],
  ['an approval', edited('slos:\n', 'approvals: { required: 2 }\nslos:\n')],
  ['the source of the evidence', edited('"http://prometheus:9090/"', 'http://other:9090')],
  ['what is counted', edited('code=~"5..$"', 'code=~"50[03]"')],
  ['where a pin is written', edited('branch: live', 'branch: main')],
  [
    'which database is migrated',
    edited('{ url-env: DATABASE_URL }\n    window', '{ url-env: OTHER_URL }\n    window'),
  ],
])('%s is policy', (_name, text) => {
  expect(hash(text)).not.toBe(hash(sample))
})

test('canonical JSON does not depend on the order of keys and reads back as the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      expect(canonicalJson(reversed(value))).toBe(canonicalJson(value))
    }),
  )
  expect(canonicalJson({ b: 1, a: [true, null, 'é"'], A: undefined, é: {} })).toBe(
    '{"a":[true,null,"é\\""],"b":1,"é":{}}',
  )
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  )
}

import { expect, test } from 'vitest'
import { type Config, configWarnings, environment, loadConfig, region } from './index.ts'
import { edited, sample } from './sample.fixture.ts'

function load(text: string): Config {
  const loaded = loadConfig(text, 'tuesday.yaml')
  if (!loaded.ok) throw new Error(loaded.fault.cause)
  return loaded.value
}

test('an environment is found by its name, a stage is no region', () => {
  const config = load(sample)
  expect(environment(config, 'staging')).toMatchObject({ ok: true, value: { name: 'staging' } })
  expect(region(config, 'prod-b')).toMatchObject({ ok: true, value: { name: 'prod-b' } })
  expect(region(config, 'staging')).toMatchObject({
    ok: false,
    fault: { cause: '`staging` is no region of this service.', next: 'Use one of `prod-a`, `prod-b`.' },
  })
})

test.each([
  ['prod_a', '`prod_a` is no environment of this service. Did you mean `prod-a`?'],
  ['stagin', '`stagin` is no environment of this service. Did you mean `staging`?'],
  ['mars', '`mars` is no environment of this service.'],
  ['', '`` is no environment of this service.'],
  ['constructor', '`constructor` is no environment of this service.'],
  ['__proto__', '`__proto__` is no environment of this service. Did you mean `prod-a`?'],
  ['a\n::error::b', '`a\ufffd::error::b` is no environment of this service.'],
])('%j is answered with what is known', (name, cause) => {
  expect(environment(load(sample), name)).toMatchObject({
    ok: false,
    fault: {
      blame: 'user',
      reason: 'environment-unknown',
      cause,
      next: 'Use one of `staging`, `prod-a`, `prod-b`.',
    },
  })
})

const argocd = 'argocd: { application: orders-b, context: hub }'
const anyTime = edited(argocd, `any-time: true\n    ${argocd}`)
const rule = '{ name: once, regions: [prod-b], dates: ["2026-12-05"], from: "10:00", to: "12:00" }'
const usual = { days: ['Mon', 'Tue', 'Wed', 'Thu'], fromMinute: 540, toMinute: 720 }

test.each<[string, string, object | undefined]>([
  ['without a word is that of the first four mornings', sample, usual],
  ['is none where any time will do', anyTime, undefined],
  ['is none where a rule opens', edited('slos:', `calendar:\n  allow: [${rule}]\nslos:`), undefined],
])('the window of a region %s', (_name, text, expected) => {
  expect(load(text).environments['prod-b']?.window).toEqual(expected)
})

test('what is allowed and probably not wanted is a warning', () => {
  const unsigned =
    '`image.verify` is not set: an image is pinned without a look at its signature and its provenance; write `off` if that is meant.'
  expect(configWarnings(load(sample))).toEqual([unsigned])
  const off = edited('acme/orders\n', 'acme/orders\n  verify: off\n')
  expect(configWarnings(load(off))).toEqual([])
  const noWindow = '`environments.prod-b` is `any-time`: it moves at any hour of any day.'
  expect(configWarnings(load(anyTime))).toEqual([unsigned, noWindow])
  const metrics = sample.slice(sample.indexOf('  metrics:'), sample.indexOf('migrations:'))
  const slos = sample.slice(sample.indexOf('slos:'), sample.indexOf('canary:'))
  const bare = edited(slos, 'approvals: { required: 0 }\n', edited(metrics, '', anyTime))
  expect(configWarnings(load(bare))).toEqual([
    '`canary.metrics` is empty: the canary waits at each weight and nothing is compared.',
    '`slos` is empty: no bake can tell a good hour from a bad one.',
    '`approvals.required` is 0: a release reaches production unseen.',
    unsigned,
    noWindow,
  ])
})

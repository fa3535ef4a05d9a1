import { expect, test } from 'vitest'
import { unwrap } from '../release/index.ts'
import { loadConfig } from './load.ts'
import { policyHash } from './policy.ts'
import { edited, sample } from './sample.fixture.ts'

const load = (text: string) => unwrap(loadConfig(text, 'tuesday.yaml'))
const workflow = 'https://github.com/acme/orders/.github/workflows/build.yml@refs/heads/main'
const withVerify = (verify: string) => edited('acme/orders\n', `acme/orders\n  verify: ${verify}\n`)

test.each<[string, string, object]>([
  [
    'a key',
    `{ workflow: "${workflow}", key: deploy/cosign.pub }`,
    { trust: { kind: 'key', file: 'deploy/cosign.pub' }, source: 'https://github.com/acme/orders' },
  ],
  [
    'a trusted root and a workflow of another repository',
    `{ workflow: "${workflow.replace('orders', 'builds')}", trusted-root: root.json, source: https://github.com/acme/orders }`,
    {
      trust: { kind: 'keyless', file: 'root.json' },
      source: 'https://github.com/acme/orders',
      issuer: 'https://token.actions.githubusercontent.com',
    },
  ],
])('image.verify with %s', (_, text, expected) => {
  expect(load(withVerify(text)).image.verify).toMatchObject(expected)
})

test.each([
  ['no word for what is trusted', `{ workflow: "${workflow}" }`],
  ['two', `{ workflow: "${workflow}", key: a.pub, trusted-root: b.json }`],
  ['a workflow without its branch', `{ workflow: "${workflow.split('@')[0]}", key: a.pub }`],
  ['another word than off', 'on'],
  ['an unknown key', `{ workflow: "${workflow}", key: a.pub, keyless: true }`],
])('image.verify with %s is refused', (_, text) => {
  const loaded = loadConfig(withVerify(text), 'tuesday.yaml')
  expect(loaded).toMatchObject({
    ok: false,
    fault: { reason: 'config-invalid', cause: expect.stringMatching(/image\.verify/) },
  })
})

test('an approval does not outlive a change of what an image has to prove', () => {
  const hashes = [sample, withVerify('off'), withVerify(`{ workflow: "${workflow}", key: a.pub }`)].map(
    (text) => policyHash(load(text)),
  )
  expect(new Set(hashes).size).toBe(3)
})

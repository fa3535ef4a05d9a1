import { expect, test } from 'vitest'
import { parseRepository } from './repository.ts'

test.each([
  ['ghcr.io/acme/api', 'https://ghcr.io', 'acme/api'],
  ['registry.example.com:5000/a/b-c/d__e', 'https://registry.example.com:5000', 'a/b-c/d__e'],
  ['127.0.0.1:5000/a', 'http://127.0.0.1:5000', 'a'],
  ['localhost/a', 'http://localhost', 'a'],
  ['localhost.example.com/a', 'https://localhost.example.com', 'a'],
  ['docker.io/library/node', 'https://registry-1.docker.io', 'library/node'],
])('%s', (text, origin, name) => {
  expect(parseRepository(text)).toMatchObject({ ok: true, value: { origin, name, text } })
})

test.each([
  '',
  'api',
  'ghcr.io/',
  'ghcr.io/Acme/api',
  'ghcr.io/a:tag',
  'ghcr.io/a@sha256:1',
  'ghcr.io/a//b',
  '-x.io/a',
  'https://ghcr.io/a',
])('%j is refused', (text) => {
  expect(parseRepository(text)).toMatchObject({ ok: false, fault: { reason: 'image-repository-invalid' } })
})

test('an upper-case owner is named as the reason', () => {
  expect(parseRepository('ghcr.io/Acme/api')).toMatchObject({
    fault: { likely: expect.stringMatching(/upper-case/) },
  })
})

import { expect, test } from 'vitest'
import { type HostRules, targetOf } from './hosts.ts'

const rules: HostRules = { allowed: [], servers: [] }

test.each<[string, Partial<HostRules>]>([
  ['http://127.0.0.1:8080', {}],
  ['http://localhost/api', {}],
  ['http://[::1]:1', {}],
  ['http://service.test:8080', { allowed: ['service.test'] }],
  ['http://product-api.test', { allowed: ['product-api.test'] }],
  [
    'http://localhost',
    { environment: 'staging', servers: [{ url: 'https://api.example.com', description: 'production' }] },
  ],
])('%s may be tested', (url, more) => expect(targetOf(url, { ...rules, ...more }).ok).toBe(true))

test.each<[string, Partial<HostRules>, RegExp]>([
  ['http://service.test', {}, /neither the loopback nor listed/],
  ['http://127.0.0.1.example.com', {}, /neither/],
  ['https://api.prod.example.com', { allowed: ['api.prod.example.com'] }, /named as production/],
  ['https://prod-us.example.com', { allowed: ['prod-us.example.com'] }, /named as production/],
  ['https://live.example.com', { allowed: ['live.example.com'] }, /named as production/],
  ['http://127.0.0.1', { environment: 'prod-us' }, /environment is prod-us/],
  ['http://127.0.0.1', { environment: 'Production' }, /environment is Production/],
  [
    'https://api.example.com',
    {
      allowed: ['api.example.com'],
      servers: [{ url: 'https://api.example.com/v1', description: 'Production, US' }],
    },
    /description calls/,
  ],
  ['http://a:b@127.0.0.1', {}, /password/],
  ['ftp://127.0.0.1', {}, /no http/],
  ['127.0.0.1:80', {}, /no http/],
])('%s is refused', (url, more, why) => {
  const target = targetOf(url, { ...rules, ...more })
  expect(target.ok ? '' : `${target.fault.reason} ${target.fault.cause}`).toMatch(why)
})

import { expect, test } from 'vitest'
import { parseDatabaseUrl } from './database-url.ts'

test.each([
  ['postgres://u@127.0.0.1/d', { host: '127.0.0.1', port: 5432, tls: 'off', warnings: [] }],
  ['postgresql://u:p%40s@[::1]:6000/d', { host: '::1', port: 6000, password: 'p@s', tls: 'off' }],
  ['postgres://u@db.example.com/d', { host: 'db.example.com', tls: 'verify-full', warnings: [] }],
  ['postgres://u@db.example.com/d?sslrootcert=/ca.pem', { tls: 'verify-full', authorities: '/ca.pem' }],
  [
    'postgres://u@db.example.com/d?sslmode=disable',
    { tls: 'off', warnings: [expect.stringMatching(/without TLS/)] },
  ],
  ['postgres://u@localhost/d?sslmode=verify-full', { tls: 'verify-full' }],
  ['postgres://u@socket/d?host=/run/pg', { host: '/run/pg', tls: 'off' }],
  ['postgres://u@localhost/d?options=-c%20x', { warnings: [expect.stringMatching(/options/)] }],
])('%s', (url, expected) => {
  expect(parseDatabaseUrl(url)).toMatchObject({ ok: true, value: expected })
})

test.each([
  ['', /not a URL/],
  ['mysql://u@h/d', /mysql/],
  ['postgres://h/d', /no user/],
  ['postgres://u:hunter2@h', /no database/],
  ['postgres://u:hunter2@h/d?sslmode=require', /sslmode=require/],
  ['postgres://u:hunter2@h/d?sslmode=on', /"on"/],
  ['postgres://u:hunt%er2@h/d', /percent/],
])('%s is refused without its password', (url, cause) => {
  const result = parseDatabaseUrl(url)
  expect(result).toMatchObject({
    ok: false,
    fault: { reason: 'database-url-invalid', cause: expect.stringMatching(cause) },
  })
  expect(JSON.stringify(result)).not.toMatch(/hunter2|hunt%er2/)
})

import { expect, test } from 'vitest'
import type { Exec } from '../release/index.ts'
import { parseDatabaseUrl } from './database-url.ts'
import { type CloudLogin, logIn } from './login.ts'

const rds = 'postgres://migrator@orders.cluster-x.eu-central-1.rds.amazonaws.com/orders'

async function tried(
  login: CloudLogin,
  url: string,
  answer: { code: number; stdout: string; stderr?: string },
) {
  const address = parseDatabaseUrl(url)
  if (!address.ok) throw new Error(address.fault.cause)
  const asked: string[] = []
  const masked: string[] = []
  const exec: Exec = async (command, args) => {
    asked.push([command, ...args].join(' '))
    return { stderr: '', ...answer }
  }
  const signal = new AbortController().signal
  const result = await logIn(login, address.value, { exec, env: {}, signal, mask: (one) => masked.push(one) })
  return { result, asked, masked }
}

test.each<[CloudLogin, string, string]>([
  [
    'rds-iam',
    rds,
    'aws rds generate-db-auth-token --hostname orders.cluster-x.eu-central-1.rds.amazonaws.com --port 5432 --username migrator --region eu-central-1',
  ],
  ['cloud-sql-iam', 'postgres://me@10.0.0.3/orders', 'gcloud sql generate-login-token'],
])('%s takes a fresh token as the password and masks it', async (login, url, command) => {
  const { result, asked, masked } = await tried(login, url, { code: 0, stdout: 'token\n' })
  expect(result).toMatchObject({ ok: true, value: { password: 'token' } })
  expect(asked).toEqual([command])
  expect(masked).toEqual(['token'])
})

test.each<[string, CloudLogin, string, { code: number; stdout: string; stderr?: string }, string]>([
  [
    'no login',
    'rds-iam',
    rds,
    { code: 255, stdout: '', stderr: 'Unable to locate credentials' },
    'database-login-refused',
  ],
  ['nothing said', 'cloud-sql-iam', rds, { code: 0, stdout: '\n' }, 'database-login-refused'],
  [
    'a host outside of RDS',
    'rds-iam',
    'postgres://me@db.example.com/x',
    { code: 0, stdout: 'token' },
    'database-url-invalid',
  ],
  [
    'no TLS',
    'rds-iam',
    'postgres://me@localhost/x?sslmode=disable',
    { code: 0, stdout: 'token' },
    'database-url-invalid',
  ],
])('%s is told', async (_, login, url, answer, reason) => {
  const { result } = await tried(login, url, answer)
  expect(result).toMatchObject({ ok: false, fault: { reason } })
})

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { boundedFetch } from './fetch.ts'
import { tlsFetch } from './tls.ts'

const folder = mkdtempSync(join(tmpdir(), 'tls-'))
const file = (name: string) => join(folder, name)
const pem = (name: string) => readFileSync(file(name), 'utf8')
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })

let server: Server
let url = ''
beforeAll(async () => {
  const fresh = (name: string) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-days', '2']
  openssl('req', '-x509', ...fresh('ca'), '-out', 'ca.pem', '-subj', '/CN=authority')
  const signedBy = ['-CA', 'ca.pem', '-CAkey', 'ca.key']
  const host = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  openssl('req', '-x509', ...fresh('server'), '-out', 'server.pem', ...host, ...signedBy)
  openssl('req', '-x509', ...fresh('client'), '-out', 'client.pem', '-subj', '/CN=gate', ...signedBy)
  server = createServer(
    {
      cert: pem('server.pem'),
      key: pem('server.key'),
      ca: pem('ca.pem'),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      const { CN } = (request.socket as TLSSocket).getPeerCertificate().subject
      response.setHeader('x-client', String(CN))
      response.end(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`)
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}, 30_000)
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true })
})

const none = { retries: 0 }

describe('a server that asks for a client certificate of its own authority', () => {
  it('is reached with both, and hears the request as it was made', async () => {
    const fetch = tlsFetch({ ca: pem('ca.pem'), cert: pem('client.pem'), key: pem('client.key') }, {}, none)
    const answer = await fetch(`${url}/api?query=up`, { headers: { authorization: 'Bearer x' } })
    expect([answer.status, answer.headers.get('x-client')]).toEqual([200, 'gate'])
    expect(await answer.text()).toBe('GET /api?query=up Bearer x')
  })

  it('is not trusted without its authority, and does not answer without a certificate', async () => {
    const identity = { cert: pem('client.pem'), key: pem('client.key') }
    await expect(tlsFetch(identity, {}, none)(url)).rejects.toThrow()
    await expect(tlsFetch({ ca: pem('ca.pem') }, {}, none)(url)).rejects.toThrow()
    await expect(boundedFetch(none)(url)).rejects.toThrow()
  })
})

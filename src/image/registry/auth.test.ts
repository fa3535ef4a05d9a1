import { expect, test } from 'vitest'
import { startServer } from '../../../testkit/http/index.ts'
import { systemClock } from '../../system/index.ts'
import { parseRepository } from '../repository.ts'
import { type Credentials, parseChallenge } from './auth.ts'
import { registryClient } from './client.ts'
import { dockerCredentials } from './docker-config.ts'

test.each([
  ['Basic realm="x"', { scheme: 'basic' }],
  [
    'Bearer realm="https://auth.example.com/token",service="reg",scope="repository:a/b:pull,push"',
    {
      scheme: 'bearer',
      realm: 'https://auth.example.com/token',
      service: 'reg',
      scope: 'repository:a/b:pull,push',
    },
  ],
  ['bearer realm=https://a.example/t', { scheme: 'bearer', realm: 'https://a.example/t' }],
  ['Bearer realm="no url"', undefined],
  ['Negotiate', undefined],
  [null, undefined],
])('challenge %s', (header, expected) => {
  expect(parseChallenge(header)).toEqual(expected)
})

const manifestType = 'application/vnd.oci.image.manifest.v1+json'

/** A registry that wants a token, and the issuer of the token, on one port. */
async function guarded(
  issue: (request: {
    readonly authorization: string
    readonly body: string
    readonly query: URLSearchParams
  }) => boolean,
) {
  const server = await startServer({
    onDefect: (error) => ({ status: 500, body: { error: String(error) } }),
    handle: (request) => {
      const authorization = request.headers.authorization ?? ''
      if (request.path === '/token') {
        const body = request.body.toString()
        if (!issue({ authorization, body, query: request.query })) return { status: 401, body: {} }
        return { status: 200, body: { access_token: 'good' } }
      }
      if (authorization !== 'Bearer good') {
        const realm = `http://${request.headers.host}/token`
        return {
          status: 401,
          headers: { 'www-authenticate': `Bearer realm="${realm}",service="reg",scope="repository:a:pull"` },
          body: {},
        }
      }
      return { status: 200, headers: { 'content-type': manifestType }, body: Buffer.from('{}') }
    },
  })
  const repository = parseRepository(`${server.host}/a`)
  if (!repository.ok) throw new Error(repository.fault.cause)
  const read = (credentials: Credentials | undefined) =>
    registryClient({ fetch, clock: systemClock(), credentials: async () => credentials }).manifest(
      repository.value,
      'tag',
      new AbortController().signal,
    )
  return { read, close: () => server.close() }
}

test('a password is sent to the issuer of tokens, with service and scope', async () => {
  const seen: string[] = []
  const registry = await guarded(({ authorization, query }) => {
    seen.push(`${Buffer.from(authorization.slice('Basic '.length), 'base64')} ${query}`)
    return true
  })
  expect(await registry.read({ kind: 'password', username: 'u', password: 'p:w' })).toMatchObject({
    ok: true,
    value: { mediaType: manifestType },
  })
  expect(seen).toEqual(['u:p:w service=reg&scope=repository%3Aa%3Apull'])
  await registry.close()
})

test('an identity token is exchanged, and public images need no login', async () => {
  const registry = await guarded(
    ({ authorization, body }) =>
      authorization === '' && (body === '' || /grant_type=refresh_token&refresh_token=idt/.test(body)),
  )
  expect((await registry.read({ kind: 'identity', token: 'idt' })).ok).toBe(true)
  expect((await registry.read(undefined)).ok).toBe(true)
  await registry.close()
})

test('a refused login is the fault of a person', async () => {
  const registry = await guarded(() => false)
  expect(await registry.read({ kind: 'password', username: 'u', password: 'w' })).toMatchObject({
    ok: false,
    fault: { blame: 'user', reason: 'registry-login' },
  })
  await registry.close()
})

test.each<[name: string, config: string | undefined, host: string, found: Credentials | undefined]>([
  [
    'a password',
    JSON.stringify({ auths: { 'ghcr.io': { auth: Buffer.from('u:p:w').toString('base64') } } }),
    'ghcr.io',
    { kind: 'password', username: 'u', password: 'p:w' },
  ],
  [
    'an identity token',
    JSON.stringify({ auths: { 'https://r.io': { auth: '', identitytoken: 't' } } }),
    'r.io',
    { kind: 'identity', token: 't' },
  ],
  [
    'Docker Hub by its old address',
    JSON.stringify({
      auths: { 'https://index.docker.io/v1/': { auth: Buffer.from('u:p').toString('base64') } },
    }),
    'docker.io',
    { kind: 'password', username: 'u', password: 'p' },
  ],
  [
    'a helper for one host',
    JSON.stringify({ credHelpers: { 'ecr.example': 'ecr-login' } }),
    'ecr.example',
    { kind: 'password', username: 'AWS', password: 'helped' },
  ],
  [
    'a store for all',
    JSON.stringify({ credsStore: 'desktop' }),
    'x.io',
    { kind: 'identity', token: 'stored' },
  ],
  ['another host', JSON.stringify({ auths: { 'ghcr.io': { auth: 'dTpw' } } }), 'quay.io', undefined],
  ['a hostile helper name', JSON.stringify({ credsStore: '../../evil x' }), 'x.io', undefined],
  ['a damaged file', '{', 'ghcr.io', undefined],
  ['no file', undefined, 'ghcr.io', undefined],
])('Docker configuration with %s', async (_, config, host, found) => {
  const masked: string[] = []
  const find = dockerCredentials({
    config,
    env: {},
    mask: (secret) => void masked.push(secret),
    exec: async (command, args, { stdin }) => {
      const answers: Record<string, string> = {
        'docker-credential-ecr-login get ecr.example': '{"Username":"AWS","Secret":"helped"}',
        'docker-credential-desktop get x.io': '{"Username":"<token>","Secret":"stored"}',
      }
      const stdout = answers[`${command} ${args.join(' ')} ${stdin}`]
      return { code: stdout === undefined ? 1 : 0, stdout: stdout ?? '', stderr: '' }
    },
  })
  expect(await find(host, new AbortController().signal)).toEqual(found)
  expect(masked).toEqual(
    found === undefined ? [] : [found.kind === 'identity' ? found.token : found.password],
  )
})

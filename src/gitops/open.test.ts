import { describe, expect, it } from 'vitest'
import type { Exec } from '../release/index.ts'
import { type OpenOptions, openGitOps } from './open.ts'

const told: { env: Readonly<Record<string, string>>[]; masked: string[] } = { env: [], masked: [] }
const exec: Exec = async (_program, _args, { env }) => {
  told.env.push({ ...env })
  return { code: 128, stdout: '', stderr: 'fatal: repository not found' }
}

function options(over: { at?: string; inputs?: Partial<OpenOptions['inputs']> }): OpenOptions {
  told.env.length = 0
  told.masked.length = 0
  return {
    at: { repository: over.at ?? 'acme/delivery-gitops', branch: 'main' },
    inputs: { gitops: 'git', 'github-token': 'secret-token', ...over.inputs },
    runner: {
      serverUrl: 'https://github.com',
      apiUrl: 'https://api.github.com',
      graphqlUrl: 'https://api.github.com/graphql',
      temp: '/nonexistent',
    },
    env: { PATH: '/usr/bin' },
    exec,
    fetch: async () => new Response(),
    clock: { now: () => new Date(0), sleep: async () => {} },
    logger: { debug() {}, info() {}, notice() {}, warn() {}, group: (_title, body) => body() },
    mask: (secret) => void told.masked.push(secret),
  }
}

const basic = Buffer.from('x-access-token:secret-token').toString('base64')

describe('the GitOps repository', () => {
  it.each<[string, Parameters<typeof options>[0], string]>([
    ['by the API of the server of the run', { inputs: { gitops: 'github' } }, 'https://api.github.com'],
    ['by Git from the same server', {}, 'https://github.com/acme/delivery-gitops.git'],
    ['by a URL of tuesday.yaml', { at: 'https://git.example.com/x.git' }, 'https://git.example.com/x.git'],
    ['by a URL of the step', { inputs: { 'gitops-url': 'file:///srv/x.git' } }, 'file:///srv/x.git'],
  ])('is reached %s', (_name, over, endpoint) => {
    expect(openGitOps(options(over))).toMatchObject({ ok: true, value: { endpoint } })
  })

  it('has an owner and a name where the API is used', () => {
    const opened = openGitOps(options({ at: 'https://git.example.com/x.git', inputs: { gitops: 'github' } }))
    expect(opened).toMatchObject({ ok: false, fault: { reason: 'gitops-url-invalid' } })
  })

  it.each<[string, Parameters<typeof options>[0], boolean]>([
    ['the server of the run', {}, true],
    ['another server', { at: 'https://git.example.com/acme/x.git' }, false],
    ['one that only begins like it', { at: 'https://github.com.example.org/acme/x.git' }, false],
  ])('gives the token to %s: %s %s', async (_name, over, given) => {
    const opened = openGitOps(options(over))
    if (!opened.ok) throw new Error(opened.fault.cause)
    await opened.value.repo.read([], AbortSignal.timeout(60_000))
    expect(told.env.length).toBeGreaterThan(0)
    const variables = JSON.stringify(told.env)
    expect(variables.includes(basic)).toBe(given)
    expect(variables.includes('secret-token')).toBe(false)
    expect(told.masked).toEqual(given ? [basic] : [])
  })
})

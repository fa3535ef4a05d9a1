import { execFile, execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { assembleLayout } from '../../src/image/index.ts'
import { type RegistryStandIn, startRegistry } from '../../testkit/registry/index.ts'

const entry = fileURLToPath(new URL('./main.ts', import.meta.url))
const example = fileURLToPath(new URL('../../examples/delivery-service/tuesday.yaml', import.meta.url))

let registry: RegistryStandIn
let temp: string
let workspace: string

beforeAll(async () => {
  registry = await startRegistry()
  temp = await mkdtemp(path.join(tmpdir(), 'tuesday-build-image-'))
  workspace = path.join(temp, 'workspace')
  await mkdir(workspace)
  const config = (await readFile(example, 'utf8')).replace('registry.example.com', registry.host)
  await writeFile(path.join(workspace, 'tuesday.yaml'), config)
  git('init', '--quiet')
  git('add', '.')
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'first')
})
afterAll(async () => {
  await registry.close()
  await rm(temp, { recursive: true })
})

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: workspace, encoding: 'utf8' }).trim()
}

/** Runs the entry as the runner does: inputs in the environment, outputs in a file. */
async function run(inputs: Readonly<Record<string, string>>, where = workspace) {
  const files = await mkdtemp(path.join(temp, 'runner-'))
  for (const name of ['output', 'summary', 'state']) await writeFile(path.join(files, name), '')
  const answer = await new Promise<{ code: number; log: string }>((done) => {
    const env = {
      PATH: process.env.PATH,
      HOME: files,
      ...Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
      ),
      GITHUB_REPOSITORY: 'acme/delivery-service',
      GITHUB_SHA: git('rev-parse', 'HEAD'),
      GITHUB_REF: 'refs/heads/main',
      GITHUB_RUN_ID: '7',
      GITHUB_ACTOR: 'someone',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_WORKSPACE: where,
      RUNNER_TEMP: files,
      GITHUB_OUTPUT: path.join(files, 'output'),
      GITHUB_STEP_SUMMARY: path.join(files, 'summary'),
      GITHUB_STATE: path.join(files, 'state'),
    }
    execFile(process.execPath, [entry], { cwd: where, env }, (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), log: stdout + stderr }),
    )
  })
  const text = await readFile(path.join(files, 'output'), 'utf8')
  const found = text.matchAll(/^([^\n]+?)<<([^\n]+)\n([\s\S]*?)\n\2$/gm)
  const summary = await readFile(path.join(files, 'summary'), 'utf8')
  return {
    ...answer,
    summary,
    outputs: Object.fromEntries([...found].map(([, name, , value]) => [name, value])),
  }
}

const layout = (name: string, text: string, user = '1000') =>
  assembleLayout({
    dir: path.join(workspace, name),
    files: [{ path: 'app', bytes: Buffer.from(text) }],
    created: new Date(0),
    labels: {},
    settings: { user },
  })

test('a layout of another tool is pushed under the commit, once; another one for the same commit is refused', async () => {
  const digest = await layout('out', 'one')
  const outputs = {
    digest,
    tag: git('rev-parse', 'HEAD'),
    reference: `${registry.host}/acme/delivery-service@${digest}`,
    platforms: 'linux/amd64',
    sizes: '{"linux/amd64":[2048]}',
    'cache-hits': '',
    sbom: '',
  }
  expect(await run({ layout: 'out' })).toMatchObject({
    code: 0,
    outputs: { verdict: 'pass', 'reason-code': 'done', ...outputs },
  })
  expect(await run({ layout: 'out' })).toMatchObject({
    code: 0,
    outputs: { 'reason-code': 'nothing-to-do', ...outputs },
  })
  // Without the layout the image is found by its tag, so no builder is looked for.
  expect(await run({})).toMatchObject({ code: 0, outputs: { 'reason-code': 'nothing-to-do', ...outputs } })
  await layout('other', 'two')
  expect(await run({ layout: 'other' })).toMatchObject({
    code: 1,
    outputs: { verdict: 'fail', 'reason-code': 'image-tag-taken', digest: '' },
  })
})

test('a secret is named by its variable; one that is written out is not repeated', async () => {
  const unset = await run({ secrets: 'npm=NPM_TOKEN' })
  expect(unset).toMatchObject({ code: 1, outputs: { 'reason-code': 'invalid-input' } })
  expect(unset.log).toMatch(/names the variable NPM_TOKEN, which is not set/)
  const written = await run({ secrets: 'npm=planted-secret!' })
  expect(written).toMatchObject({ code: 1, outputs: { 'reason-code': 'invalid-input' } })
  expect(written.log + written.summary).not.toContain('planted-secret')
})

test.each<[name: string, inputs: Record<string, string>, reason: string]>([
  ['a config that is not there', { config: 'nix.yaml' }, 'config-missing'],
  ['a commit that is not in the clone', { commit: 'd'.repeat(40) }, 'git-commit-missing'],
  ['a short commit id', { commit: 'abc1234' }, 'invalid-input'],
  ['a layout that is not there', { layout: 'nix' }, 'layout-invalid'],
  ['a platform of another spelling', { platforms: 'linux/x86_64' }, 'platform-unknown'],
])('%s', async (_, inputs, reason) => {
  expect(await run(inputs)).toMatchObject({ code: 1, outputs: { verdict: 'fail', 'reason-code': reason } })
})

test('an image that runs as root is refused, and taken with a waiver; growth is told against the live image', async () => {
  const live = await layout('out', 'one')
  await run({ layout: 'out' })
  git(
    '-c',
    'user.name=a',
    '-c',
    'user.email=a@example.com',
    'commit',
    '--quiet',
    '--allow-empty',
    '-m',
    'two',
  )
  await layout('rooted', 'three', 'root')
  expect(await run({ layout: 'rooted', live })).toMatchObject({
    code: 1,
    outputs: { verdict: 'fail', 'reason-code': 'image-root-user', digest: '' },
  })
  const waiver = 'file: Dockerfile, rule: root-user, reason: binds port 80, owner: ada, expires: "2999-01-01"'
  await writeFile(path.join(workspace, 'image-waivers.yaml'), `version: 1\nwaivers: [{ ${waiver} }]\n`)
  const taken = await run({ layout: 'rooted', live })
  expect(taken).toMatchObject({ code: 0, outputs: { 'reason-code': 'done' } })
  expect(taken.log).toMatch(/Waived by ada until 2999-01-01/)
  expect(JSON.parse(taken.outputs.result ?? '{}').data.change).toEqual({
    bytes: { before: 2048, after: 2048 },
  })
  expect(taken.summary).toMatch(/Size: 0\.0 MB to 0\.0 MB\./)
  git(
    '-c',
    'user.name=a',
    '-c',
    'user.email=a@example.com',
    'commit',
    '--quiet',
    '--allow-empty',
    '-m',
    'three',
  )
  await layout('large', 'x'.repeat(10_000))
  expect(await run({ layout: 'large', live })).toMatchObject({ outputs: { 'reason-code': 'image-grown' } })
  expect(await run({ layout: 'large', live, 'max-growth': '1000' })).toMatchObject({ code: 0 })
})

test('a secret of the job that is in the image is refused, and shown nowhere', async () => {
  git(
    '-c',
    'user.name=a',
    '-c',
    'user.email=a@example.com',
    'commit',
    '--quiet',
    '--allow-empty',
    '-m',
    'four',
  )
  await layout('leaky', 'token=planted-secret-of-the-job')
  const refused = await run({ layout: 'leaky', 'build-args': 'NPM_TOKEN=planted-secret-of-the-job' })
  expect(refused.outputs).toMatchObject({ 'reason-code': 'image-secret', digest: '' })
  expect(refused.log).toMatch(/app holds the value of NPM_TOKEN/)
  const shown =
    refused.log.replaceAll(/^::add-mask::.*$/gm, '') + refused.summary + JSON.stringify(refused.outputs)
  expect(shown).not.toContain('planted-secret')
})

test('a repository with upper-case letters is told what to write', async () => {
  const config = await readFile(path.join(workspace, 'tuesday.yaml'), 'utf8')
  await writeFile(path.join(workspace, 'upper.yaml'), config.replace('/acme/delivery', '/Acme/delivery'))
  const { code, outputs, log } = await run({ config: 'upper.yaml' })
  expect([code, outputs['reason-code']]).toEqual([1, 'config-invalid'])
  expect(log).toMatch(/image\.repository.*lower case/)
})

test('a folder that is no clone', async () => {
  const plain = path.join(temp, 'plain')
  await mkdir(plain)
  await cp(path.join(workspace, 'tuesday.yaml'), path.join(plain, 'tuesday.yaml'))
  expect(await run({}, plain)).toMatchObject({ code: 1, outputs: { 'reason-code': 'git-missing' } })
})

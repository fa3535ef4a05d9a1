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
  return { ...answer, outputs: Object.fromEntries([...found].map(([, name, , value]) => [name, value])) }
}

const layout = (name: string, text: string) =>
  assembleLayout({
    dir: path.join(workspace, name),
    files: [{ path: 'app', bytes: Buffer.from(text) }],
    created: new Date(0),
    labels: {},
  })

test('a layout of another tool is pushed under the commit, once; another one for the same commit is refused', async () => {
  const digest = await layout('out', 'one')
  const outputs = {
    digest,
    tag: git('rev-parse', 'HEAD'),
    reference: `${registry.host}/acme/delivery-service@${digest}`,
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

test.each<[name: string, inputs: Record<string, string>, reason: string]>([
  ['a config that is not there', { config: 'nix.yaml' }, 'config-missing'],
  ['a commit that is not in the clone', { commit: 'd'.repeat(40) }, 'git-commit-missing'],
  ['a short commit id', { commit: 'abc1234' }, 'invalid-input'],
  ['a layout that is not there', { layout: 'nix' }, 'layout-invalid'],
  ['a platform of another spelling', { platforms: 'linux/x86_64' }, 'platform-unknown'],
])('%s', async (_, inputs, reason) => {
  expect(await run(inputs)).toMatchObject({ code: 1, outputs: { verdict: 'fail', 'reason-code': reason } })
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

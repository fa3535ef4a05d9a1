import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildCli } from '../../scripts/bundle/cli.ts'
import { smallConfig } from '../../testkit/site/index.ts'
import { spawnExec } from '../system/index.ts'
import { baseline, config, openSite, pinsOf, regions, release, type TestSite } from './testing/site.ts'

/** The very file that a service repository carries, as a program, with nothing beside it. */
let folder = ''
let cli = ''
let site: TestSite
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'))
  cli = join(folder, 'cli.mjs')
  await buildCli(join(import.meta.dirname, '../..'), cli)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeEach(async () => {
  site = await openSite()
})
afterEach(() => site.close())

async function run(...args: readonly string[]) {
  const at = (name: string) => ({
    name,
    context: name,
    namespace: `shop-${name}`,
    application: `shop-${name}`,
  })
  const text = smallConfig({
    service: 'shop',
    workloads: config.workloads,
    gitopsUrl: `file://${site.bare}`,
    environments: regions.map(at),
  })
  writeFileSync(join(folder, 'tuesday.yaml'), text)
  const contexts = Object.fromEntries(regions.map((name) => [name, {}]))
  writeFileSync(join(folder, 'kubeconfig'), site.bench.cluster.kubeconfig(contexts))
  return spawnExec(process.execPath, [cli, 'rollback', ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder, KUBECONFIG: join(folder, 'kubeconfig') },
    timeoutMs: 60_000,
    signal: site.signal,
  })
}

async function agree(): Promise<void> {
  const { regions: seen, vetoed } = await site.state()
  for (const region of regions) {
    await site.proved(region, baseline)
    expect(seen[region]).toMatchObject({ phase: 'steady', pins: pinsOf(baseline) })
  }
  expect(vetoed.map(({ digest }) => digest)).toEqual([release])
}

describe('the command line', () => {
  it('brings every region back without GitHub, and the ledger says who and why', async () => {
    await site.stagedRelease()
    for (const region of regions) await site.verifiedIn(region)
    const { code, stdout, stderr } = await run('--fast', '--person', 'grace', '--reason', 'checkout fails')
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/Done after/)
    expect(stderr).toMatch(/case [GK] /)
    await agree()
    expect((await site.state()).halt).toMatchObject({ by: 'grace', why: 'checkout fails' })
    const again = await run('--reason', 'checkout fails', '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({ verdict: 'pass', reason: 'nothing-to-do' })
  })

  it('moves the traffic when Git refuses, is not green, and reconciles the ledger when Git is back', async () => {
    await site.stagedRelease()
    await site.verifiedIn('us')
    for (const region of regions) await site.withoutSelfHeal(region)
    const hook = join(site.bare, 'hooks', 'pre-receive')
    writeFileSync(hook, '#!/bin/sh\necho closed for maintenance\nexit 1\n')
    chmodSync(hook, 0o755)
    const { code, stdout, stderr } = await run('--reason', 'checkout fails')
    expect(code, stderr).toBe(1)
    expect(stdout).toMatch(/us: NOT PROVED.*serves 111111111111 now, but Git/)
    expect(stdout).toMatch(/closed for maintenance/)
    await site.proved('us', baseline)
    expect((await site.state()).halt).toBeUndefined()
    rmSync(hook)
    const later = await run('--reason', 'checkout fails')
    expect(later.code, later.stdout + later.stderr).toBe(0)
    await agree()
  })

  it.each([
    ['no command of it', [], 'No command'],
    ['a digest that is none', ['rollback', '--reason', 'x', '--digest', 'sha256:1'], 'is no digest'],
    ['an option that is none', ['rollback', '--force'], 'Unknown option'],
  ])('says how it is called when it is called with %s', async (_, args, words) => {
    const answer = await spawnExec(process.execPath, [cli, ...args], {
      env: {},
      timeoutMs: 20_000,
      signal: site.signal,
    })
    expect(answer.code).toBe(2)
    expect(answer.stderr).toContain(words)
  })
})

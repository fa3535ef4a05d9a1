import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CommitSha } from '../release/index.ts'
import { unwrap } from '../release/index.ts'
import { spawnExec } from '../system/index.ts'
import { type EnvironmentSource, environmentFiles } from './config-copy.ts'
import { git, lookInto, makeBare, testEnv, testFolder } from './testing/bare.ts'

describe('environmentFiles', () => {
  let folder: Awaited<ReturnType<typeof testFolder>>
  let service: string
  let first: CommitSha
  let push: ReturnType<typeof lookInto>['push']

  beforeAll(async () => {
    folder = await testFolder()
    service = join(folder.dir, 'service.git')
    await makeBare(service)
    push = lookInto(service).push
    first = await push([
      { path: 'charts/web/Chart.yaml', text: 'name: web\n' },
      { path: 'charts/web/templates/a.yaml', text: 'a: 1\r\n' },
      { path: 'charts/web/values-eu.yaml', text: 'zone: eu\n' },
      { path: 'charts/web-2/Chart.yaml', text: 'name: other\n' },
      { path: 'charts/empty/README.md', text: 'no chart\n' },
    ])
  })
  afterAll(() => folder?.remove())

  const copy = (changes: Partial<EnvironmentSource> = {}) =>
    environmentFiles({
      exec: spawnExec,
      env: testEnv,
      signal: new AbortController().signal,
      dir: service,
      commit: first,
      chart: 'charts/web/',
      values: 'charts/web/values-eu.yaml',
      path: 'environments/eu',
      pins: 'environments/eu/pins.yaml',
      present: new Map(),
      ...changes,
    })
  const reasonOf = async (changes: Partial<EnvironmentSource>) => {
    const answer = await copy(changes)
    return answer.ok ? answer.value : answer.fault.reason
  }

  it('copies the chart whole, and the values beside it under their own name in the environment', async () => {
    expect(unwrap(await copy())).toEqual([
      { path: 'environments/eu/Chart.yaml', text: 'name: web\n' },
      { path: 'environments/eu/templates/a.yaml', text: 'a: 1\r\n' },
      { path: 'environments/eu/values-eu.yaml', text: 'zone: eu\n' },
      { path: 'environments/eu/values.yaml', text: 'zone: eu\n' },
    ])
  })

  it('changes only what differs, deletes what is gone, and leaves pins and other folders alone', async () => {
    const present = new Map([
      ['environments/eu/Chart.yaml', 'name: web\n'],
      ['environments/eu/templates/a.yaml', 'a: 0\n'],
      ['environments/eu/templates/old.yaml', 'old: 1\n'],
      ['environments/eu/values-eu.yaml', 'zone: eu\n'],
      ['environments/eu/values.yaml', 'zone: eu\n'],
      ['environments/eu/pins.yaml', 'the pins\n'],
      ['environments/eu-2/x.yaml', 'x\n'],
    ])
    expect(unwrap(await copy({ present }))).toEqual([
      { path: 'environments/eu/templates/old.yaml', delete: true },
      { path: 'environments/eu/templates/a.yaml', text: 'a: 1\r\n' },
    ])
  })

  it('reads the commit, whatever came after it', async () => {
    const second = await push([{ path: 'charts/web/values-eu.yaml', text: 'zone: eu\nreplicas: 2\n' }])
    const values = async (commit: CommitSha) =>
      unwrap(await copy({ commit })).find(({ path }) => path === 'environments/eu/values.yaml')
    expect(await values(first)).toMatchObject({ text: 'zone: eu\n' })
    expect(await values(second)).toMatchObject({ text: 'zone: eu\nreplicas: 2\n' })
  })

  it('never takes a pins file from the chart', async () => {
    const commit = await push([{ path: 'charts/web/pins.yaml', text: 'release: {}\n' }])
    expect(unwrap(await copy({ commit })).map(({ path }) => path)).not.toContain('environments/eu/pins.yaml')
  })

  it.each([
    ['a missing chart', { chart: 'charts/nothing' }, 'chart-missing'],
    ['a folder that is no chart', { chart: 'charts/empty' }, 'chart-missing'],
    ['missing values', { values: 'charts/web/values-us.yaml' }, 'chart-missing'],
    ['a commit that is not there', { commit: '3'.repeat(40) as CommitSha }, 'config-commit-missing'],
    ['a chart outside of the repository', { chart: '../charts/web' }, 'gitops-path-invalid'],
  ])('stops at %s', async (_, changes, reason) => {
    expect(await reasonOf(changes)).toBe(reason)
  })

  it('tells a shallow clone what it lacks', async () => {
    await push([{ path: 'newer', text: 'x' }])
    const clone = join(folder.dir, 'shallow')
    await git(folder.dir, ['clone', '--quiet', '--depth=1', `file://${service}`, clone])
    const answer = await copy({ dir: clone })
    expect(answer.ok ? 'copied' : answer.fault).toMatchObject({
      reason: 'config-commit-missing',
      next: 'Set fetch-depth: 0 on the checkout of the job.',
    })
  })

  it('stops at a chart whose own values.yaml would be displaced', async () => {
    const commit = await push([{ path: 'charts/web/values.yaml', text: 'replicas: 1\n' }])
    expect(await reasonOf({ commit })).toBe('chart-values-displaced')
    expect(await reasonOf({ commit, values: 'charts/web/values.yaml' })).toBeInstanceOf(Array)
    await push([{ path: 'charts/web/values.yaml', text: 'zone: eu\nreplicas: 2\n' }])
  })

  it.each([
    ['an archive', { path: 'charts/web/charts/dep.tgz', bytes: Uint8Array.of(0x1f, 0x8b, 8, 0) }],
    ['a link', { path: 'charts/web/templates/link.yaml', link: '../../../secret' }],
  ])('stops at %s in the chart and names it', async (_, file) => {
    const commit = await push([
      file,
      { path: 'charts/web/values.yaml', text: 'zone: eu\n' },
      { path: 'charts/web/values-eu.yaml', text: 'zone: eu\n' },
    ])
    const answer = await copy({ commit })
    expect(answer.ok ? 'copied' : answer.fault).toMatchObject({
      reason: 'gitops-file-unreadable',
      at: { file: file.path },
    })
    // The next case starts without it.
    await git(service, ['update-ref', 'refs/heads/main', `${commit}^`])
  })

  it('says that a folder is no repository', async () => {
    const answer = await copy({ dir: folder.dir })
    expect(answer.ok ? 'copied' : answer.fault.cause).toContain('not a git repository')
  })
})

import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { fromHere, workflowFaults } from '../../scripts/docs/language-service.ts'
import { loadConfig } from '../config/index.ts'
import { unwrap } from '../release/index.ts'
import { callers, conclude, configText, look, type Sight } from './index.ts'

const example = join(import.meta.dirname, '../../examples/delivery-service')
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adoption-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

type Tree = Record<string, unknown>

/** The kept file's answer at every place that a person has to decide. */
function decided(written: Tree, kept: Tree, places: Iterable<string>): Tree {
  const result = structuredClone(written)
  for (const place of places) {
    const path = place.split('.')
    const last = path.pop() ?? ''
    const at = (tree: Tree) => path.reduce<Tree>((part, key) => part[key] as Tree, tree)
    at(result)[last] = structuredClone(at(kept)[last])
  }
  return result
}

describe('the example without its tuesday.yaml', () => {
  test('gives the kept one, but for what a person has to decide', async () => {
    await cp(example, folder, {
      recursive: true,
      filter: (path) => !/node_modules|tuesday\.yaml|\.github/.test(path),
    })
    const conclusion = conclude(await look(folder, undefined), 'delivery-service')
    const text = configText(conclusion)
    const kept = parse(await readFile(join(example, 'tuesday.yaml'), 'utf8'))
    const written = parse(text)
    const same = decided(written, kept, conclusion.decide.keys())
    const config = (tree: Tree) => unwrap(loadConfig(stringify(tree), 'tuesday.yaml'))
    expect(config(same)).toEqual(config(kept))
    // It stands by itself, too, and every mark is in the text.
    expect(loadConfig(text, 'tuesday.yaml').ok).toBe(true)
    expect(text.match(/# decide:/g)).toHaveLength(conclusion.decide.size)
    expect(conclusion.decide.size).toBeLessThan(30)
  })

  test('gives callers that the workflows take', async () => {
    await cp(example, folder, {
      recursive: true,
      filter: (path) => !/node_modules|tuesday\.yaml|\.github/.test(path),
    })
    const texts = callers(conclude(await look(folder, undefined), 'delivery-service'))
    for (const [path, text] of texts) {
      const faults = await workflowFaults(join(import.meta.dirname, '../..', path), fromHere(text))
      expect({ path, faults }).toEqual({ path, faults: [] })
    }
    const kept = (name: string) => readFile(join(example, '.github/workflows', name), 'utf8')
    // In which order a tick looks at its regions is all the same.
    const jobs = (text = '') => {
      const found = parse(text).jobs
      if (found.train !== undefined) found.train.with.regions = JSON.parse(found.train.with.regions).sort()
      return found
    }
    for (const name of ['release.yml', 'train.yml', 'rollback.yml', 'approve.yml'])
      expect(jobs(texts.get(`.github/workflows/${name}`))).toEqual(jobs(await kept(name)))
  })
})

test('a repository that says nothing gets a file that loads, with all of it marked', async () => {
  const conclusion = conclude(await look(folder, 'git@github.com:Acme/Shop.git'), 'shop')
  const text = configText(conclusion)
  expect(loadConfig(text, 'tuesday.yaml').ok).toBe(true)
  expect(parse(text)).toMatchObject({ service: 'shop', image: { repository: 'ghcr.io/acme/shop' } })
  expect([...conclusion.decide.keys()]).toEqual(
    expect.arrayContaining(['service', 'workloads', 'environments', 'gitops.repository', 'gitops.chart']),
  )
  expect(await readdir(folder)).toEqual([])
})

test('what cannot be read is passed over', async () => {
  await writeFile(join(folder, 'Chart.yaml'), 'name: [')
  await writeFile(join(folder, 'values-prod.yaml'), 'image: *nowhere')
  await writeFile(join(folder, 'app.yaml'), 'kind: Application\nspec: [')
  const sight = await look(folder, undefined)
  expect(sight).toMatchObject({ charts: [{ folder: '.' }], applications: [] })
  expect(loadConfig(configText(conclude(sight, 'shop')), 'tuesday.yaml').ok).toBe(true)
})

const nothing: Sight = {
  charts: [],
  applications: [],
  migrations: [],
  openapi: [],
  catalogues: [],
  counters: [],
}

test.each<[string, Partial<Sight>, object]>([
  [
    'a counter of the code',
    { counters: ['grpc_server_handled_total'] },
    { slos: [{ total: 'grpc_server_handled_total{namespace="$namespace"}' }] },
  ],
  [
    'a folder of migrations',
    { migrations: ['db/migrate'] },
    {
      migrations: { folder: 'db/migrate' },
      environments: { prod: { database: { 'url-env': 'DATABASE_URL' } } },
    },
  ],
  [
    'descriptions of interfaces',
    { openapi: ['api/openapi.yaml'], catalogues: ['events/catalogue.yaml'] },
    { contracts: { openapi: 'api/openapi.yaml', events: 'events/catalogue.yaml' } },
  ],
])('%s is taken up', (_name, seen, file) => {
  expect(conclude({ ...nothing, ...seen }, 'shop').file).toMatchObject(file)
})

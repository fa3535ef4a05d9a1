import { readdir, readFile } from 'node:fs/promises'
import { basename, join, posix } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { chartsOf } from './charts.ts'
import type { ApplicationSight, Sight } from './sight.ts'

const passedOver = new Set(['.git', 'node_modules', 'dist', 'build', 'vendor', 'target', '.venv'])
/** A repository with more files is looked at as far as this. */
const mostFiles = 20_000
const largestText = 512 * 1024

/** Looks at a repository without changing it. Text that cannot be read as what it seems to be is passed over. */
export async function look(root: string, remote: string | undefined): Promise<Sight> {
  const files = await listed(root)
  const texts = new Map<string, string>()
  const read = async (path: string) => {
    const known = texts.get(path)
    if (known !== undefined) return known
    const text = await readFile(join(root, path), 'utf8').catch(() => '')
    texts.set(path, text.slice(0, largestText))
    return texts.get(path) ?? ''
  }
  const yamls = files.filter((path) => /\.ya?ml$/.test(path))
  const applications: ApplicationSight[] = []
  for (const path of yamls.filter((each) => !each.includes('/templates/')))
    applications.push(...applicationsOf(await read(path)))
  const slug = /github\.com[/:]([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(remote ?? '')?.[1]
  return {
    charts: await chartsOf(files, read),
    applications,
    migrations: foldersBy(files.filter((path) => /(^|\/)[vV]?\d+\w*[_-].*\.sql$/.test(path))),
    openapi: await filter(files, /\.(ya?ml|json)$/, async (path) =>
      /^\s*["']?openapi["']?\s*:\s*["']?3\./m.test(await read(path)),
    ),
    catalogues: await filter(files, /(^|\/)(catalogue|catalog|asyncapi)\.ya?ml$/, async (path) =>
      /^events\s*:/m.test(await read(path)),
    ),
    counters: await countersOf(files, read),
    ...(slug === undefined ? {} : { github: slug }),
  }
}

async function listed(root: string): Promise<readonly string[]> {
  const found: string[] = []
  const folders = ['']
  while (folders.length > 0 && found.length < mostFiles) {
    const folder = folders.shift() ?? ''
    const entries = await readdir(join(root, folder), { withFileTypes: true })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = posix.join(folder, entry.name)
      if (entry.isDirectory() && !passedOver.has(entry.name)) folders.push(path)
      else if (entry.isFile()) found.push(path)
    }
  }
  return found.slice(0, mostFiles)
}

function foldersBy(paths: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const path of paths) counts.set(posix.dirname(path), (counts.get(posix.dirname(path)) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1]).map(([folder]) => folder)
}

async function filter(
  files: readonly string[],
  name: RegExp,
  fits: (path: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const path of files.filter((each) => name.test(each))) if (await fits(path)) found.push(path)
  return found
}

/** Counters of requests are called so by convention: `http_requests_total`, `grpc_server_handled_total`. */
async function countersOf(
  files: readonly string[],
  read: (path: string) => Promise<string>,
): Promise<readonly string[]> {
  const names = new Map<string, number>()
  for (const path of files.filter(
    (each) => /\.(ts|js|go|py|java|kt|rb|cs|rs|ya?ml)$/.test(each) && !/test/i.test(basename(each)),
  )) {
    for (const [name] of (await read(path)).matchAll(/\b\w*(requests|handled)_total\b/g))
      names.set(name, (names.get(name) ?? 0) + 1)
  }
  return [...names].sort((a, b) => b[1] - a[1]).map(([name]) => name)
}

function applicationsOf(text: string): readonly ApplicationSight[] {
  if (!/^kind:\s*Application\s*$/m.test(text)) return []
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) return []
    const value: unknown = document.toJS()
    const at = (...path: readonly string[]) =>
      path.reduce<unknown>((part, key) => (isMapping(part) ? part[key] : undefined), value)
    const word = (...path: readonly string[]) => {
      const found = at(...path)
      return typeof found === 'string' ? found : undefined
    }
    if (word('kind') !== 'Application') return []
    const destination = word('spec', 'destination', 'name')
    const files = at('spec', 'source', 'helm', 'valueFiles')
    return [
      {
        name: word('metadata', 'name') ?? '',
        namespace: word('metadata', 'namespace') ?? 'argocd',
        repository: word('spec', 'source', 'repoURL') ?? '',
        branch: word('spec', 'source', 'targetRevision') ?? 'main',
        path: word('spec', 'source', 'path') ?? '',
        valueFiles: Array.isArray(files)
          ? files.filter((each): each is string => typeof each === 'string')
          : [],
        destination: {
          ...(destination === undefined ? {} : { name: destination }),
          namespace: word('spec', 'destination', 'namespace') ?? '',
        },
      },
    ]
  })
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import { posix } from 'node:path'
import { heavyPackages } from '../bundle/shipped.ts'
import type { Import, Source } from './read.ts'

/** Packages of package.json that a shipped file may use. */
export interface Packages {
  readonly dependencies: readonly string[]
}

/** Entries and what surrounds them: they bring the real clock, programs and network. */
const entryRoots = ['actions', 'scripts', 'testkit', 'rig', 'e2e', 'bench']
/** Folders of src that are no domain: they may touch the process. */
const outerFolders = ['action', 'system', 'cli']
/** What a folder of src may import of ours, where that is less than "any other domain folder". */
const onlyImports: Readonly<Record<string, readonly string[]>> = {
  release: [],
  config: ['release'],
  calendar: ['release'],
  system: ['release'],
  action: ['release', 'system'],
}

/** What breaks the directions of CONTRIBUTING.md, one sentence each; empty when all is well. */
export function faultsOf(sources: readonly Source[], packages: Packages): readonly string[] {
  return [...sources.flatMap((source) => sourceFaults(source, packages)), ...cycles(sources)]
}

function sourceFaults(source: Source, packages: Packages): readonly string[] {
  const faults = source.imports.map((one) => importFault(source, one, packages))
  const used = usedFault(source)
  return [...faults, used].filter((fault) => fault !== undefined).map((fault) => `${source.path}: ${fault}`)
}

function importFault({ path }: Source, { to, kind }: Import, packages: Packages): string | undefined {
  if (!to.startsWith('.')) return packageFault(path, to, kind, packages)
  const target = posix.join(posix.dirname(path), to)
  if (target.startsWith('../')) return `imports ${to}, which is outside of the repository`
  if (target.endsWith('.heavy.ts') && kind === 'static' && !isTest(path)) {
    return `loads ${target} at once; a heavy module is loaded where it is needed, with await import()`
  }
  const from = place(path)
  const into = place(target)
  if (into.root === 'src') return srcFault(path, from, target, into.folder, kind)
  if (from.root === 'src' && !isTest(path)) return `imports ${target}: src is built on nothing outside of it`
  if (from.root === 'actions' && into.root === 'actions' && from.folder !== into.folder && !isTest(path)) {
    return into.file ? undefined : `imports ${target}: what two actions need stands in src`
  }
  return undefined
}

function srcFault(
  path: string,
  from: Place,
  target: string,
  folder: string,
  kind: Import['kind'],
): string | undefined {
  if (from.root === 'src' && from.folder === folder) return undefined
  // A bench measures the very models and worlds that the tests stand on.
  if (from.root === 'bench' && isTest(target)) return undefined
  if (target !== `src/${folder}/index.ts`) return `imports ${target} past the door src/${folder}/index.ts`
  if (folder === 'action' && !['actions', 'scripts'].includes(from.root))
    return 'imports src/action, which only actions/ may'
  if (from.root === 'actions' && kind === 'static' && folder !== 'action' && !isTest(path)) {
    const file = path.split('/').at(-1)
    if (file === 'main.ts' || file === 'action.ts') {
      return `loads ${target} at once; it is loaded after the inputs are good, with await import()`
    }
  }
  if (from.root !== 'src') return undefined
  if (folder === 'system' && !outerFolders.includes(from.folder) && !isTest(path)) {
    return 'imports src/system; domain code gets clock, programs and network as parameters'
  }
  const allowed = onlyImports[from.folder]
  // The calendar computes with windows in the form in which tuesday.yaml gives them.
  if (from.folder === 'calendar' && folder === 'config' && kind === 'type') return undefined
  if (allowed !== undefined && !allowed.includes(folder) && !isTest(path)) {
    const list = allowed.length === 0 ? 'nothing of ours' : `only ${allowed.join(', ')}`
    return `imports src/${folder}; src/${from.folder} imports ${list}`
  }
  return undefined
}

function packageFault(
  path: string,
  to: string,
  kind: Import['kind'],
  packages: Packages,
): string | undefined {
  if (!isShipped(path)) return undefined
  if (to.startsWith('node:')) return nodeFault(path, to, kind)
  const name = to
    .split('/')
    .slice(0, to.startsWith('@') ? 2 : 1)
    .join('/')
  if (kind === 'type') return undefined
  if (!packages.dependencies.includes(name))
    return `imports ${name}, which is not one of the dependencies of package.json`
  if (name.startsWith('@actions/core') && !path.startsWith('src/action/')) {
    return 'imports @actions/core, which only src/action may'
  }
  if (heavyPackages.includes(name) && !path.endsWith('.heavy.ts')) {
    return `imports ${name}, which costs start time; a module that does is named *.heavy.ts and loaded with await import()`
  }
  return undefined
}

function nodeFault(path: string, to: string, kind: Import['kind']): string | undefined {
  if (!isDomain(path) || kind === 'type') return undefined
  if (to === 'node:child_process') return 'starts programs by itself; it gets Exec as a parameter'
  if (to === 'node:process') return 'reads the process; what it needs comes as a parameter'
  return undefined
}

const forbidden: readonly (readonly [RegExp, string])[] = [
  [/(?<![.\w$-])process\s*(\.|\[)/, 'reads `process`'],
  [/\bDate\.now\s*\(/, 'reads the clock with Date.now()'],
  [/\bnew Date\(\s*\)/, 'reads the clock with new Date()'],
  [/(?<!typeof )\bglobalThis\.(?:fetch|process)\b/, 'takes fetch or process from globalThis'],
]

function usedFault({ path, code }: Source): string | undefined {
  if (!isDomain(path)) return undefined
  const found = forbidden.find(([form]) => form.test(code))
  return found === undefined ? undefined : `${found[1]}; domain code gets it as a parameter`
}

/** Two folders of src that need each other are one folder, or hide a third. */
function cycles(sources: readonly Source[]): readonly string[] {
  const edges = new Map<string, Set<string>>()
  for (const { path, imports } of sources.filter((source) => isDomain(source.path))) {
    const from = place(path).folder
    for (const { to, kind } of imports) {
      if (!to.startsWith('.') || kind === 'type') continue
      const into = place(posix.join(posix.dirname(path), to))
      if (into.root !== 'src' || into.folder === from) continue
      edges.set(from, (edges.get(from) ?? new Set()).add(into.folder))
    }
  }
  const reaches = (from: string, wanted: string, seen = new Set<string>()): boolean =>
    [...(edges.get(from) ?? [])].some((next) => {
      if (next === wanted) return true
      if (seen.has(next)) return false
      seen.add(next)
      return reaches(next, wanted, seen)
    })
  const looped = [...edges.keys()].filter((folder) => reaches(folder, folder)).sort()
  return looped.length === 0 ? [] : [`src: ${looped.join(', ')} import each other in a circle`]
}

interface Place {
  readonly root: string
  readonly folder: string
  /** Stands in the root folder itself. */
  readonly file: boolean
}

function place(path: string): Place {
  const [root = '', folder = '', ...rest] = path.split('/')
  return { root, folder, file: rest.length === 0 }
}

function isTest(path: string): boolean {
  return /\.(test|fixture)\.ts$|\/testing\//.test(path)
}

function isShipped(path: string): boolean {
  const { root } = place(path)
  return (root === 'src' || (root === 'actions' && !place(path).file)) && !isTest(path)
}

function isDomain(path: string): boolean {
  const { root, folder } = place(path)
  return root === 'src' && !outerFolders.includes(folder) && !isTest(path)
}

/** Folders whose sources are looked at. */
export const sourceRoots: readonly string[] = ['src', ...entryRoots]

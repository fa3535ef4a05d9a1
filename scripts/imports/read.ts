/** One import of a source file. */
export interface Import {
  readonly to: string
  /** `type`: erased before the file runs; `lazy`: `import()`. */
  readonly kind: 'static' | 'lazy' | 'type'
}

export interface Source {
  /** From the root, with `/`. */
  readonly path: string
  readonly imports: readonly Import[]
  /** The text without comments and plain strings, for what must not be used. */
  readonly code: string
}

// The formatter puts static imports at the begin of a line and quotes them singly.
const staticForm = /^(?:import|export)\s+(type\s)?((?:[^'"`;]*?)\sfrom\s+)?'([^']+)'/gm
const lazyForm = /\bimport\(\s*(?:\/\*.*?\*\/\s*)?'([^']+)'/g

export function readSource(path: string, text: string): Source {
  const bare = withoutComments(text)
  const imports: Import[] = []
  for (const [, type, names = '', to = ''] of bare.matchAll(staticForm)) {
    imports.push({ to, kind: type !== undefined || onlyTypes(names) ? 'type' : 'static' })
  }
  for (const [, to = ''] of bare.matchAll(lazyForm))
    imports.push({ to, kind: isTypeQuery(bare, to) ? 'type' : 'lazy' })
  return { path, imports, code: bare.replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''") }
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1')
}

/** `{ type A, type B } from` loads nothing under verbatimModuleSyntax only when the whole import is a type import. */
function onlyTypes(names: string): boolean {
  const inside = /\{([^}]*)\}/.exec(names)?.[1]
  if (inside === undefined || /^\s*[\w$*]/.test(names)) return false
  const each = inside
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return each.length > 0 && each.every((name) => name.startsWith('type '))
}

/** `typeof import('x')` and `import('x').T` in a type position. */
function isTypeQuery(text: string, to: string): boolean {
  const escaped = to.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  const all = text.match(new RegExp(`import\\(\\s*'${escaped}'`, 'g'))?.length ?? 0
  const typed =
    text.match(new RegExp(`(typeof import|[:<|&]\\s*import)\\(\\s*'${escaped}'`, 'g'))?.length ?? 0
  return all === typed
}

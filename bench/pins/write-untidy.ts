import type { YamlStep } from '../../src/gitops/index.ts'
import type { Entry, Tree, UntidyFile } from './untidy-yaml.ts'

/** A scalar of an untidy document: where it stands, how a path names it, and why an edit must be refused. */
export interface Place {
  readonly path: readonly YamlStep[]
  readonly start: number
  readonly end: number
  readonly refuse?: string
}

export interface UntidyYaml {
  readonly text: string
  readonly places: readonly Place[]
}

/** The text, and every scalar in it that a path can name. */
export function writeUntidy({ tree, head, tail, eol, bom, step }: UntidyFile): UntidyYaml {
  let text = bom ? '\ufeff' : ''
  const places: (Place & { readonly anchors: readonly string[] })[] = []
  const defined: string[] = []
  let anchors = 0
  const used = new Set<string>()
  const put = (part: string) => {
    text += part.replaceAll('\n', eol)
  }

  interface Where {
    readonly path: readonly YamlStep[] | undefined
    readonly indent: number
    readonly anchors: readonly string[]
    readonly refuse?: string | undefined
  }

  function leaf(raw: string, where: Where, refuse: string | undefined): void {
    // `!!str`, `!` and anchors stand before the value itself.
    const [, tag = '', value = ''] = /^(!!str |! )?([\s\S]*)$/.exec(raw) ?? []
    put(tag)
    const start = text.length
    // Continued lines stand deeper than whatever holds them.
    put(value.replace(/\n +/g, `\n${' '.repeat(where.indent + 8)}`))
    if (where.path === undefined) return
    const why = where.refuse ?? refuse
    places.push({
      path: where.path,
      start,
      end: text.length,
      anchors: where.anchors,
      ...(why === undefined ? {} : { refuse: why }),
    })
  }

  function alias(where: Where, flow: boolean): void {
    const name = defined.at(-1)
    if (name === undefined || where.anchors.includes(name)) {
      leaf(flow ? 'x' : '7', where, undefined)
      return
    }
    used.add(name)
    // In flow style `*a1,` would be an alias of the name `a1,` under YAML 1.1.
    leaf(`*${name}${flow ? ' ' : ''}`, where, 'alias')
  }

  function anchored(node: Tree, where: Where): Where {
    if (node.kind !== 'map' || !node.anchor) return where
    anchors += 1
    const name = `a${anchors}`
    put(`&${name} `)
    return { ...where, anchors: [...where.anchors, name] }
  }

  function close(before: Where, inside: Where): void {
    const name = inside.anchors.at(before.anchors.length)
    if (name !== undefined) defined.push(name)
  }

  /** Keys are unique by their number; one list element in a map of a list is named. */
  function keyOf(key: number, index: number): readonly [logical: string, written: string] {
    const name = `k${index}`
    if (key === 1) return [name, `"${name}"`]
    if (key === 2) return [name, `'${name}'`]
    if (key === 3) return [`app.example.com/${name}`, `app.example.com/${name}`]
    return key === 4 && index === 1 ? ['on', 'on'] : [name, name]
  }

  function below(where: Where, step: YamlStep, more: Partial<Where> = {}): Where {
    return { ...where, path: where.path === undefined ? undefined : [...where.path, step], ...more }
  }

  function flow(node: Tree, where: Where): void {
    if (node.kind === 'alias') {
      alias(where, true)
      return
    }
    if (node.kind === 'leaf') {
      leaf(node.leaf.flow ? node.leaf.raw : 'x', where, node.leaf.flow ? node.leaf.refuse : undefined)
      return
    }
    const inside = anchored(node, where)
    const entries = node.kind === 'map' ? node.entries : node.items
    put(node.kind === 'map' ? '{' : '[')
    for (const [index, entry] of entries.entries()) {
      if (index > 0)
        put(
          entry.note.includes('#')
            ? `, # c, ] }\n${' '.repeat(where.indent + 6)}`
            : `,${' '.repeat(entry.gap - 1)}`,
        )
      if (node.kind === 'map') {
        const [logical, written] = keyOf(entry.key, index)
        put(`${written}:${entry.key === 1 && entry.gap === 1 ? '' : ' '}`)
        flow(entry.node, below(inside, logical))
      } else {
        // An empty value would be no element at all.
        const bare = entry.node.kind === 'leaf' && entry.node.leaf.raw === ''
        if (bare) put('e')
        else flow(entry.node, { ...inside, path: undefined })
      }
    }
    put(node.kind === 'map' ? (entries.length > 2 ? ', }' : ' }') : ']')
    close(where, inside)
  }

  function block(node: Tree, where: Where, first: boolean): void {
    if (node.kind !== 'map') return
    const pad = ' '.repeat(where.indent)
    const source = defined.at(-1)
    const merged = node.merge && source !== undefined && !where.anchors.includes(source) ? source : undefined
    const here: Where = merged === undefined ? where : { ...where, refuse: where.refuse ?? 'merge' }
    if (merged !== undefined) {
      used.add(merged)
      put(`${first ? '' : pad}<<: *${merged}\n`)
    }
    for (const [index, entry] of node.entries.entries()) {
      const start = first && index === 0 && merged === undefined
      if (!start) put(entry.before + pad)
      const [logical, written] = keyOf(entry.key, index)
      put(`${written}:`)
      value(entry, below(here, logical))
    }
  }

  function value(entry: Entry, where: Where): void {
    const { node } = entry
    const gap = ' '.repeat(entry.gap)
    if (node.kind === 'alias' || node.kind === 'leaf' || node.flow) {
      const raw = node.kind === 'leaf' ? node.leaf.raw : undefined
      if (raw !== '') put(gap)
      flowOrLeaf(node, where)
      // After a block scalar a note would be text; an empty value and a comment need a blank between them.
      const note = /^[|>]/.test(raw ?? '') ? '' : entry.note
      put(`${note}\n`)
      return
    }
    if (node.kind === 'map' && node.anchor) put(' ')
    const inside = anchored(node, where)
    put(`${entry.note}\n`)
    if (node.kind === 'map') block(node, { ...inside, indent: where.indent + step }, false)
    else list(node.items, { ...inside, indent: where.indent + (entry.gap === 1 ? 0 : step) })
    close(where, inside)
  }

  function flowOrLeaf(node: Tree, where: Where): void {
    if (node.kind === 'leaf') leaf(node.leaf.raw, where, node.leaf.refuse)
    else if (node.kind === 'alias') alias(where, false)
    else flow(node, where)
  }

  function list(items: readonly Entry[], where: Where): void {
    const pad = ' '.repeat(where.indent)
    for (const [index, entry] of items.entries()) {
      put(`${entry.before}${pad}-`)
      if (entry.node.kind !== 'map' || entry.node.flow) {
        value(entry, { ...where, path: undefined })
        continue
      }
      const name = `item ${index}`
      put(` name: ${entry.key === 1 ? JSON.stringify(name) : name}\n`)
      const inside = below(where, { key: 'name', value: name }, { indent: where.indent + 2 })
      block({ ...entry.node, anchor: false, merge: false }, inside, false)
    }
  }

  put(head)
  block(tree, { path: [], indent: 0, anchors: [] }, false)
  put(tail)
  const settled = places.map(({ anchors, ...place }) => {
    const shared = anchors.some((name) => used.has(name))
    return shared ? { ...place, refuse: place.refuse ?? 'shared by an anchor' } : place
  })
  return { text, places: settled }
}

export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
}

const token =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<!DOCTYPE[^>[]*>|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|[^<]+/gy
const attribute = /([\w.:-]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g
const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/**
 * All elements of a document, text left out; a sentence where it is not well formed. Enough of XML for reports of tests:
 * no namespaces, and a document type with declarations is refused, so that there are no entities to expand.
 */
export function elementsOf(text: string): readonly XmlElement[] | string {
  const all: XmlElement[] = []
  const open: { readonly name: string; readonly children: XmlElement[] }[] = []
  token.lastIndex = 0
  let end = 0
  let roots = 0
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    end = token.lastIndex
    const [, closing, name, attributes = '', empty] = match
    if (name === undefined) continue
    if (closing === '/') {
      const last = open.pop()
      if (last?.name !== name) return `</${name}> closes <${last?.name ?? 'nothing'}>`
      continue
    }
    if (open.length > 100) return 'it is nested too deep'
    if (open.length === 0 && ++roots > 1) return 'it has more than one root'
    const children: XmlElement[] = []
    const element: XmlElement = { name, attributes: attributesOf(attributes), children }
    all.push(element)
    open.at(-1)?.children.push(element)
    if (empty !== '/') open.push({ name, children })
  }
  if (end !== text.length) return `it is not well formed at character ${end}`
  if (open.length > 0) return `<${open.at(-1)?.name ?? ''}> is not closed`
  return roots === 0 ? 'it has no element' : all
}

function attributesOf(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(attribute)].map(
    ([, name = '', double, single]) => [name, unescaped(double ?? single ?? '')] as const,
  )
  return Object.fromEntries(pairs)
}

function unescaped(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[String(name)] ?? whole
    const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

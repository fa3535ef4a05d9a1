import { Document, isMap, isScalar, isSeq, type Node, Pair, visit } from 'yaml'
import type { Conclusion } from './conclude.ts'

export const schemaLine =
  '# yaml-language-server: $schema=https://raw.githubusercontent.com/tuesday-release/tuesday/main/schema/tuesday.schema.json'

/** The text of tuesday.yaml. `# decide:` stands where a person has to look. */
export function configText({ file, decide }: Conclusion): string {
  const document = new Document(file, { aliasDuplicateObjects: false })
  for (const [place, why] of decide) {
    const node = nodeAt(document, place.split('.'))
    if (node !== undefined) node.comment = ` decide: ${why}`
  }
  visit(document, {
    // `09:00` is a number of seconds to readers of YAML 1.1.
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && /^\d+:\d\d$/.test(node.value)) node.type = 'QUOTE_DOUBLE'
    },
    Seq: (_, node) => {
      if (node.items.every(isScalar)) node.flow = true
    },
  })
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: true })
  return `${schemaLine}\n# Written by \`init\`. What a person has to decide is marked; the rest was read from this repository.\n${text}`
}

/** A scalar carries its comment behind it; a list or a mapping shows it on its first line. */
function nodeAt(document: Document, path: readonly string[]): Node | undefined {
  let node: unknown = document.contents
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
      node = pair instanceof Pair ? pair.value : undefined
    } else node = isSeq(node) ? node.items[Number(key)] : undefined
  }
  if (isScalar(node)) return node
  if (isSeq(node)) return node
  const [first] = isMap(node) ? node.items : []
  return first !== undefined && isScalar(first.key) ? first.key : undefined
}

import fc from 'fast-check'
import { parseAllDocuments } from 'yaml'
import { spliceScalar } from '../../src/gitops/index.ts'
import { untidyFile } from './untidy-yaml.ts'
import { type Place, type UntidyYaml, writeUntidy } from './write-untidy.ts'

/** Digests and commits, the numbers that YAML reads out of hexadecimal digits, and any text. */
export const splicedValue = fc.oneof(
  fc
    .string({ minLength: 64, maxLength: 64, unit: fc.constantFrom(...'0123456789abcdef') })
    .map((hex) => `sha256:${hex}`),
  fc.constantFrom(
    '1234567',
    '12e4567',
    '00e1234',
    '0123456',
    '12_3456',
    '1:20:30',
    'on',
    '~',
    '',
    ' ',
    '*a',
    '<<',
    '#',
    "'",
    '"',
  ),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
)

export const spliceCase = fc.record({ file: untidyFile, at: fc.nat(999), value: splicedValue })

export type SpliceCase = typeof spliceCase extends fc.Arbitrary<infer T> ? T : never

/** What became of one document: edited, or the reason why that was refused; throws when a promise is broken. */
export function checkSplice({ file, at, value }: SpliceCase): string {
  const yaml = writeUntidy(file)
  const place = yaml.places[at % yaml.places.length]
  if (place === undefined) return 'nothing to edit'
  const result = spliceScalar(yaml.text, place.path, value)
  if (!result.ok) {
    if (place.refuse === undefined)
      throw new Error(`refused without need: ${result.fault.cause}\n${show(yaml, place)}`)
    return `${result.fault.reason} (${place.refuse})`
  }
  if (place.refuse !== undefined) throw new Error(`edited although ${place.refuse}\n${show(yaml, place)}`)
  const { text } = result.value
  const empty = place.start === place.end
  // Where nothing stood, the value may take its place anywhere among the blanks.
  const head = empty ? yaml.text.slice(0, place.start).replace(/ +$/, '') : yaml.text.slice(0, place.start)
  const tail = empty ? yaml.text.slice(place.end).replace(/^ +/, '') : yaml.text.slice(place.end)
  if (!text.startsWith(head) || !text.endsWith(tail))
    throw new Error(`more was changed\n${show(yaml, place)}\n${text}`)
  // Decoded here without a YAML parser: the splice's own proof uses one.
  const written = unquoted(text.slice(head.length, text.length - tail.length).trim())
  if (written !== value) throw new Error(`wrote ${JSON.stringify(written)}\n${show(yaml, place)}`)
  for (const version of ['1.1', '1.2'] as const) {
    const after = parseAllDocuments(text.replace(/^\ufeff/, ''), { version })
    if (!Array.isArray(after) || after.some((doc) => doc.errors.length > 0)) {
      throw new Error(`no longer parses under YAML ${version}\n${text}`)
    }
  }
  return 'edited'
}

function unquoted(token: string): string | undefined {
  if (/^'(?:[^']|'')*'$/.test(token)) return token.slice(1, -1).replaceAll("''", "'")
  if (!/^"[ -~]*"$/.test(token)) return undefined
  const units = token.replace(/\\U([0-9a-f]{8})|\\./g, (whole, hex: string | undefined) =>
    hex === undefined ? whole : String.fromCodePoint(Number.parseInt(hex, 16)),
  )
  return JSON.parse(units) as string
}

function show({ text }: UntidyYaml, { path, start, end }: Place): string {
  return `${JSON.stringify(path)}\n${text.slice(0, start)}«${text.slice(start, end)}»${text.slice(end)}`
}

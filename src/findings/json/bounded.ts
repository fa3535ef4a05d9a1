/** What is read of one report. A scan of a large repository is some 10 MB; 200 MB is a scan that went wrong. */
export interface JsonBounds {
  readonly bytes: number
  /** Levels of nesting: a deeper document would overflow whoever walks it. */
  readonly depth: number
  /** Objects, arrays and their members: a small file can ask for gigabytes with `[[],[],...]`. */
  readonly values: number
}

export const reportBounds: JsonBounds = { bytes: 64 * 1024 * 1024, depth: 256, values: 8_000_000 }

export type Parsed =
  | { readonly value: unknown }
  | { readonly refused: 'empty' | 'large' | 'form'; readonly why: string }

/** Parses JSON after one pass over the bytes has shown that the result stays within bounds. */
export function parseJson(bytes: Uint8Array, bounds: JsonBounds = reportBounds): Parsed {
  if (bytes.length > bounds.bytes) {
    return {
      refused: 'large',
      why: `it has ${megabytes(bytes.length)}, and at most ${megabytes(bounds.bytes)} are read`,
    }
  }
  const compressed = bytes[0] === 0x1f || (bytes[0] === 0x50 && bytes[1] === 0x4b)
  if (compressed) return { refused: 'form', why: 'it is compressed; nothing is unpacked here' }
  const shape = measure(bytes, bounds)
  if (shape === 'blank') return { refused: 'empty', why: 'there is nothing in it' }
  if (shape === 'deep') return { refused: 'large', why: `it is nested deeper than ${bounds.depth} levels` }
  if (shape === 'many') return { refused: 'large', why: `it holds more than ${bounds.values} values` }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return { refused: 'form', why: 'it is not UTF-8 (Windows PowerShell writes UTF-16 with `>`)' }
  }
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    return { refused: 'form', why: clip(error instanceof Error ? error.message : String(error)) }
  }
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const opening = [0x5b, 0x7b]
const closing = [0x5d, 0x7d]

/** Counts what is outside of strings. */
function measure(bytes: Uint8Array, { depth: deepest, values: most }: JsonBounds) {
  const [openArray, openObject] = opening as [number, number]
  const [closeArray, closeObject] = closing as [number, number]
  let depth = 0
  let values = 0
  let blank = true
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] as number
    if (byte > 0x20) blank = false
    if (byte === quote) {
      index = endOfString(bytes, index + 1)
    } else if (byte === openArray || byte === openObject) {
      depth += 1
      values += 1
      if (depth > deepest) return 'deep'
      if (values > most) return 'many'
    } else if (byte === closeArray || byte === closeObject) {
      depth -= 1
    } else if (byte === comma) {
      values += 1
      if (values > most) return 'many'
    }
  }
  return blank ? 'blank' : 'fine'
}

function endOfString(bytes: Uint8Array, from: number): number {
  let end = bytes.indexOf(quote, from)
  while (end !== -1) {
    let before = end - 1
    while (before >= from && bytes[before] === backslash) before -= 1
    if ((end - before) % 2 === 1) return end
    end = bytes.indexOf(quote, end + 1)
  }
  return bytes.length
}

function clip(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`
}

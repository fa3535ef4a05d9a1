import { StringDecoder } from 'node:string_decoder'

export interface Capture {
  /** False once more than the bound has come and all of it was to be kept. */
  add(chunk: Buffer): boolean
  /** Ends the capture: hands on the last line without a newline and returns what was kept. */
  text(): string
}

/** A line longer than this is handed on in parts, so that a stream without newlines cannot fill memory. */
const longestLine = 64 * 1024

/** Keeps the output of a program within a bound and hands its lines on as they come. */
export function capture(options: {
  readonly keep: 'all' | 'end'
  readonly maxBytes: number
  readonly onLine?: ((line: string) => void) | undefined
}): Capture {
  const { keep, maxBytes, onLine } = options
  const chunks: Buffer[] = []
  let kept = 0
  let cut = 0
  const decoder = new StringDecoder('utf8')
  let partial = ''

  function hand(text: string): void {
    if (onLine === undefined) return
    const lines = (partial + text).split(/\r?\n/)
    partial = lines.pop() ?? ''
    for (const line of lines) onLine(line)
    if (partial.length > longestLine) {
      onLine(partial)
      partial = ''
    }
  }

  return {
    add(chunk) {
      hand(decoder.write(chunk))
      if (keep === 'all' && kept + chunk.length > maxBytes) return false
      chunks.push(chunk)
      kept += chunk.length
      while (kept > maxBytes) {
        const first = chunks.shift() as Buffer
        const over = Math.min(first.length, kept - maxBytes)
        if (over < first.length) chunks.unshift(first.subarray(over))
        kept -= over
        cut += over
      }
      return true
    },
    text() {
      hand(decoder.end())
      if (partial !== '') onLine?.(partial)
      partial = ''
      const text = Buffer.concat(chunks).toString('utf8')
      return cut === 0 ? text : `[${cut} bytes before this were cut]\n${text}`
    },
  }
}

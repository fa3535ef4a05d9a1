import { EVENT_ID, type Event, SCALAR_STYLE } from 'js-yaml'

/** The stream of a YAML document, of each event only what finding a line needs. */
interface Stream {
  readonly text: string
  readonly kinds: Uint8Array
  readonly starts: Int32Array
  /** For a scalar where its text ends; for a collection the event after its last one. */
  readonly ends: Int32Array
  readonly quoted: Uint8Array
  readonly anchors: ReadonlyMap<string, readonly number[]>
}

/**
 * Lines of values in a YAML text that is known to be well formed, by their keys from the root; of the nearest value
 * above where the path ends early. Of the events of the reading only numbers are kept, and an object is gone through
 * when a finding first leads through it: a document without findings pays next to nothing.
 */
export function yamlLines(text: string, events: readonly Event[]): (keys: readonly string[]) => number {
  const stream = readStream(text, events)
  const members = new Map<number, ReadonlyMap<string, number>>()
  let newlines: readonly number[] | undefined
  return (keys) => {
    newlines ??= newlinesOf(text)
    let at = 1
    for (const key of keys) {
      const known = members.get(at) ?? membersOf(stream, at)
      members.set(at, known)
      const next = known.get(key)
      if (next === undefined) break
      at = next
    }
    return lineAt(newlines, stream.starts[at] ?? 0)
  }
}

function readStream(text: string, events: readonly Event[]): Stream {
  const kinds = new Uint8Array(events.length)
  const starts = new Int32Array(events.length)
  const ends = new Int32Array(events.length)
  const quoted = new Uint8Array(events.length)
  const anchors = new Map<string, number[]>()
  const open: number[] = []
  let index = 0
  for (const event of events) {
    kinds[index] = event.type
    if (event.type === EVENT_ID.POP) {
      const begun = open.pop()
      if (begun !== undefined) ends[begun] = index + 1
    } else if (event.type === EVENT_ID.SCALAR) {
      starts[index] = event.valueStart
      ends[index] = event.valueEnd
      quoted[index] = event.style
    } else if (event.type === EVENT_ID.ALIAS) {
      starts[index] = event.anchorStart
      ends[index] = event.anchorEnd
    } else {
      open.push(index)
      if ('start' in event) starts[index] = event.start
    }
    if (event.type !== EVENT_ID.ALIAS && 'anchorStart' in event && event.anchorStart >= 0) {
      const name = text.slice(event.anchorStart, event.anchorEnd)
      const list = anchors.get(name)
      if (list === undefined) anchors.set(name, [index])
      else list.push(index)
    }
    index += 1
  }
  return { text, kinds, starts, ends, quoted, anchors }
}

function newlinesOf(text: string): readonly number[] {
  const found: number[] = []
  for (let here = text.indexOf('\n'); here >= 0; here = text.indexOf('\n', here + 1)) found.push(here)
  return found
}

/** The events of the values in a mapping or sequence by key or index; of anything else, none. */
function membersOf(stream: Stream, at: number): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  const { kinds, ends } = stream
  const isMapping = kinds[at] === EVENT_ID.MAPPING
  if (!isMapping && kinds[at] !== EVENT_ID.SEQUENCE) return found
  const end = (ends[at] ?? 0) - 1
  let index = at + 1
  for (let count = 0; index < end; count += 1) {
    let key: string | undefined = String(count)
    if (isMapping) {
      key = keyAt(stream, index)
      index = after(stream, index)
    }
    if (key !== undefined && index < end) found.set(key, target(stream, index))
    index = after(stream, index)
  }
  return found
}

function after({ kinds, ends }: Stream, index: number): number {
  const isOpen = kinds[index] === EVENT_ID.MAPPING || kinds[index] === EVENT_ID.SEQUENCE
  return isOpen ? (ends[index] ?? index + 1) : index + 1
}

/** An alias stands for what its anchor was last given to. */
function target(stream: Stream, index: number): number {
  if (stream.kinds[index] !== EVENT_ID.ALIAS) return index
  const name = stream.text.slice(stream.starts[index], stream.ends[index])
  return stream.anchors.get(name)?.findLast((one) => one < index) ?? index
}

function keyAt({ text, kinds, starts, ends, quoted }: Stream, index: number): string | undefined {
  if (kinds[index] !== EVENT_ID.SCALAR) return undefined
  const raw = text.slice(starts[index], ends[index])
  if (quoted[index] === SCALAR_STYLE.SINGLE_QUOTED) return raw.replaceAll("''", "'")
  if (quoted[index] !== SCALAR_STYLE.DOUBLE_QUOTED || !raw.includes('\\')) return raw
  try {
    return String(JSON.parse(`"${raw}"`))
  } catch {
    // An escape that only YAML knows: the line of the object is near enough.
    return undefined
  }
}

function lineAt(newlines: readonly number[], offset: number): number {
  let [low, high] = [0, newlines.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((newlines[middle] ?? 0) < offset) low = middle + 1
    else high = middle
  }
  return low + 1
}

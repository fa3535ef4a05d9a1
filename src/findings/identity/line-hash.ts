/**
 * The hash that GitHub tells findings apart by (`primaryLocationLineHash`): for each line, over the 100 characters that
 * begin there, without spaces and tabs, with every line end as LF, an end mark and NULs behind the end. 64 bits, base 37.
 * Kept in two halves of 32 bits: BigInt is several times slower, and doubles lose bits above 53.
 */
const windowLength = 100
const base = 37
const half = 2 ** 32
const endMark = 65_535
const lf = 10
const cr = 13

/** 37 ** 100 modulo 2 ** 64: the weight of the character that leaves the window. */
const [leavingHigh, leavingLow] = (() => {
  let power = 1n
  for (let index = 0; index < windowLength; index += 1) power = (power * 37n) & 0xffff_ffff_ffff_ffffn
  return [Number(power >> 32n), Number(power & 0xffff_ffffn)] as const
})()

/** Hash of each line as `hex`, in order; lines that are alike have the same. */
export function lineHashes(text: string): readonly string[] {
  const window = new Uint16Array(windowLength)
  /** Whether a line begins at that place of the window. */
  const begins = new Uint8Array(windowLength)
  const hashes: string[] = []
  let high = 0
  let low = 0
  let at = 0

  function push(char: number, beginsLine: boolean): void {
    if (begins[at] === 1) hashes.push(hex(high, low))
    begins[at] = beginsLine ? 1 : 0
    const leaving = window[at] as number
    window[at] = char
    const grown = low * base + char
    const taken = leavingLow * leaving
    const difference = (grown % half) - (taken % half)
    const carry = Math.floor(grown / half) - Math.floor(taken / half) + (difference < 0 ? -1 : 0)
    low = difference < 0 ? difference + half : difference
    high = modulo(high * base - ((leavingHigh * leaving) % half) + carry)
    at = at + 1 === windowLength ? 0 : at + 1
  }

  let lineStart = true
  let afterCr = false
  for (let index = 0; index <= text.length; index += 1) {
    const code = index === text.length ? endMark : text.charCodeAt(index)
    if (code === 32 || code === 9 || (afterCr && code === lf)) {
      afterCr = false
      continue
    }
    afterCr = code === cr
    const char = code === cr ? lf : code
    push(char, lineStart)
    lineStart = char === lf
  }
  for (let index = 0; index < windowLength; index += 1) push(0, false)
  return hashes
}

/** `hex:n`, as GitHub writes it: the n-th line of the file with that hash. */
export function numbered(hashes: readonly string[]): readonly string[] {
  const seen = new Map<string, number>()
  return hashes.map((hash) => {
    const count = (seen.get(hash) ?? 0) + 1
    seen.set(hash, count)
    return `${hash}:${count}`
  })
}

function modulo(value: number): number {
  const rest = value % half
  return rest < 0 ? rest + half : rest
}

function hex(high: number, low: number): string {
  return high === 0 ? low.toString(16) : `${high.toString(16)}${low.toString(16).padStart(8, '0')}`
}

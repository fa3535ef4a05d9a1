import { hash } from 'node:crypto'

/**
 * JSON with sorted keys and no spaces, the form that is hashed (the subset of RFC 8785 that a ledger needs:
 * strings, booleans, null, safe integers, arrays, objects). A value outside it is a defect of the caller.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') {
    // Fractions print differently in other languages; the ledger is read by more than this program.
    if (!Number.isSafeInteger(value)) throw new TypeError(`not a safe integer: ${value}`)
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object') {
    const members = value as Readonly<Record<string, unknown>>
    let text = ''
    for (const key of sortedKeys(members)) {
      const member = members[key]
      if (member !== undefined)
        text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`
    }
    return `{${text}}`
  }
  throw new TypeError(`no JSON for ${typeof value}`)
}

/** What was read from a canonical line is in order already, and a ledger has many of them. */
function sortedKeys(value: object): readonly string[] {
  const keys = Object.keys(value)
  const sorted = keys.every((key, at) => at === 0 || (keys[at - 1] ?? '') < key)
  return sorted ? keys : keys.toSorted((a, b) => (a < b ? -1 : 1))
}

/** 64 lower-case hex digits. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex')
}

/** A value that must not be in an image. Told by its name; the value is never told. */
export interface KnownSecret {
  readonly name: string
  readonly value: string
}

/** Forms that nothing but a secret has. */
const forms: readonly (readonly [string, RegExp])[] = [
  ['a private key', /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/=\s:,-]{100}/],
  ['an access key of AWS', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a token of GitHub', /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60})/],
  ['a token of npm', /\bnpm_[A-Za-z0-9]{36}\b/],
  ['a token of Slack', /\bxox[abprs]-[A-Za-z0-9-]{20}/],
  ['a key of a Google API', /\bAIza[0-9A-Za-z_-]{35}\b/],
]
/** In one line of history or environment; in files there are too many examples of it. */
const address: readonly [string, RegExp] = [
  'a password in an address',
  /[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:[^\s/:@]{4,}@/i,
]

/** What is secret by its name: of the environment of the step, and of its build arguments. */
const secretName = /TOKEN|SECRET|PASSWORD|PASSWD|PRIVATE_?KEY|API_?KEY|CREDENTIAL/i
/** Shorter values are found everywhere. */
const shortest = 8

export function knownSecrets(
  values: Iterable<readonly [string, string | undefined]>,
): readonly KnownSecret[] {
  return [...values].flatMap(([name, value = '']) =>
    // The names of files and the addresses of services are no secrets, though their names say so.
    secretName.test(name) && value.length >= shortest && !/^(\/|https?:\/\/[^@]*$)/.test(value)
      ? [{ name, value }]
      : [],
  )
}

export function secretsInLine(line: string, known: readonly KnownSecret[]): readonly string[] {
  const found = [...forms, address].flatMap(([what, form]) => (form.test(line) ? [what] : []))
  return [
    ...found,
    ...known.filter(({ value }) => line.includes(value)).map(({ name }) => `the value of ${name}`),
  ]
}

/** Reads one file after the other in pieces; answers what was in the last one when the next begins. */
export function fileScanner(known: readonly KnownSecret[]) {
  const values = known.map(({ name, value }) => ({ name, bytes: Buffer.from(value) }))
  const overlap = Math.max(0, ...values.map(({ bytes }) => bytes.length - 1))
  const mostText = 1024 * 1024
  let text: Buffer[] = []
  let textLength = 0
  let tail: Buffer = Buffer.alloc(0)
  let found = new Set<string>()
  return {
    add(bytes: Buffer): void {
      if (textLength < mostText) {
        text.push(bytes)
        textLength += bytes.length
      }
      if (values.length === 0) return
      // A value may lie across two pieces.
      const joined = tail.length === 0 ? bytes : Buffer.concat([tail, bytes])
      for (const { name, bytes: value } of values)
        if (joined.includes(value)) found.add(`the value of ${name}`)
      tail = Buffer.from(joined.subarray(Math.max(0, joined.length - overlap)))
    },
    end(): readonly string[] {
      const whole = Buffer.concat(text).toString('latin1')
      for (const [what, form] of forms) if (form.test(whole)) found.add(what)
      const all = [...found]
      text = []
      textLength = 0
      tail = Buffer.alloc(0)
      found = new Set()
      return all
    },
  }
}

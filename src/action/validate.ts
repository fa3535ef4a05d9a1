import { type Fault, nearest } from '../release/index.ts'
import type { InputSpec } from './inputs.ts'
import type { Action, InputSpecs, Values } from './registry.ts'

export type Inputs<I extends InputSpecs> = {
  /** Given values of secret inputs, also when others are wrong: they are masked before anything is printed. */
  readonly secrets: readonly string[]
} & ({ readonly ok: true; readonly values: Values<I> } | { readonly ok: false; readonly fault: Fault })

type Environment = Readonly<Record<string, string | undefined>>

const prefix = 'INPUT_'

/**
 * Reads all inputs from the environment that the runner sets up, before any I/O, and says all that is wrong
 * with them at once. The runner hands on inputs that action.yml does not know, too (with a warning that few
 * people read): a misspelt `dry-run` must not become a real run.
 */
export function readInputs<I extends InputSpecs>(action: Action<I>, env: Environment): Inputs<I> {
  const values: Record<string, unknown> = {}
  const wrong: string[] = []
  const secrets: string[] = []
  const unknown = unknownInputs(action, env)
  for (const [name, spec] of Object.entries<InputSpec<unknown>>(action.inputs)) {
    const given = (env[environmentName(name)] ?? '').trim()
    if (spec.secret && given !== '') secrets.push(given)
    const text = given === '' ? (spec.default ?? '') : given
    // An empty default is a value as any other: of a list the empty one.
    if (text === '' && spec.default === undefined) {
      // A misspelt name is said once, under the name that was typed.
      if (spec.required && !unknown.some(({ meant }) => meant === name)) {
        wrong.push(`\`${name}\` is missing (${spec.form}): ${firstSentence(spec.description)}`)
      }
      values[name] = undefined
      continue
    }
    const shape = shapeFault(text, spec)
    const parsed = shape === undefined ? spec.parse(text) : { ok: false as const, why: shape }
    if (parsed.ok) values[name] = parsed.value
    else wrong.push(`\`${name}\` ${parsed.why}${shape === undefined ? legalWords(text, spec) : ''}`)
  }
  for (const { name, meant } of unknown) {
    const hint =
      meant === undefined ? `; it has ${listOf(Object.keys(action.inputs))}` : `; did you mean \`${meant}\`?`
    wrong.push(`\`${name}\` is not an input of ${action.name}${hint}`)
  }
  if (wrong.length === 0) return { ok: true, values: values as Values<I>, secrets }
  return { ok: false, fault: inputFault(action.name, wrong), secrets }
}

/** As the runner makes it of a name (actions/toolkit, core.getInput). */
export function environmentName(name: string): string {
  return prefix + name.replaceAll(' ', '_').toUpperCase()
}

function unknownInputs(action: Action, env: Environment) {
  const known = Object.keys(action.inputs)
  const legal = new Set(known.map(environmentName))
  return Object.keys(env)
    .filter((key) => key.startsWith(prefix) && !legal.has(key))
    .map((key) => key.slice(prefix.length).toLowerCase())
    .sort()
    .map((name) => ({ name: printable(name), meant: nearest(name, known) }))
}

function shapeFault(text: string, spec: InputSpec<unknown>): string | undefined {
  const bytes = Buffer.byteLength(text)
  if (bytes > spec.maxBytes) return `has ${bytes} bytes; the most is ${spec.maxBytes}`
  if (text.includes('\0')) return 'holds a NUL character'
  if (spec.multiline) return undefined
  if (/[\r\n]/.test(text)) return 'goes over several lines; it is one line'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) return 'holds a control character'
  return undefined
}

function legalWords(text: string, spec: InputSpec<unknown>): string {
  if (spec.legal === undefined) return ''
  const typed = text.split('\n').map((line) => line.trim())
  const alien = typed.find((word) => word !== '' && !spec.legal?.includes(word)) ?? text
  const meant = nearest(alien, spec.legal)
  return `; legal: ${spec.legal.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`
}

function inputFault(action: string, wrong: readonly string[]): Fault {
  const [only] = wrong
  const cause =
    wrong.length === 1 && only !== undefined
      ? `Input of ${action}: ${only}`
      : `${wrong.length} inputs of ${action} are wrong:\n${wrong.map((line) => `- ${line}`).join('\n')}`
  return {
    blame: 'user',
    reason: 'invalid-input',
    cause,
    next: 'Correct the `with:` of this step; nothing was read or changed.',
  }
}

function firstSentence(text: string): string {
  return /^.*?[.](?=\s|$)/s.exec(text)?.[0] ?? text
}

/** Names come from the environment of a hostile caller at worst. */
function printable(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll('`', "'")
  return plain.length > 60 ? `${plain.slice(0, 57)}...` : plain
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}

import { formatDuration, parseDuration } from '../release/index.ts'

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string }

/** One input of an action: the only source of its line in action.yml, in the README and of its type. */
export interface InputSpec<T> {
  readonly description: string
  readonly required: boolean
  /** As a workflow would write it. */
  readonly default?: string
  /** For the README: what may stand there. */
  readonly form: string
  readonly legal?: readonly string[]
  readonly secret: boolean
  readonly multiline: boolean
  readonly maxBytes: number
  parse(text: string): Parsed<T>
}

export interface Described {
  readonly description: string
}
/** `required` or a `default` make the value certain; without either it is `T | undefined`. */
export type Presence = { readonly required?: true; readonly default?: never } | { readonly default?: string }
type Certain = { readonly required: true } | { readonly default: string }
type Value<T, O> = O extends Certain ? T : T | undefined

interface Kind<T> {
  readonly form: string
  readonly legal?: readonly string[]
  readonly secret?: boolean
  readonly multiline?: boolean
  readonly maxBytes?: number
  readonly parse: (text: string) => Parsed<T>
}

/** Far more than any name, path or list of a workflow, and far less than what could stall a run. */
const usualBytes = 64 * 1024
const jsonBytes = 512 * 1024

function spec<T, O extends Described & Presence>(kind: Kind<T>, options: O): InputSpec<Value<T, O>> {
  const required = 'required' in options && options.required === true
  return {
    description: options.description,
    required,
    ...(options.default === undefined ? {} : { default: options.default }),
    form: kind.form,
    ...(kind.legal === undefined ? {} : { legal: kind.legal }),
    secret: kind.secret ?? false,
    multiline: kind.multiline ?? false,
    maxBytes: kind.maxBytes ?? usualBytes,
    parse: kind.parse as (text: string) => Parsed<Value<T, O>>,
  }
}

const truths = ['true', 'True', 'TRUE']
const falsehoods = ['false', 'False', 'FALSE']

export const input = {
  /** One line of text. `pattern` with a name for what it describes, e.g. `{ pattern: /^…$/, form: 'commit id' }`. */
  text<O extends Described & Presence & { readonly pattern?: RegExp; readonly form?: string }>(options: O) {
    const { pattern, form = 'text' } = options
    return spec<string, O>(
      {
        form,
        parse: (text) =>
          pattern === undefined || pattern.test(text)
            ? { ok: true, value: text }
            : { ok: false, why: `is ${quote(text)}, not ${form}` },
      },
      options,
    )
  },

  /** One line that `read` knows: an image digest, a commit id. `example` is for messages. */
  parsed<T extends string, O extends Described & Presence = Described & Presence>(
    options: O & {
      readonly form: string
      readonly example: string
      readonly read: (text: string) => T | undefined
    },
  ) {
    return spec<T, O>(
      {
        form: options.form,
        parse: (text) => {
          const value = options.read(text)
          if (value !== undefined) return { ok: true, value }
          return { ok: false, why: `is ${quote(text)}, not ${options.form} such as ${options.example}` }
        },
      },
      options,
    )
  },

  /** One of a few words. */
  oneOf<const W extends string, O extends Described & Presence>(legal: readonly W[], options: O) {
    return spec<W, O>(
      {
        form: legal.map((word) => `\`${word}\``).join(', '),
        legal,
        parse: (text) => {
          const found = legal.find((word) => word === text)
          if (found !== undefined) return { ok: true, value: found }
          return { ok: false, why: `is ${quote(text)}` }
        },
      },
      options,
    )
  },

  /** YAML 1.2 core schema only: `yes`, `on` and `1` mean different things to different tools. */
  boolean<O extends Described & Presence>(options: O) {
    return spec<boolean, O>(
      {
        form: '`true` or `false`',
        parse: (text) => {
          if (truths.includes(text)) return { ok: true, value: true }
          if (falsehoods.includes(text)) return { ok: true, value: false }
          return { ok: false, why: `is ${quote(text)}; write true or false` }
        },
      },
      options,
    )
  },

  /** Milliseconds; written with a unit. */
  duration<O extends Described & Presence & { readonly min?: string; readonly max?: string }>(options: O) {
    const least = bound(options.min)
    const most = bound(options.max)
    return spec<number, O>(
      {
        form: 'duration with a unit, e.g. `90s`, `30m`, `2h`',
        parse: (text) => {
          const value = parseDuration(text)
          if (value === undefined) {
            const unitless = /^[0-9]+$/.test(text)
              ? `; a number alone has no unit: ${text}s or ${text}m?`
              : ''
            return { ok: false, why: `is ${quote(text)}, not a duration such as 90s, 30m or 2h${unitless}` }
          }
          if (least !== undefined && value < least) {
            return { ok: false, why: `is ${quote(text)}; the least is ${formatDuration(least)}` }
          }
          if (most !== undefined && value > most) {
            return { ok: false, why: `is ${quote(text)}; the most is ${formatDuration(most)}` }
          }
          return { ok: true, value }
        },
      },
      options,
    )
  },

  /** A whole number in a range. */
  integer<O extends Described & Presence & { readonly min: number; readonly max: number }>(options: O) {
    const { min, max } = options
    return spec<number, O>(
      {
        form: `whole number, ${min} to ${max}`,
        parse: (text) => {
          const value = /^-?(0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : Number.NaN
          if (value >= min && value <= max) return { ok: true, value }
          return { ok: false, why: `is ${quote(text)}, not a whole number from ${min} to ${max}` }
        },
      },
      options,
    )
  },

  /** JSON; `read` narrows the parsed value to its type and says in one clause what is wrong with it. */
  json<T, O extends Described & Presence = Described & Presence>(
    options: O & { readonly read: (value: unknown) => Parsed<T> },
  ) {
    return spec<T, O>(
      {
        form: 'JSON',
        multiline: true,
        maxBytes: jsonBytes,
        parse: (text) => {
          let value: unknown
          try {
            value = JSON.parse(text)
          } catch (error) {
            return { ok: false, why: `is not JSON: ${oneLine(error)}` }
          }
          return options.read(value)
        },
      },
      options,
    )
  },

  /** One item a line; empty lines and spaces around an item do not count. */
  list<O extends Described & Presence & { readonly legal?: readonly string[] }>(options: O) {
    return spec<readonly string[], O>(
      {
        form: 'one a line',
        multiline: true,
        ...(options.legal === undefined ? {} : { legal: options.legal }),
        parse: (text) => {
          const items = text.split('\n').map((line) => line.trim())
          const value = items.filter((item) => item !== '')
          const twice = value.find((item, index) => value.indexOf(item) !== index)
          if (twice !== undefined) return { ok: false, why: `names ${quote(twice)} twice` }
          const alien = value.find((item) => options.legal !== undefined && !options.legal.includes(item))
          if (alien !== undefined) return { ok: false, why: `names ${quote(alien)}` }
          return { ok: true, value }
        },
      },
      options,
    )
  },

  /** A token, a password, a kubeconfig: masked in the log before anything else is done. */
  secret<O extends Described & Presence>(options: O) {
    return spec<string, O>(
      { form: 'secret', secret: true, multiline: true, parse: (text) => ({ ok: true, value: text }) },
      options,
    )
  },
}

/** As JSON, so that newlines and control characters of a hostile value show and do nothing. */
export function quote(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text
  return JSON.stringify(shown)
}

/** The parser quotes what it read, newlines and all. */
function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ')
}

function bound(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = parseDuration(text)
  if (value === undefined) throw new TypeError(`not a duration: ${text}`)
  return value
}

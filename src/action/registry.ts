import { type InputSpec, input } from './inputs.ts'

export type InputSpecs = Readonly<Record<string, InputSpec<unknown>>>
export type Values<I extends InputSpecs> = {
  readonly [Name in keyof I]: I[Name] extends InputSpec<infer T> ? T : never
}

/** Everything action.yml, the README table, the types of a handler and the checks of a run come from. */
export interface Action<
  I extends InputSpecs = InputSpecs,
  O extends string = string,
  S extends string = string,
> {
  /** The folder under actions/. */
  readonly name: string
  readonly description: string
  readonly branding: { readonly icon: string; readonly color: string }
  readonly inputs: I
  /** Name -> description. */
  readonly outputs: Readonly<Record<O, string>>
  /** What the main step saves for a later step of the same action: name -> description. */
  readonly state: Readonly<Record<S, string>>
}

/** Default of an input for a token: the runner fills in the token of the job. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub, not a template
export const jobToken = '${{ github.token }}'

/** Inputs that every action has. */
export const commonInputs = {
  'fail-on': input.oneOf(['fail', 'wait'], {
    default: 'fail',
    description:
      'The mildest verdict that fails the step: `fail` (fail and unknown), or `wait` for a caller that must not go on while the answer is "not yet".',
  }),
} as const

/** Outputs that every action has, in this order, before its own. */
export const commonOutputs = {
  verdict: '`pass`, `wait`, `fail` or `unknown`. Unknown is never good.',
  'reason-code': 'Why, as one word that a workflow can branch on: see docs/reason-codes.md.',
  result: 'The whole answer as JSON: version, action, verdict, reason, message, next, until, data.',
} as const

type OwnInputs<I extends InputSpecs> = I & { readonly [Name in keyof typeof commonInputs]?: never }

/** The typed registry of one action. A slip in it is a defect and shows when the module loads. */
export function defineAction<
  I extends InputSpecs,
  O extends string = never,
  S extends string = never,
>(definition: {
  readonly name: string
  readonly description: string
  readonly branding?: { readonly icon: string; readonly color: string }
  readonly inputs: OwnInputs<I>
  readonly outputs?: Readonly<Record<O, string>>
  readonly state?: Readonly<Record<S, string>>
}): Action<I & typeof commonInputs, O, S> {
  const { name, description, branding = { icon: 'git-commit', color: 'blue' } } = definition
  const inputs = { ...definition.inputs, ...commonInputs }
  const outputs = definition.outputs ?? ({} as Readonly<Record<O, string>>)
  const state = definition.state ?? ({} as Readonly<Record<S, string>>)
  for (const word of [name, ...Object.keys(inputs), ...Object.keys(outputs), ...Object.keys(state)]) {
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(word)) throw new TypeError(`${name}: ${word} is not kebab-case`)
  }
  for (const output of Object.keys(outputs)) {
    if (output in commonOutputs) throw new TypeError(`${name}: every action already has the output ${output}`)
  }
  for (const [key, spec] of Object.entries(inputs) as [string, InputSpec<unknown>][]) {
    if (spec.default === undefined) continue
    const parsed = spec.parse(spec.default)
    if (!parsed.ok) throw new TypeError(`${name}: the default of ${key} ${parsed.why}`)
  }
  return { name, description, branding, inputs, outputs, state }
}

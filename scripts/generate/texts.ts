import type { Action, InputSpec } from '../../src/action/index.ts'
import { commonOutputs } from '../../src/action/index.ts'

/** action.yml of an action: everything in it comes from the registry. */
export function actionYaml(action: Action): string {
  const { name, description, branding } = action
  const lines = [
    `# Generated from action.ts by \`npm run generate\`.`,
    `name: ${scalar(`Tuesday ${name}`)}`,
    `description: ${scalar(description)}`,
    'branding:',
    `  icon: ${branding.icon}`,
    `  color: ${branding.color}`,
    'inputs:',
    ...sortedInputs(action).flatMap(([input, spec]) => [
      `  ${input}:`,
      `    description: ${scalar(plainDescription(spec))}`,
      `    required: ${spec.required}`,
      ...(spec.default === undefined ? [] : [`    default: ${scalar(spec.default)}`]),
    ]),
    'outputs:',
    ...allOutputs(action).flatMap(([output, text]) => [`  ${output}:`, `    description: ${scalar(text)}`]),
    'runs:',
    '  using: node24',
    '  main: dist/index.js',
  ]
  return `${lines.join('\n')}\n`
}

export function inputTable(action: Action): string {
  const rows = sortedInputs(action).map(([name, spec]) => [
    `\`${name}\``,
    spec.description,
    spec.form,
    spec.required ? 'required' : spec.default === undefined ? '' : `\`${spec.default}\``,
  ])
  return table(['input', 'what it is', 'form', 'default'], rows)
}

export function outputTable(action: Action): string {
  const rows = allOutputs(action).map(([name, text]) => [`\`${name}\``, text])
  return table(['output', 'what it is'], rows)
}

/** Puts `text` between `<!-- name -->` and `<!-- /name -->`; undefined where the markers do not stand once. */
export function between(page: string, name: string, text: string): string | undefined {
  const [head, middle, ...more] = page.split(`<!-- ${name} -->`)
  if (head === undefined || middle === undefined || more.length > 0) return undefined
  const end = middle.indexOf(`<!-- /${name} -->`)
  if (end < 0) return undefined
  return `${head}<!-- ${name} -->\n\n${text}\n\n${middle.slice(end)}`
}

/** docs/reason-codes.md: one section a code, whose anchor is the code. */
export function reasonPage(reasons: Readonly<Record<string, string>>): string {
  const codes = Object.entries(reasons).sort(([left], [right]) => (left < right ? -1 : 1))
  const sections = codes.map(([code, meaning]) => `## ${code}\n\n${meaning}\n`)
  return `${reasonHead}\n${sections.join('\n')}`
}

const reasonHead = `<!-- Generated from src/release/reasons by \`npm run generate\`. -->

# Reason codes

Every answer of an action carries one of these in its output \`reason-code\`. A workflow may branch on them: they
do not change their meaning, and a new meaning gets a new code. The output \`verdict\` says whether to go on
(\`pass\`), to ask again later (\`wait\`), that it must not go on (\`fail\`), or that nobody knows (\`unknown\`, which
is never good).
`

function sortedInputs(action: Action): readonly [string, InputSpec<unknown>][] {
  // Required ones first; otherwise as they are declared.
  const all = Object.entries(action.inputs)
  return [...all.filter(([, spec]) => spec.required), ...all.filter(([, spec]) => !spec.required)]
}

function allOutputs(action: Action): readonly [string, string][] {
  return [...Object.entries(commonOutputs), ...Object.entries(action.outputs)]
}

/** The runner shows descriptions as plain text; legal words belong to it. */
function plainDescription(spec: InputSpec<unknown>): string {
  return spec.legal === undefined ? spec.description : `${spec.description} One of: ${spec.legal.join(', ')}.`
}

/** JSON strings are YAML double-quoted scalars. */
function scalar(text: string): string {
  return JSON.stringify(text)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

import { existsSync, readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { parse } from 'yaml'

// GitHub's own language service imports JSON without the attribute that Node asks for.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
})
const { validate } = await import('@actions/languageservice')

type Config = NonNullable<Parameters<typeof validate>[1]>

const root = join(import.meta.dirname, '..', '..')

/** How callers name this repository. */
export const ownName = 'tuesday-release/tuesday'

/** Inputs of GitHub's own actions that workflows and pages use; their action.yml cannot be fetched in a test. */
const githubsOwn: Readonly<Record<string, readonly string[]>> = {
  'actions/checkout': ['fetch-depth', 'persist-credentials', 'ref'],
  'actions/upload-artifact': ['name', 'path', 'retention-days'],
  'actions/download-artifact': ['pattern', 'path', 'merge-multiple'],
  'github/codeql-action': ['sarif_file', 'category'],
}

const config: Config = {
  actionsMetadataProvider: {
    async fetchActionMetadata({ owner, name, path }) {
      if (`${owner}/${name}` === ownName) {
        const file = join(root, path ?? '', 'action.yml')
        return existsSync(file) ? parse(readFileSync(file, 'utf8')) : undefined
      }
      const inputs = githubsOwn[`${owner}/${name}`]
      return (
        inputs && { name, description: '', inputs: Object.fromEntries(inputs.map((input) => [input, {}])) }
      )
    },
  },
  fileProvider: {
    async getFileContent(reference) {
      const path = 'path' in reference ? reference.path : ''
      return { name: path, content: readFileSync(join(root, path), 'utf8') }
    },
  },
}

let documents = 0

/** What GitHub's language service has to say of a workflow, as `line: text`. Inputs of our own actions are known to it. */
export async function workflowFaults(file: string, text: string): Promise<readonly string[]> {
  // The service remembers what it parsed by name, so each text gets a name of its own.
  const document = TextDocument.create(`${pathToFileURL(file).href}?${documents++}`, 'yaml', 1, text)
  const found = await validate(document, config)
  return found.map(({ range, message }) => `${range.start.line + 1}: ${message}`)
}

/**
 * The service knows `$/x` but resolves no inputs for it: the same workflow with this repository named in full, so
 * that inputs of our own actions are checked as well.
 */
export function inFull(text: string): string {
  return text
    .replaceAll('uses: $/', `uses: ${ownName}/`)
    .replace(/(uses: tuesday-release\/\S+?)(?=\s)/g, '$1@main')
}

/** Callers name our workflows by repository and tag; read from here, so that inputs and secrets are checked. */
export function fromHere(text: string): string {
  return text.replace(/uses: \S+\/(\.github\/workflows\/\S+)@v1/g, 'uses: ./$1')
}

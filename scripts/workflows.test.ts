import { existsSync, globSync, readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { parse } from 'yaml'
import { parseReportLines } from '../src/findings/index.ts'

const root = join(import.meta.dirname, '..')

// GitHub's own language service imports JSON without the attribute that Node asks for.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
})
const { validate } = await import('@actions/languageservice')

type Config = NonNullable<Parameters<typeof validate>[1]>

let documents = 0

/** The service remembers what it parsed by name, so each text gets a name of its own. */
function document(file: string, text: string): TextDocument {
  return TextDocument.create(`${pathToFileURL(file).href}?${documents++}`, 'yaml', 1, text)
}

/** Inputs of GitHub's own actions that the workflows use; their action.yml cannot be fetched in a test. */
const githubsOwn: Readonly<Record<string, readonly string[]>> = {
  checkout: ['fetch-depth', 'persist-credentials'],
  'upload-artifact': ['name', 'path', 'retention-days'],
  'download-artifact': ['pattern', 'path', 'merge-multiple'],
}

/**
 * The service knows `$/x` but resolves no inputs for it, so a copy that names this repository in full is checked
 * as well; inputs of our own actions are those of their action.yml.
 */
const inFull = (text: string) =>
  text.replaceAll('uses: $/', 'uses: tuesday/tuesday/').replace(/(uses: tuesday\/\S+)/g, '$1@main')
const config: Config = {
  actionsMetadataProvider: {
    async fetchActionMetadata({ owner, name, path }) {
      if (owner === 'tuesday') {
        const file = join(root, path ?? '', 'action.yml')
        return existsSync(file) ? parse(readFileSync(file, 'utf8')) : undefined
      }
      const inputs = owner === 'actions' ? githubsOwn[name ?? ''] : undefined
      return (
        inputs && { name, description: '', inputs: Object.fromEntries(inputs.map((input) => [input, {}])) }
      )
    },
  },
}

/** Callers name our workflows by repository and tag; read from here, so that their inputs and secrets are checked. */
const fromHere = (text: string) => text.replace(/uses: \S+\/(\.github\/workflows\/\S+)@v1/g, 'uses: ./$1')
const withWorkflows: Config = {
  ...config,
  fileProvider: {
    async getFileContent(reference) {
      const path = 'path' in reference ? reference.path : ''
      return { name: path, content: readFileSync(join(root, path), 'utf8') }
    },
  },
}

const callers = globSync('examples/delivery-service/.github/workflows/{release,train,rollback}.yml', {
  cwd: root,
})

const files = globSync('.github/workflows/*.yml', { cwd: root }).sort()

describe('the reusable workflows', () => {
  test('are there', () => expect(files.map((file) => file.split('/').at(-1))).toContain('train.yml'))

  test.each(files)('%s is what GitHub understands', async (file) => {
    const text = readFileSync(join(root, file), 'utf8')
    const found = [
      ...(await validate(document(join(root, file), text), config)),
      ...(await validate(document(join(root, file), inFull(text)), config)),
    ]
    expect(found.map(({ range, message }) => `${range.start.line + 1}: ${message}`)).toEqual([])
  })

  test.each(callers)('%s calls with inputs and secrets that the workflow has', async (file) => {
    const text = fromHere(readFileSync(join(root, file), 'utf8'))
    const found = await validate(document(join(root, file), text), withWorkflows)
    expect(found.map(({ range, message }) => `${range.start.line + 1}: ${message}`)).toEqual([])
    const wrong = text.replace('config: tuesday.yaml', 'confg: tuesday.yaml')
    const faults = await validate(document(join(root, file), wrong), withWorkflows)
    expect(faults.map(({ message }) => message).join('\n')).toContain('confg')
  })

  const gates = 'examples/delivery-service/.github/workflows/gates.yml'
  const ofHere = (text: string) =>
    text.replace(/uses: tuesday-release\/tuesday\/(\S+)@v1/g, 'uses: tuesday/tuesday/$1@main')

  test('the gates of the example call with inputs that the actions have', async () => {
    const text = ofHere(readFileSync(join(root, gates), 'utf8'))
    const found = await validate(document(join(root, gates), text), config)
    expect(found.map(({ range, message }) => `${range.start.line + 1}: ${message}`)).toEqual([])
    for (const [right, wrong] of [
      ['reports: |', 'report: |'],
      ['config: tuesday.yaml', 'confg: tuesday.yaml'],
    ] as const) {
      const faults = await validate(document(join(root, gates), text.replace(right, wrong)), config)
      expect(faults.length).toBeGreaterThan(0)
    }
  })

  test('the scanners of the example have no secret, pinned versions, and reports that sast-gate takes', () => {
    const text = readFileSync(join(root, gates), 'utf8')
    const workflow = parse(text) as {
      permissions: unknown
      jobs: Record<
        string,
        { permissions: unknown; steps: { run?: string; uses?: string; with?: { reports?: string } }[] }
      >
    }
    expect(workflow.permissions).toEqual({})
    expect(text).not.toContain('secrets.')
    const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)
    for (const { run = '' } of steps) {
      expect(run).not.toContain('${{')
      for (const [install = ''] of run.matchAll(/(go|pipx) install \S+/g))
        expect(install).toMatch(/(@v|==)\d+\.\d+\.\d+$/)
    }
    const [reports = ''] = steps.flatMap((step) => step.with?.reports ?? [])
    const filled = reports
      .replaceAll(/\$\{\{ runner\.temp \}\}/g, '/tmp')
      .replaceAll(/\$\{\{ steps\.\w+\.outputs\.exit \}\}/g, '0')
      .replaceAll(/\$\{\{ steps\.\w+\.outcome \}\}/g, 'success')
    const parsed = parseReportLines(filled)
    expect(parsed.ok && parsed.value.map(({ tool }) => tool)).toEqual(['semgrep', 'osv-scanner', 'gitleaks'])
  })

  test('an input that an action does not have is found', async () => {
    const train = readFileSync(join(root, '.github/workflows/train.yml'), 'utf8')
    const text = inFull(train).replace('mode: next', 'moode: next')
    const found = await validate(document(join(root, '.github/workflows/train.yml'), text), config)
    expect(found.map(({ message }) => message).join('\n')).toContain('moode')
  })

  test.each(files)('%s interpolates nothing into a shell, bounds every job and grants the least', (file) => {
    const workflow = parse(readFileSync(join(root, file), 'utf8')) as {
      permissions: unknown
      jobs: Record<
        string,
        { 'timeout-minutes'?: number; permissions?: unknown; steps: { run?: string; uses?: string }[] }
      >
    }
    expect(workflow.permissions).toEqual({})
    for (const job of Object.values(workflow.jobs)) {
      expect(job['timeout-minutes']).toBeGreaterThan(0)
      expect(job.permissions).toBeDefined()
      for (const step of job.steps) {
        expect(step.run ?? '').not.toContain('${{')
        expect(step.uses ?? '$/').toMatch(/^(\$\/|[^@]+@[0-9a-f]{40}$)/)
      }
    }
  })
})

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse } from 'yaml'
import { type Command, readCommands, readFileCommand } from './commands.ts'

const root = dirname(dirname(import.meta.dirname))

export interface BundleOptions {
  /** Folder under actions/. */
  readonly action: string
  /** Runs main.ts instead of the bundle: for tests of what was not built yet. */
  readonly source?: boolean
  /** As written under `with:`. */
  readonly inputs?: Readonly<Record<string, string>>
  /** On top of what the runner sets; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Checkout of the job; an empty folder unless given. */
  readonly workspace?: string
  /** What `${{ github.token }}` stands for in defaults of inputs. */
  readonly token?: string
  readonly timeoutMs?: number
  /** Each line of the log as it comes. */
  readonly onLine?: (line: string) => void
}

/** What a step left behind, read as the runner reads it. */
export interface BundleRun {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly commands: readonly Command[]
  /** The log without its commands. */
  readonly lines: readonly string[]
  readonly outputs: Readonly<Record<string, string>>
  /** The output `result`; undefined when there is none. */
  readonly result: unknown
  readonly state: Readonly<Record<string, string>>
  readonly exported: Readonly<Record<string, string>>
  readonly path: string
  readonly summary: string
}

export interface StartedBundle {
  readonly pid: number
  kill(signal: NodeJS.Signals): void
  readonly done: Promise<BundleRun>
}

/** Actions that have a bundle or sources. */
export function actionFolders(): readonly string[] {
  const folder = join(root, 'actions')
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'action.ts')))
    .sort()
}

export function runBundle(options: BundleOptions): Promise<BundleRun> {
  return startBundle(options).done
}

/** Starts the shipped bundle of an action under this very Node, with the environment of a step and nothing else. */
export function startBundle(options: BundleOptions): StartedBundle {
  const folder = mkdtempSync(join(tmpdir(), 'step-'))
  const files = commandFiles(folder)
  const { args, env } = command(options, folder, files)
  const child = spawn(process.execPath, args, {
    cwd: env.GITHUB_WORKSPACE,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  let partial = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    const lines = (partial + text).split('\n')
    partial = lines.pop() ?? ''
    for (const line of lines) options.onLine?.(line)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 60_000)
  const done = new Promise<BundleRun>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      try {
        resolve({ code, signal, stdout, stderr, ...readCommands(stdout), ...left(files) })
      } catch (error) {
        reject(error)
      } finally {
        // Programs that a killed action had started may still be writing there.
        rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
      }
    })
  })
  return { pid: child.pid ?? -1, kill: (signal) => void child.kill(signal), done }
}

const fileCommands = ['OUTPUT', 'STATE', 'ENV', 'PATH', 'STEP_SUMMARY'] as const
type Files = Readonly<Record<(typeof fileCommands)[number], string>>

function commandFiles(folder: string): Files {
  const pairs = fileCommands.map((name) => [name, join(folder, name.toLowerCase())] as const)
  for (const [, path] of pairs) writeFileSync(path, '')
  return Object.fromEntries(pairs) as Files
}

function left(files: Files) {
  const read = (name: keyof Files) => readFileSync(files[name], 'utf8')
  const table = (name: keyof Files) => Object.fromEntries(readFileCommand(read(name)))
  const outputs: Record<string, string> = table('OUTPUT')
  const result: unknown = outputs.result === undefined ? undefined : JSON.parse(outputs.result)
  return {
    outputs,
    result,
    state: table('STATE'),
    exported: table('ENV'),
    path: read('PATH'),
    summary: read('STEP_SUMMARY'),
  }
}

/**
 * One string of an environment is 128 KiB at most (Linux, MAX_ARG_STRLEN) and holds no NUL: others, which another
 * system or a changed runner may hand on, are put into `process.env` inside the process.
 */
function passes(value: string): boolean {
  return value.length <= 100_000 && !value.includes('\0')
}

function command(options: BundleOptions, folder: string, files: Files) {
  const manifest = join(root, 'actions', options.action, 'action.yml')
  const { inputs: declared = {}, runs } = parse(readFileSync(manifest, 'utf8')) as Manifest
  const given = { ...defaults(declared, options.token ?? 'token-of-the-job'), ...options.inputs }
  const variables = Object.entries(given).map(([name, value]) => [variableOf(name), value] as const)
  const plain = variables.filter(([, value]) => passes(value))
  const odd = variables.filter(([, value]) => !passes(value))
  const main = join(dirname(manifest), options.source === true ? 'main.ts' : runs.main)
  const env = { ...runnerEnvironment(options, folder, files), ...Object.fromEntries(plain), ...options.env }
  const set = Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return {
    args: odd.length === 0 ? [main] : ['--import', preload(folder, odd), main],
    env: Object.fromEntries(set),
  }
}

interface Manifest {
  readonly inputs?: Readonly<Record<string, { readonly default?: string }>>
  readonly runs: { readonly main: string }
}

function defaults(declared: NonNullable<Manifest['inputs']>, token: string): Record<string, string> {
  const pairs = Object.entries(declared).map(([name, { default: value = '' }]) => {
    return [name, String(value).replaceAll(/\$\{\{\s*github\.token\s*\}\}/g, token)]
  })
  return Object.fromEntries(pairs)
}

function variableOf(name: string): string {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`
}

function preload(folder: string, variables: readonly (readonly [string, string])[]): string {
  const file = join(folder, 'preload.mjs')
  const values = JSON.stringify(Object.fromEntries(variables))
  // A plain object: the real one cuts a value at its first NUL.
  writeFileSync(file, `Object.defineProperty(process, 'env', { value: { ...process.env, ...${values} } })`)
  return pathToFileURL(file).href
}

function runnerEnvironment(
  { workspace }: BundleOptions,
  folder: string,
  files: Files,
): Record<string, string> {
  const temp = join(folder, 'temp')
  const checkout = workspace ?? join(folder, 'workspace')
  mkdirSync(temp)
  mkdirSync(checkout, { recursive: true })
  return {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTOR: 'octocat',
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_EVENT_NAME: 'workflow_dispatch',
    GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
    GITHUB_JOB: 'release',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REPOSITORY: 'acme/delivery-service',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: '1000001',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
    GITHUB_TRIGGERING_ACTOR: 'octocat',
    GITHUB_WORKFLOW: 'release',
    GITHUB_WORKSPACE: checkout,
    RUNNER_OS: 'Linux',
    RUNNER_TEMP: temp,
    ...Object.fromEntries(fileCommands.map((name) => [`GITHUB_${name}`, files[name]])),
  }
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { type Exec, err, type Fault, ok, type Result } from '../../release/index.ts'
import { missingFile, tooLarge, unreadable } from '../faults.ts'
import type { FileReader } from '../files.ts'
import { createReport } from '../openapi/report.ts'
import { rootPlace } from '../schema/place.ts'
import type { Comparison, Policy } from '../types.ts'

/** What programs of others are run with. */
export interface Tools {
  readonly exec: Exec
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly temp: string
}

/** A Protobuf file and all that it imports, by their path from the folder that imports count from. */
export interface ProtoFiles {
  readonly path: string
  readonly files: ReadonlyMap<string, string>
}

const maxFiles = 500
/** The compiler brings these along. */
const wellKnown = 'google/protobuf/'

export async function loadProtobuf(path: string, reader: FileReader): Promise<Result<ProtoFiles>> {
  const main = await reader.read(path)
  if (!main.ok) return main
  const files = new Map([[path, main.value]])
  const open = importsOf(main.value).map((name) => ({ name, from: path }))
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.name.startsWith(wellKnown)) continue
    const found = await resolveImport(next.name, next.from, files, reader)
    if (found === undefined) return err(missingFile(next.name, { file: next.from }))
    if (found === 'known') continue
    if (files.size >= maxFiles) return err(tooLarge(path, `it imports more than ${maxFiles} files`))
    files.set(found.path, found.text)
    open.push(...importsOf(found.text).map((name) => ({ name, from: found.path })))
  }
  return ok({ path, files })
}

function importsOf(text: string): readonly string[] {
  return [...text.matchAll(/^\s*import\s+(?:public\s+|weak\s+)?"([^"\n]+)"\s*;/gm)].map(
    ([, name = '']) => name,
  )
}

/** Imports count from a folder that the file does not name: the nearest one above that has the file. */
async function resolveImport(
  name: string,
  from: string,
  files: ReadonlyMap<string, string>,
  reader: FileReader,
): Promise<{ readonly path: string; readonly text: string } | 'known' | undefined> {
  for (let folder = posix.dirname(from); ; folder = posix.dirname(folder)) {
    const path = posix.join(folder, name)
    if (path.startsWith('../') || posix.isAbsolute(path)) return undefined
    if (files.has(path)) return 'known'
    const read = await reader.read(path)
    if (read.ok) return { path, text: read.value }
    if (folder === '.') return undefined
  }
}

/** Wire and JSON, and whole messages: what consumers that were built earlier go on reading. */
const config = '{"version":"v2","breaking":{"use":["WIRE_JSON","MESSAGE_NO_DELETE"]}}'

/** Asks `buf`, which must be installed: without it nothing is known, and that is no pass. */
export async function compareProtobuf(
  base: ProtoFiles,
  revision: ProtoFiles,
  policy: Policy,
  tools: Tools,
): Promise<Result<Comparison>> {
  const folder = await mkdtemp(join(tools.temp, 'protobuf-'))
  try {
    const root = commonRoot([...base.files.keys(), ...revision.files.keys()])
    await writeAll(join(folder, 'base'), base, root)
    await writeAll(join(folder, 'head'), revision, root)
    const { PATH = '' } = tools.env
    const args = ['breaking', '.', '--against', '../base', '--error-format', 'json', '--config', config]
    const ran = await tools
      .exec('buf', args, {
        cwd: join(folder, 'head'),
        env: { PATH, HOME: folder },
        timeoutMs: 120_000,
        signal: tools.signal,
      })
      .catch((error: unknown) => {
        tools.signal.throwIfAborted()
        return error instanceof Error ? error : new Error(String(error))
      })
    if (ran instanceof Error) return err(noBuf(ran.message))
    return readBuf(ran, revision.path, root, policy)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function commonRoot(paths: readonly string[]): string {
  const [first = '', ...others] = paths.map((path) => posix.dirname(path))
  let root = first
  while (root !== '.' && others.some((path) => path !== root && !path.startsWith(`${root}/`))) {
    root = posix.dirname(root)
  }
  return root
}

async function writeAll(folder: string, { files }: ProtoFiles, root: string): Promise<void> {
  for (const [path, text] of files) {
    const target = join(folder, posix.relative(root, path))
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, text)
  }
}

interface BufLine {
  readonly path: string
  readonly line: number | undefined
  readonly type: string
  readonly message: string
}

/** buf exits 100 for what breaks and also for what does not compile; only the type of its lines tells them apart. */
export function readBuf(
  { code, stdout, stderr }: { readonly code: number; readonly stdout: string; readonly stderr: string },
  path: string,
  root: string,
  policy: Policy,
): Result<Comparison> {
  const lines = linesOf(stdout)
  const broken = lines?.find(({ type }) => type === 'COMPILE')
  if (broken !== undefined) return err(unreadable(path, `${broken.message}.`, broken.line))
  if (lines === undefined || (code !== 0 && code !== 100) || (code === 100) !== lines.length > 0) {
    return err(bufFailed(code, `${stderr} ${stdout}`.trim().slice(0, 300)))
  }
  const found = new Map<object, number | undefined>()
  const report = createReport(
    { lineOf: () => undefined },
    { lineOf: ({ value }) => found.get(Object(value)) },
    policy,
  )
  for (const { path: file, line, type, message } of lines) {
    // The place of a finding is what buf says; the text that it stands in is no tree.
    const mark = {}
    found.set(mark, line)
    report.raise({
      id: `event-protobuf-${type.toLowerCase().replaceAll('_', '-')}`,
      breaking: true,
      where: file,
      what: message.replace(/\.$/, ''),
      subject: message,
      revision: rootPlace({ file: posix.join(root, file), dialect: 'json-schema' }, mark),
    })
  }
  return ok(report.finish())
}

function linesOf(stdout: string): readonly BufLine[] | undefined {
  const lines: BufLine[] = []
  for (const text of stdout.split('\n').filter((one) => one.trim() !== '')) {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return undefined
    }
    if (typeof value !== 'object' || value === null || !('type' in value) || !('message' in value))
      return undefined
    lines.push({
      path: 'path' in value ? String(value.path) : '',
      line: 'start_line' in value && typeof value.start_line === 'number' ? value.start_line : undefined,
      type: String(value.type),
      message: String(value.message),
    })
  }
  return lines
}

function noBuf(said: string): Fault {
  return {
    blame: 'user',
    reason: 'contract-tool-missing',
    cause: `Protobuf is compared by buf, which cannot be started: ${said}.`,
    likely: 'The job does not install buf.',
    next: 'Install a pinned @bufbuild/buf before this step; without it nothing is known of the contract.',
  }
}

function bufFailed(code: number, said: string): Fault {
  return {
    blame: 'user',
    reason: 'contract-tool-missing',
    cause: `buf ended with ${code} and no answer: ${said}`,
    likely: 'Its version is another one, or it cannot build the files.',
    next: 'Run `buf breaking` on the two versions by hand; without its answer nothing is known of the contract.',
  }
}

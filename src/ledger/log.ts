import { err, type Fault, ok, type Result } from '../release/index.ts'
import { canonicalJson, sha256 } from './canonical.ts'
import {
  type Author,
  eventSchemaVersion,
  type LedgerEvent,
  ledgerEvent,
  longestText,
  type NewEvent,
} from './events.ts'
import { fold } from './fold.ts'
import { Unfoldable } from './fold-region.ts'
import { emptyState, type LedgerState } from './state.ts'

export interface LedgerPaths {
  readonly folder: string
  readonly state: string
  readonly log: string
}

export function ledgerPaths(service: string): LedgerPaths {
  const folder = `release/${service}/`
  return { folder, state: `${folder}state.json`, log: `${folder}log/` }
}

/** What the first line is chained to: a log cannot be moved under the name of another service. */
export function genesisHash(service: string): string {
  return sha256(`tuesday ledger of ${service}`)
}

/** A ledger that was read and verified. `logs` holds the text of each file of the log, by path. */
export interface VerifiedLog {
  readonly state: LedgerState
  readonly events: readonly LedgerEvent[]
  readonly logs: ReadonlyMap<string, string>
}

/**
 * Reads and verifies: each line an event of a known schema, numbered without a gap and chained to the line
 * before, and state.json the fold of them all. Anything else is a fault, so that no decision stands on it.
 * A cut-off log together with a matching state.json passes: against its owner only the history of the
 * branch itself helps (protect it from force-pushes).
 */
export function verifyLog(service: string, files: ReadonlyMap<string, string>): Result<VerifiedLog> {
  const paths = ledgerPaths(service)
  const logPaths = [...files.keys()].filter((p) => p.startsWith(paths.log)).sort()
  let state = emptyState(service, genesisHash(service))
  const events: LedgerEvent[] = []
  for (const path of logPaths) {
    const text = files.get(path) ?? ''
    if (!text.endsWith('\n')) return err(broken(path, 0, 'the last line has no end'))
    const lines = text.slice(0, -1).split('\n')
    for (const [index, line] of lines.entries()) {
      const step = readLine(state, line, path, index + 1)
      if (!step.ok) return step
      state = step.value.state
      events.push(step.value.event)
    }
  }
  const stateText = files.get(paths.state)
  const checked = checkState(paths.state, stateText, state)
  if (checked !== undefined) return err(checked)
  return ok({ state, events, logs: new Map(logPaths.map((p) => [p, files.get(p) ?? ''])) })
}

function readLine(
  state: LedgerState,
  line: string,
  file: string,
  number: number,
): Result<{ state: LedgerState; event: LedgerEvent }> {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return err(unreadable(file, number, 'not JSON'))
  }
  const version = typeof json === 'object' && json !== null && 'schema' in json ? json.schema : undefined
  if (typeof version === 'number' && version > eventSchemaVersion) return err(newer(file, number, version))
  const parsed = ledgerEvent.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return err(unreadable(file, number, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`))
  }
  const event = parsed.data
  // The hash is over the bytes of the line, so its form has to be the canonical one.
  if (canonicalJson(event) !== line) return err(broken(file, number, 'the line is not in canonical form'))
  if (event.prevHash !== state.head.hash)
    return err(broken(file, number, 'it does not follow the line before'))
  if (event.id !== `${state.service}/${state.head.seq + 1}`)
    return err(broken(file, number, `its id is ${event.id}`))
  try {
    return ok({ state: fold(state, event, sha256(line)), event })
  } catch (error) {
    if (error instanceof Unfoldable) return err(unreadable(file, number, error.message))
    throw error
  }
}

function checkState(file: string, text: string | undefined, state: LedgerState): Fault | undefined {
  if (state.head.seq === 0 && text === undefined) return undefined
  if (text === undefined) return stateDiffers(file, 'the file is missing')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return stateDiffers(file, 'it is not JSON')
  }
  const version = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined
  if (typeof version === 'number' && version > state.version) return newer(file, 1, version)
  if (text !== (version === 1 ? versionOne(state) : stateText(state)))
    return stateDiffers(file, `the log ends with ${state.service}/${state.head.seq}`)
  return undefined
}

/** What version 1 wrote for a log without newer events: the next commit writes it in today's form. */
function versionOne(state: LedgerState): string {
  const releases = Object.entries(state.releases).map(([id, { endedAt: _, ...rest }]) => [id, rest])
  return jsonText({ ...state, version: 1, releases: Object.fromEntries(releases) })
}

/** The text of state.json: keys sorted, two spaces, so that its diff in a commit reads well. */
export function stateText(state: LedgerState): string {
  return jsonText(state)
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(value)), null, 2)}\n`
}

/** What `events` add to a ledger: the changed files, and the state after them. Pure. */
export function extendLog(
  before: VerifiedLog,
  events: readonly NewEvent[],
  author: Author,
): { readonly files: ReadonlyMap<string, string>; readonly after: VerifiedLog } {
  const service = before.state.service
  const paths = ledgerPaths(service)
  // A clock that went back must not put a line into an older month: file order is chain order.
  const newest = [...before.logs.keys()].sort().at(-1) ?? ''
  const month = `${paths.log}${author.at.toISOString().slice(0, 7)}.ndjson`
  const path = month > newest ? month : newest
  let state = before.state
  let text = before.logs.get(path) ?? ''
  const added: LedgerEvent[] = []
  for (const body of events) {
    const id = `${service}/${state.head.seq + 1}`
    const transition = body.transition ?? transitionId(state, body.type)
    const event = ledgerEvent.parse({
      ...clipped(body),
      schema: eventSchemaVersion,
      id,
      transition,
      at: author.at.toISOString(),
      actor: author.actor,
      run: author.run,
      clock: author.clock,
      prevHash: state.head.hash,
    })
    const line = canonicalJson(event)
    state = fold(state, event, sha256(line))
    text += `${line}\n`
    added.push(event)
  }
  const logs = new Map(before.logs).set(path, text)
  const files = new Map([
    [path, text],
    [paths.state, stateText(state)],
  ])
  return { files, after: { state, events: [...before.events, ...added], logs } }
}

/** What servers say can be a page long; a line of the ledger keeps its beginning, the log of the run the rest. */
function clipped(body: NewEvent): NewEvent {
  const short = Object.entries(body).flatMap(([key, value]) =>
    (key === 'why' || key === 'reason') && typeof value === 'string' ? [[key, clip(value)]] : [],
  )
  return { ...body, ...Object.fromEntries(short) }
}

function clip(text: string): string {
  if (text.trim() === '') return 'no reason was given'
  return text.length <= longestText ? text : `${text.slice(0, longestText - 2).trimEnd()} …`
}

/**
 * The id of a transition that begins at this point of the ledger. Derived, not drawn: `decide` stays pure, and
 * two runs that decide the same on the same ledger speak of the same transition (only one of them commits).
 */
export function transitionId(state: LedgerState, what: string): string {
  return `t-${sha256(`${state.head.hash}\n${what}`).slice(0, 16)}`
}

const restore =
  'Restore release/ of the GitOps branch to its last good commit (git log -- release/), then run again; nothing was written.'

function unreadable(file: string, line: number, why: string): Fault {
  return {
    blame: 'user',
    reason: 'ledger-unreadable',
    cause: `Line ${line} of ${file} is no event of the ledger: ${why}.`,
    likely: 'The file was edited by hand or merged.',
    next: restore,
    at: { file, line },
  }
}

function broken(file: string, line: number, why: string): Fault {
  return {
    blame: 'user',
    reason: 'ledger-broken',
    cause: `The chain of the ledger breaks at line ${line} of ${file}: ${why}.`,
    likely: 'A line was changed, added, removed or reordered by hand.',
    next: restore,
    at: { file, line: Math.max(1, line) },
  }
}

function stateDiffers(file: string, why: string): Fault {
  return {
    blame: 'user',
    reason: 'ledger-state-differs',
    cause: `${file} is not what the log adds up to: ${why}.`,
    likely: 'One of the two was edited or reverted without the other.',
    next: restore,
    at: { file, line: 1 },
  }
}

function newer(file: string, line: number, version: number): Fault {
  return {
    blame: 'user',
    reason: 'ledger-newer',
    cause: `${file} has schema ${version}; this version of Tuesday reads up to ${eventSchemaVersion}.`,
    likely: 'Another workflow of the service already uses a newer version.',
    next: 'Use the same version of Tuesday in every workflow of the service.',
    at: { file, line },
  }
}

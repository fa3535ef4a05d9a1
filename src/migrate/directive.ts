import { err, ok, parseDuration, type Result } from '../release/index.ts'
import type { Backfill, ObjectName } from './types.ts'

/** What is wrong with a directive, and what to write. */
export interface DirectiveFault {
  readonly cause: string
  readonly next: string
}

const defaults = { batch: 1_000, pauseMs: 100, maxLagMs: 5_000, maxWal: 16 * 1024 * 1024 }
const form = '-- tuesday:backfill table=orders key=id batch=1000 pause=100ms max-lag=5s max-wal=16MB'

/**
 * `-- tuesday:backfill table=T key=K …` in the comments before a statement. Undefined where there is none: other words
 * after `tuesday:` belong to others.
 */
export function readBackfill(comments: string): Result<Backfill | undefined, DirectiveFault> {
  const found = [...comments.matchAll(/^[ \t]*--[ \t]*tuesday:backfill\b[ \t]*(.*?)[ \t]*\r?$/gm)]
  const [line] = found
  if (line === undefined) return ok(undefined)
  if (found.length > 1) return bad('it stands twice before one statement')
  const given = new Map<string, string>()
  for (const word of (line[1] ?? '').split(/\s+/).filter((part) => part !== '')) {
    const at = word.indexOf('=')
    const key = word.slice(0, Math.max(0, at))
    if (!['table', 'key', 'batch', 'pause', 'max-lag', 'max-wal'].includes(key))
      return bad(`it knows no ${JSON.stringify(word)}`)
    if (given.has(key)) return bad(`it has ${key} twice`)
    given.set(key, word.slice(at + 1))
  }
  return toBackfill(given)
}

function toBackfill(given: ReadonlyMap<string, string>): Result<Backfill, DirectiveFault> {
  const table = tableName(given.get('table') ?? '')
  if (table === undefined) return bad('it needs table=NAME or table=SCHEMA.NAME')
  const key = given.get('key') ?? ''
  if (!/^[a-z_][a-z0-9_]*$/.test(key)) return bad('it needs key=COLUMN, a unique column that orders the rows')
  const batch = Number(given.get('batch') ?? defaults.batch)
  if (!Number.isInteger(batch) || batch < 1 || batch > 1_000_000) return bad('batch is a number of rows')
  const pauseMs = duration(given.get('pause'), defaults.pauseMs)
  const maxLagMs = duration(given.get('max-lag'), defaults.maxLagMs)
  if (pauseMs === undefined || maxLagMs === undefined)
    return bad('pause and max-lag are durations such as 100ms')
  const wal = /^(\d{1,6})(kB|MB|GB)$/.exec(given.get('max-wal') ?? '')
  if (given.has('max-wal') && wal === null) return bad('max-wal is an amount a second such as 16MB')
  const maxWal = wal === null ? defaults.maxWal : Number(wal[1]) * (units[wal[2] ?? ''] ?? 1)
  return ok({ table, key, batch, pauseMs, maxLagMs, maxWal })
}

const units: Readonly<Record<string, number>> = { kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }

function duration(text: string | undefined, usual: number): number | undefined {
  if (text === undefined) return usual
  return parseDuration(text)
}

function tableName(text: string): ObjectName | undefined {
  const parts = text.split('.')
  if (parts.length > 2 || parts.some((part) => !/^[a-z_][a-z0-9_]*$/.test(part))) return undefined
  const [first = '', second] = parts
  return second === undefined ? { name: first } : { schema: first, name: second }
}

function bad(what: string): { readonly ok: false; readonly fault: DirectiveFault } {
  return err({ cause: `the directive of its backfill cannot be read: ${what}`, next: `Write it as ${form}.` })
}

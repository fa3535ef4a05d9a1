/** The pending migrations on a scratch server: what they really lock, rewrite and read, beside what was predicted. */
import {
  catalogueFromSnapshot,
  type Grammar,
  parseFile,
  predict,
  type Reader,
  readSnapshot,
  type Snapshot,
} from '../hazards/index.ts'
import { type Difference, differences } from './differences.ts'
import type { ReviewFile } from './files.ts'
import { type Filled, fillTables } from './fill.ts'
import { type Measured, measureAlone, measureStatement } from './measure.ts'
import { notRestored } from './restored.ts'

/** A connection to one database of the scratch server. */
export interface Scratch extends Reader {
  end(): Promise<void>
}

export interface RehearseOptions {
  readonly open: (database: string) => Promise<Scratch>
  /** A database of the scratch server to create others from. */
  readonly maintenance: string
  /** Prefix of the databases that are made and dropped again; nobody else uses it. */
  readonly name: string
  readonly grammar: Grammar
  /** The target's schema; without, the earlier files make it. */
  readonly snapshot?: Snapshot
  readonly earlier: readonly ReviewFile[]
  readonly files: readonly (ReviewFile & { readonly pair?: ReviewFile })[]
  readonly scale: number
  readonly mostRows: number
  /** Old code on new schema: run once all files are applied, against this database. */
  readonly command?: (database: string) => Promise<{ readonly ok: boolean; readonly what: string }>
}

export interface RehearsedStatement {
  readonly file: string
  readonly line: number
  readonly sql: string
  readonly ms: number
  readonly measured?: Partial<Measured>
  readonly differences: readonly Difference[]
}

export interface Rehearsal {
  readonly statements: readonly RehearsedStatement[]
  readonly filled: Filled
  readonly failed?: { readonly file: string; readonly line: number; readonly why: string }
  readonly pairs: readonly {
    readonly file: string
    readonly pair: string
    readonly missing: readonly string[]
    readonly failed?: string
  }[]
  readonly command?: { readonly ok: boolean; readonly what: string }
}

export async function rehearse(options: RehearseOptions, now: () => number): Promise<Rehearsal> {
  const { open, maintenance, name } = options
  const admin = await open(maintenance)
  const made: string[] = []
  const create = async (database: string, template?: string) => {
    await admin.query(`create database ${database}${template === undefined ? '' : ` template ${template}`}`)
    made.push(database)
  }
  try {
    await create(name)
    return await run(options, { create, now })
  } finally {
    // Backwards: a copy may still hold its template.
    for (const database of made.reverse())
      await admin.query(`drop database if exists ${database} with (force)`)
    await admin.end()
  }
}

interface Tools {
  create(database: string, template?: string): Promise<void>
  now(): number
}

async function run(options: RehearseOptions, tools: Tools): Promise<Rehearsal> {
  const { name, files, snapshot, earlier, scale, mostRows } = options
  let session = await options.open(name)
  const statements: RehearsedStatement[] = []
  const pairs: Rehearsal['pairs'][number][] = []
  let filled: Filled = { rows: {}, empty: [] }
  const stop = (file: string, line: number, why: string): Rehearsal => ({
    statements,
    filled,
    pairs,
    failed: { file, line, why },
  })
  try {
    for (const [at, sql] of (snapshot?.statements ?? []).entries()) {
      const why = await attempt(session, sql)
      // The schema public is in every new database.
      if (why !== undefined && !/^create schema/.test(sql)) return stop('catalogue', at + 1, `${why}: ${sql}`)
    }
    if (snapshot === undefined)
      for (const { name: file, text = '' } of earlier) {
        const failed = await play(session, options.grammar, text)
        if (failed !== undefined) return stop(file, failed.line, failed.why)
      }
    else await searchPath(session, snapshot)
    filled = await fillTables(session, { rows: snapshot?.rows ?? {}, scale, most: mostRows })
    for (const [at, file] of files.entries()) {
      const copy = `${name}_${at}`
      if (file.pair !== undefined) {
        // A template may have no other session.
        await session.end()
        await tools.create(copy, name)
        session = await options.open(name)
        await searchPath(session, snapshot)
      }
      const failed = await apply(file, session, options.grammar, statements, tools)
      if (failed !== undefined) return stop(file.name, failed.line, failed.why)
      if (file.pair !== undefined) pairs.push(await checkPair(file, file.pair, copy, options))
    }
    await session.end()
    const command = await options.command?.(name)
    return { statements, filled, pairs, ...(command === undefined ? {} : { command }) }
  } finally {
    await session.end()
  }
}

async function searchPath(session: Scratch, snapshot: Snapshot | undefined): Promise<void> {
  if (snapshot === undefined) return
  const path = snapshot.searchPath.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ')
  await session.query(`select set_config('search_path', '${path.replaceAll("'", "''")}', false)`)
}

/** One statement after the other: what cannot run in a transaction has none around it. */
async function play(
  session: Reader,
  grammar: Grammar,
  text: string,
): Promise<{ readonly line: number; readonly why: string } | undefined> {
  const parsed = parseFile(grammar, text)
  if (!parsed.ok) return { line: parsed.fault.line, why: parsed.fault.message }
  for (const { sql, line } of parsed.statements) {
    const why = await attempt(session, sql)
    if (why !== undefined) return { line, why }
  }
  return undefined
}

async function attempt(session: Reader, sql: string): Promise<string | undefined> {
  try {
    await session.query(sql)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function apply(
  file: ReviewFile,
  session: Scratch,
  grammar: Grammar,
  statements: RehearsedStatement[],
  { now }: Tools,
): Promise<{ readonly line: number; readonly why: string } | undefined> {
  const parsed = parseFile(grammar, file.text ?? '')
  if (!parsed.ok) return { line: parsed.fault.line, why: parsed.fault.message }
  for (const statement of parsed.statements) {
    const catalogue = catalogueFromSnapshot(grammar, await readSnapshot(session))
    const prediction = predict(statement, catalogue, grammar.major)
    const started = now()
    const alone = prediction.error === '25001' || /\bconcurrently\b/i.test(statement.sql)
    const outcome = alone
      ? await measureAlone(session, statement.sql)
      : await measureStatement(session, statement.sql, { qualified: true, keep: true })
    if ('summary' in outcome) return { line: statement.line, why: outcome.summary }
    statements.push({
      file: file.name,
      line: statement.line,
      sql: statement.sql,
      ms: Math.round(now() - started),
      measured: outcome,
      // What was told is the refusal inside a transaction, not what it does outside of one.
      differences: alone && prediction.error !== undefined ? [] : differences(prediction, outcome),
    })
  }
  return undefined
}

/** On a copy of the schema as it was: the file, its pair, and then everything the previous release had. */
async function checkPair(
  file: ReviewFile,
  pair: ReviewFile,
  database: string,
  { open, grammar, snapshot }: RehearseOptions,
): Promise<Rehearsal['pairs'][number]> {
  const session = await open(database)
  const named = { file: file.name, pair: pair.name }
  try {
    await searchPath(session, snapshot)
    const before = catalogueFromSnapshot(grammar, await readSnapshot(session))
    for (const { name, text = '' } of [file, pair]) {
      const failed = await play(session, grammar, text)
      if (failed !== undefined)
        return { ...named, missing: [], failed: `${name}:${failed.line}: ${failed.why}` }
    }
    const after = catalogueFromSnapshot(grammar, await readSnapshot(session))
    return { ...named, missing: notRestored(before, after) }
  } finally {
    await session.end()
  }
}

import type pg from 'pg'
import type { HttpRequest, Reply } from '../http/index.ts'
import type { Leak } from './switches.ts'

/** One request, with whom it is for and what the database says. */
export interface Call {
  readonly tenant: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly headers: HttpRequest['headers']
  readonly body: Readonly<Record<string, unknown>>
  readonly url: string
  on(leak: Leak): boolean
  rows(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>
}

export type Row = Readonly<Record<string, unknown>>

export interface Route {
  readonly method: string
  readonly path: string
  readonly open?: true
  handle(call: Call): Promise<Reply>
}

export function routeOf(method: string, path: string, handle: Route['handle'], open?: true): Route {
  return { method, path, handle, ...(open === undefined ? {} : { open }) }
}

export const json = (
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body,
})
export const gone: Reply = { status: 204 }
export const notFound = json(404, { error: 'not found' })
export const invalid = (what: string): Reply => json(422, { error: `at fault: ${what}` })

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
export const isUuid = (text: unknown): text is string => typeof text === 'string' && uuidForm.test(text)
export const isText = (value: unknown, longest = 200): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= longest

export function queryOf(pool: pg.Pool) {
  return async (sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> =>
    (await pool.query(sql, [...values])).rows
}

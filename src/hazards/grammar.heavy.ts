import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Grammar, LocateWasm, RawParse, RawStatement } from './grammar.ts'
import type { Major } from './types.ts'

const packages: Readonly<Record<Major, string>> = {
  16: 'libpg-query-16',
  17: 'libpg-query-17',
  18: 'libpg-query',
}

const loaders = {
  16: () => import('libpg-query-16/wasm/libpg-query.js'),
  17: () => import('libpg-query-17/wasm/libpg-query.js'),
  18: () => import('libpg-query/wasm/libpg-query.js'),
} satisfies Record<Major, unknown>

/** Where the compiled parser lies: beside this file in a bundle, else in node_modules. */
export function installedWasm(major: Major): string {
  const beside = join(import.meta.dirname, `libpg-query-${major}.wasm`)
  if (existsSync(beside)) return beside
  return fileURLToPath(import.meta.resolve(`${packages[major]}/wasm/libpg-query.wasm`))
}

const loaded = new Map<string, Promise<Grammar>>()

/** Loads the grammar of `major`, once a process. */
export function loadParser(major: Major, locate: LocateWasm = installedWasm): Promise<Grammar> {
  const wasm = locate(major)
  const key = `${major} ${wasm}`
  const known = loaded.get(key) ?? load(major, wasm, locate)
  loaded.set(key, known)
  return known
}

async function load(major: Major, wasm: string, locate: LocateWasm): Promise<Grammar> {
  const { default: start } = await loaders[major]()
  const api = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly
  const compiled = await api.compile(readFileSync(wasm))
  const starting = withDirname(() =>
    start({
      // Without this the loader looks for the file beside itself, which a bundle has no place for.
      instantiateWasm(imports, receive) {
        const instance = new api.Instance(compiled, imports)
        receive(instance, compiled)
        return instance
      },
      print() {},
      printErr() {},
    }),
  )
  // Only the package of 18 was built with the parser of PL/pgSQL, whose grammar is the same in all three.
  const routines = major === 18 ? undefined : await loadParser(18, locate)
  return grammar(major, await starting, routines)
}

/** The loader reads `__dirname` before it is told where the file is; an ES module bundle has none. */
function withDirname<T>(run: () => T): T {
  const scope = globalThis as { __dirname?: string }
  const before = scope.__dirname
  scope.__dirname = before ?? import.meta.dirname
  try {
    return run()
  } finally {
    if (before === undefined) delete scope.__dirname
  }
}

function grammar(major: Major, wasm: ParserModule, routines: Grammar | undefined): Grammar {
  function withText<T>(text: string, use: (pointer: number) => T): T {
    const bytes = wasm.lengthBytesUTF8(text) + 1
    const pointer = wasm._malloc(bytes)
    try {
      wasm.stringToUTF8(text, pointer, bytes)
      return use(pointer)
    } finally {
      wasm._free(pointer)
    }
  }
  return {
    major,
    parse(sql) {
      // The parser answers nothing at all to a text of blanks.
      if (sql.trim() === '') return { ok: true, statements: [] }
      return withText(sql, (query) => parseResult(wasm, wasm._wasm_parse_query_raw(query)))
    },
    parsePlPgSql: (statement) =>
      routines?.parsePlPgSql(statement) ??
      withText(statement, (query) => {
        const result = wasm._wasm_parse_plpgsql?.(query) ?? 0
        if (result === 0) return undefined
        try {
          const text = wasm.UTF8ToString(result)
          return text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined
        } finally {
          wasm._wasm_free_string(result)
        }
      }),
  }
}

/** struct { char *parse_tree; char *stderr_buffer; PgQueryError *error; }, pointers of four bytes. */
function parseResult(wasm: ParserModule, result: number): RawParse {
  if (result === 0) throw new Error('the SQL parser ran out of memory')
  try {
    const error = wasm.getValue(result + 8, 'i32')
    if (error !== 0) {
      const message = wasm.getValue(error, 'i32')
      const position = wasm.getValue(error + 16, 'i32')
      return {
        ok: false,
        message: message === 0 ? 'syntax error' : wasm.UTF8ToString(message),
        position: Math.max(0, position - 1),
      }
    }
    const tree = JSON.parse(wasm.UTF8ToString(wasm.getValue(result, 'i32'))) as {
      readonly stmts?: readonly RawStatement[]
    }
    return { ok: true, statements: tree.stmts ?? [] }
  } finally {
    wasm._wasm_free_parse_result(result)
  }
}

/** The compiled parser's own loader has no types. */
interface ParserModule {
  _malloc(bytes: number): number
  _free(pointer: number): void
  _wasm_parse_query_raw(query: number): number
  _wasm_free_parse_result(result: number): void
  _wasm_parse_plpgsql?(query: number): number
  _wasm_free_string(text: number): void
  lengthBytesUTF8(text: string): number
  stringToUTF8(text: string, pointer: number, bytes: number): void
  UTF8ToString(pointer: number): string
  getValue(pointer: number, type: 'i32'): number
}

/** The part of WebAssembly that the types of Node leave out. */
interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<object>
  readonly Instance: new (module: object, imports: object) => object
}

type ParserLoader = (options: {
  instantiateWasm(imports: object, receive: (instance: object, module: object) => void): object
  print?: (text: string) => void
  printErr?: (text: string) => void
}) => Promise<ParserModule>

declare module 'libpg-query-16/wasm/libpg-query.js' {
  const load: ParserLoader
  export default load
}
declare module 'libpg-query-17/wasm/libpg-query.js' {
  const load: ParserLoader
  export default load
}
declare module 'libpg-query/wasm/libpg-query.js' {
  const load: ParserLoader
  export default load
}

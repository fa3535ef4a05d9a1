/** The real clock, program runner and HTTP client. Entries hand them to the domain as parameters. */
export { systemClock } from './clock.ts'
export { spawnExec } from './exec.ts'
export type { FetchBounds } from './fetch.ts'
export { boundedFetch } from './fetch.ts'
export { memoryKeeper } from './memory.ts'
export type { ProxyUse } from './proxy.ts'
export { useProxyOf } from './proxy.ts'
export { type TlsIdentity, tlsFetch } from './tls.ts'

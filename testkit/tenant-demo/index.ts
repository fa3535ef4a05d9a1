/** A small service of many tenants on PostgreSQL, with a switch for each way of mixing them up. */
export { demoDocument } from './document.ts'
export { startTenantDemo, type TenantDemo } from './server.ts'
export { type SmallService, smallDocument, startSmallService } from './small.ts'
export { type Leak, leakNames, leaks } from './switches.ts'

/** What others see of a release: who is told, and the figures of delivery. All of it is read from the ledger. */
export * from './delivery/index.ts'
export * from './messages/index.ts'

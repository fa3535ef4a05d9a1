/** How fast and how well a service delivers: the five figures of dora.dev, from the ledger. */
export { commitTimes } from './commits.ts'
export { type CommitTimes, type DeliveryFigures, deliveryFigures, type Period } from './figures.ts'
export { deliveryMarkdown, deliveryRows } from './markdown.ts'
export { type TrainRecord, trainsOf } from './trains.ts'
